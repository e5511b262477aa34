"""What a reader is given of a file beside its bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.plan_types import Source
from engine.readers.chunk import FileRows
from engine.readers.columns import Wanted
from engine.readers.file_notes import FileNotes

S = TypeVar("S", bound=Source)


@dataclass(frozen=True)
class Reading(Generic[S]):
    """One reading of one file."""

    #: What the plan says of the file's format.
    source: S
    #: The columns to give.
    columns: Sequence[Wanted]
    #: Names the rows.
    rows: FileRows
    #: Takes what is to be said of the file.
    notes: FileNotes
    #: About as many bytes are looked at in one go.
    block_size: int

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]
