"""What a reader has to say of a file beside its rows."""

from dataclasses import dataclass, field


@dataclass
class FileNotes:
    #: Columns or keys of the file that the definition does not list. Of JSON, those of the first lines.
    unlisted: list[str] = field(default_factory=list)
    #: Declared columns that the file lacks, and may.
    absent: list[str] = field(default_factory=list)
