"""Notes of a reader about a file, and the warnings of a run about all files of a source."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

#: The most names in one warning.
MOST = 20


@dataclass
class FileNotes:
    #: Columns or keys of the file that the definition does not list. For JSON, those of the first 100 lines.
    unlisted: list[str] = field(default_factory=list)
    #: Declared columns with `mayLack` that are missing in the file.
    absent: list[str] = field(default_factory=list)


def warnings_of(files: Sequence[FileNotes], unlisted_name: str) -> list[str]:
    """The warnings for all files of a source: MR211 for unlisted columns, MR212 for each column that files lack.

    `unlisted_name`: the plural for named values in the format, such as `columns`.
    """
    warnings = []
    unlisted = [note for note in files if note.unlisted]
    if unlisted:
        names = _shown(dict.fromkeys(name for note in unlisted for name in note.unlisted))
        warnings.append(f"MR211 {unlisted_name} that the definition does not list, in {_of(unlisted, files)}: {names}")
    for name in dict.fromkeys(name for note in files for name in note.absent):
        lacking = [note for note in files if name in note.absent]
        warnings.append(f"MR212 column {name} is missing, and read as null, in {_of(lacking, files)}")
    return warnings


def _of(some: Sequence[FileNotes], files: Sequence[FileNotes]) -> str:
    return f"{len(some):,} of {len(files):,} {'file' if len(files) == 1 else 'files'}"


def _shown(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - MOST:,} more" if len(listed) > MOST else ""
    return ", ".join(listed[:MOST]) + more
