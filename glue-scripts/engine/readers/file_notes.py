"""What a reader has to say of a file beside its rows, and what a run says of all its files together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

#: Names in one warning.
MOST = 20


@dataclass
class FileNotes:
    #: Columns or keys of the file that the definition does not list. Of JSON, those of the first 100 lines.
    unlisted: list[str] = field(default_factory=list)
    #: Declared columns that the file lacks, and may.
    absent: list[str] = field(default_factory=list)


def warnings_of(files: Sequence[FileNotes], named: str) -> list[str]:
    """MR211 for what no column takes, MR212 for each column that files lack; once for all files of a source.

    `named`: what a file of the format gives a name to, as `columns`.
    """
    warnings = []
    unlisted = [note for note in files if note.unlisted]
    if unlisted:
        names = _shown(dict.fromkeys(name for note in unlisted for name in note.unlisted))
        warnings.append(f"MR211 {named} that the definition does not list, in {_of(unlisted, files)}: {names}")
    for name in dict.fromkeys(name for note in files for name in note.absent):
        lacking = [note for note in files if name in note.absent]
        warnings.append(f"MR212 column {name} is absent, so null, in {_of(lacking, files)}")
    return warnings


def _of(some: Sequence[FileNotes], files: Sequence[FileNotes]) -> str:
    return f"{len(some):,} of {len(files):,} {'file' if len(files) == 1 else 'files'}"


def _shown(names: Iterable[str]) -> str:
    given = list(names)
    more = f" and {len(given) - MOST:,} more" if len(given) > MOST else ""
    return ", ".join(given[:MOST]) + more
