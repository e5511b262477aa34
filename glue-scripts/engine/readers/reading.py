"""The arguments of a reader besides the bytes of the file."""

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
    """The reading of one file."""

    #: The format of the source with its options, from the plan.
    source: S
    #: The columns to return.
    columns: Sequence[Wanted]
    #: The identity of the file, which is added to its rows.
    rows: FileRows
    #: Receives notes about the file.
    notes: FileNotes
    #: The approximate number of bytes to process at a time.
    block_size: int

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]
