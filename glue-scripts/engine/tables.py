"""The table adapter: how Delta tables are read and committed. Only here and in `session*.py` does it matter which engine runs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from engine.faults import Fault
from engine.foreign_errors import repeats_a_key
from engine.handed import Handed
from engine.plan_types import IngestTask, WorkFile


@dataclass(frozen=True)
class Commit:
    """How rows become a new version of a table, and under which name the commit can be found again."""

    #: `overwrite` the table, `append` to it, `replace` the rows of `files`, or `merge` by `key`.
    how: str
    #: Transaction id: replaying a commit of the same app and sequence leaves the table as it is.
    app: str
    sequence: int
    #: Carried in the commit itself, so that a replay can report what the first try did.
    note: dict[str, Any] = field(default_factory=dict)
    key: Sequence[str] = ()
    files: Sequence[str] = ()
    partition_by: Sequence[str] = ()


@dataclass(frozen=True)
class Stored:
    """A frame that was computed once and can be read many times."""

    frame: Any
    #: The folder of Parquet that holds it; None where the engine holds it itself.
    folder: str | None = None


class Tables(Protocol):
    #: Whether an ingest may run while another task does.
    ingests_beside: bool
    #: In how many parts of its rows, of few rows, an aggregate is counted again: at most `groups.PARTS`.
    parts: int

    def settle_in(self, root: str) -> None:
        """Called once, before anything below a root is read or written. Raises MR224 where no table can lie there."""

    def exists(self, path: str) -> bool: ...

    def version(self, path: str) -> int: ...

    def identity(self, path: str) -> str:
        """Delta's id of the table: another table of the same name has another."""

    def extent(self, path: str) -> tuple[int, int]:
        """Files of the newest version, and their bytes."""

    def rows(self, path: str) -> int:
        """Rows of the newest version, from the log alone where it can be."""

    def frame(self, path: str) -> Any:
        """The newest version as a DataFrame."""

    def changes(self, path: str, columns: Sequence[str], since: int) -> Any:
        """A frame of these columns of each row that came, went or changed after version `since`: as it was, and as it is."""

    def feed(self, path: str, columns: Sequence[str], since: int) -> Any:
        """The changes after version `since`: these columns, `_change_type` and `_commit_version`, in no order."""

    def appended(self, path: str, since: int) -> Any:
        """A frame of the rows that came after version `since`."""

    def landed(self, path: str, version: int) -> Any:
        """A frame of the rows that came with this version, which is the newest."""

    def arrow(self, path: str) -> pa.Table:
        """All rows of the newest version, in this process."""

    def materialise(self, frame: Any) -> Stored:
        """Compute a frame once. Raises where it fails on a row."""

    def compute(self, frame: Any) -> None:
        """Compute all rows of a frame for nothing but whether that fails."""

    def write(self, path: str, frame: Any, commit: Commit) -> int:
        """Commit a frame, return the version. A merge takes rows with `_delete`, which says whether the key goes."""

    def write_kept(self, path: str, batch: Stored, columns: Sequence[str], commit: Commit) -> int:
        """Commit the rows of a batch without a `_bad` and of `_rank` 1, return the version. Not for a merge."""

    def ingest(
        self,
        path: str,
        rejects: str,
        task: IngestTask,
        files: list[WorkFile],
        stamps: dict[str, Any],
        commit: Commit,
        account: Callable[[Handed], dict[str, Any]],
    ) -> dict[str, Any]:
        """Read files and commit good rows and rejects. Returns what `account` makes of what the readers handed on.

        That goes into the commit. MR320 where the readers did not hand on the records of a file.
        """

    def committed(self, path: str, app: str, sequence: int) -> dict[str, Any] | None:
        """The note of the commit made under this id, if there is one. MR310 where the table knows a later sequence of the app."""


@contextmanager
def one_row_a_key(path: str, commit: Commit) -> Iterator[None]:
    """Raises MR329 where a merge within finds a key twice among its rows; both engines refuse it and commit nothing."""
    try:
        yield
    except Exception as failure:
        if not repeats_a_key(failure):
            raise
        message = f"the rows to merge have a key ({', '.join(commit.key)}) more than once; nothing was committed"
        raise Fault("MR329", path, message, "this is a fault of Millrace: report it") from None


def kept(view: str, columns: Sequence[str]) -> str:
    """The rows of a batch that its contract and its key keep."""
    return f"SELECT {', '.join(f'`{name}`' for name in columns)} FROM {view} WHERE _bad IS NULL AND _rank = 1"


def overtaken(path: str, app: str, sequence: int, known: int) -> Fault:
    """Under a number that a table knows, or below it, Delta takes a commit for one that it has: its rows would be left out."""
    message = f"the table knows run number {known} of {app}, and this run has {sequence}"
    return Fault("MR310", path, message, f"run again: the bookmarks continue from {known + 1}")
