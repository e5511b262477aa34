"""The table adapter: reads and commits Delta tables. Only `tables*.py` and `session*.py` depend on the engine."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from engine.contents import Contents
from engine.faults import Fault
from engine.foreign_errors import repeats_a_key
from engine.lake import Table
from engine.plan_types import Field, IngestTask, WorkFile
from engine.read_account import ReadAccount


@dataclass(frozen=True)
class Commit:
    """How rows become a new version of a table, and the transaction id by which the commit can be found again."""

    #: `overwrite` the table, `append` to it, `replace` the rows of `files`, or `merge` by `key`.
    how: str
    #: Transaction id: replaying a commit with the same app and sequence does not change the table.
    app: str
    sequence: int
    #: Stored in the commit itself, so that a replay can report what the first attempt did.
    note: dict[str, Any] = field(default_factory=dict)
    key: Sequence[str] = ()
    files: Sequence[str] = ()
    partition_by: Sequence[str] = ()


@dataclass(frozen=True)
class Stored:
    """A frame that was computed once and can be read many times."""

    frame: Any
    #: The folder of Parquet files that holds it; None if the engine itself holds it.
    folder: str | None = None


@dataclass(frozen=True)
class Scoring:
    """What to score of a table: its rows without a label."""

    table: Table
    label: str
    #: The columns that the function reads, among them the key.
    columns: Sequence[str]
    key: Sequence[Field]
    #: The columns that it returns, among them the key.
    made: Sequence[Field]
    function: Callable[[pa.Table], pa.Table]


@dataclass(frozen=True)
class Scored:
    """The scored rows, as `write` takes them, and the contents that show whether a row was lost on the way."""

    rows: Any
    #: All rows of the table.
    read: Contents
    #: The keys of its rows without a label.
    key_read: Contents
    #: The rows that the function made, and their keys.
    made: Contents
    key_made: Contents


@dataclass(frozen=True)
class Wanted:
    """What a training reads of a table."""

    table: Table
    label: str
    #: The columns that it needs, among them the label.
    columns: Sequence[Field]


@dataclass(frozen=True)
class Collected:
    """The rows that a training needs, in this process: those columns alone, with and without a label."""

    labelled: pa.Table
    unlabelled: pa.Table
    #: All rows of the table, with all columns.
    read: Contents
    #: What the rows with and without a label must hold together.
    kept: Contents


class Tables(Protocol):
    #: Whether an ingest may run while another task runs.
    ingests_in_parallel: bool
    #: In how many parts an aggregate over few rows is counted again: at most `groups.PARTS`.
    parts: int

    def prepare_root(self, root: str) -> None:
        """Call once, before anything below a root is read or written. Raises MR224 if tables cannot be stored there."""

    def exists(self, path: str) -> bool: ...

    def version(self, path: str) -> int: ...

    def identity(self, path: str) -> str:
        """Delta's id of the table. A recreated table of the same name has a new id."""

    def extent(self, path: str) -> tuple[int, int]:
        """The number of files in the newest version, and their bytes."""

    def rows(self, path: str) -> int:
        """The number of rows in the newest version, from the log alone if possible."""

    def frame(self, path: str) -> Any:
        """The newest version as a DataFrame."""

    def changes(self, path: str, columns: Sequence[str], since: int) -> Any:
        """A frame of these columns of each row added, removed or changed after version `since`. A changed row occurs old and new."""

    def feed(self, path: str, columns: Sequence[str], since: int) -> Any:
        """The changes after version `since`: these columns, `_change_type` and `_commit_version`, in no order."""

    def appended(self, path: str, since: int) -> Any:
        """A frame of the rows added after version `since`."""

    def added_by(self, path: str, version: int) -> Any:
        """A frame of the rows added by this version, which must be the newest."""

    def arrow(self, path: str) -> pa.Table:
        """All rows of the newest version, in this process."""

    def collected(self, path: str, wanted: Wanted) -> Collected:
        """The rows of the newest version for a training. Other columns never occur in this process all at once."""

    def scored(self, path: str, scoring: Scoring) -> AbstractContextManager[Scored]:
        """The scores of the newest version's rows without a label, computed where the rows are, and kept until the context ends."""

    def materialise(self, frame: Any) -> Stored:
        """Compute a frame once and store it. Raises the engine's error if it fails on a row."""

    def release(self) -> None:
        """Call at the end of a task: frees what `materialise` stored for it."""

    def compute(self, frame: Any) -> None:
        """Compute all rows of a frame only to see whether that fails."""

    def write(self, path: str, frame: Any, commit: Commit) -> int:
        """Commit a frame and return the version. The rows of a merge have a boolean `_delete`: whether to delete the key."""

    def write_kept(self, path: str, batch: Stored, columns: Sequence[str], commit: Commit) -> int:
        """Commit the rows of a batch that have no `_bad` and `_rank` 1, and return the version. Not for a merge."""

    def ingest(
        self,
        path: str,
        rejects: str,
        task: IngestTask,
        files: list[WorkFile],
        stamps: dict[str, Any],
        commit: Commit,
        account: Callable[[ReadAccount], dict[str, Any]],
    ) -> dict[str, Any]:
        """Read files, commit good rows and rejects, and return the task's account, which is also stored in the commit.

        `account` makes it from what the readers delivered. MR320 if the readers did not deliver exactly the records of a file.
        """

    def committed(self, path: str, app: str, sequence: int) -> dict[str, Any] | None:
        """The note of the commit with this transaction id; None if there is none. MR310 if the app has committed a later sequence."""


@contextmanager
def one_row_per_key(path: str, commit: Commit) -> Iterator[None]:
    """Raises MR329 if a merge inside finds a key twice among its rows. Both engines then refuse the merge and commit nothing."""
    try:
        yield
    except Exception as failure:
        if not repeats_a_key(failure):
            raise
        message = f"the rows to merge have a key ({', '.join(commit.key)}) more than once; nothing was committed"
        raise Fault("MR329", path, message, "this is a bug in Millrace: please report it") from None


def kept_rows(view: str, columns: Sequence[str]) -> str:
    """A query for the rows of a batch that are to be written: they keep the contract, and each is the one to keep for its key."""
    return f"SELECT {', '.join(f'`{name}`' for name in columns)} FROM {view} WHERE _bad IS NULL AND _rank = 1"


def later_run_committed(path: str, app: str, sequence: int, newest: int) -> Fault:
    """MR310. Delta skips a commit whose transaction number is not above the newest one, so its rows would be lost."""
    message = f"the table already has a commit of {app} with run number {newest}, and this run has number {sequence}"
    return Fault("MR310", path, message, f"run again: the bookmarks then continue from {newest + 1}")
