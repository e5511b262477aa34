"""What a commit left, read back from the table and its log, beside what was to be committed."""

from collections.abc import Sequence
from typing import Any

from engine.contents import Contents, summed, sums
from engine.delta_log import commit_of, rows_at
from engine.faults import Fault
from engine.job import Job
from engine.plan_types import Field, Task
from engine.tables import Commit
from engine.upstream import REBUILD, held
from engine.words import counted

#: The cells of a reject that its quarantine table has.
QUARANTINED: list[Field] = [{"name": name, "type": "string"} for name in ("_rule", "_reason", "_raw", "_source_file")]

Columns = Sequence[Field]


def contents_of_table(job: Job[Task], path: str, columns: Columns, numbered: bool) -> Contents:
    """What the newest version of a table holds, from its rows; of no table, nothing."""
    if not job.tables.exists(path):
        return Contents(0, 0 if numbered else None, 0)
    return contents_of_frame(job, job.tables.frame(path), columns, numbered)


def contents_of_frame(job: Job[Task], frame: Any, columns: Columns, numbered: bool) -> Contents:
    found = summed(job.session.arrow(frame.selectExpr(*sums(columns, numbered))).to_pylist())
    return found if numbered else Contents(found.rows, None, found.cells)


def contents_before(job: Job[Task], path: str, columns: Columns, numbered: bool) -> Contents:
    """What a table holds before a commit: as its last commit says, else from its rows."""
    if job.tables.exists(path):
        said = held(path, job.tables.version(path))
        if said is not None and said.cells is not None:
            return said
    return contents_of_table(job, path, columns, numbered)


def confirm(
    job: Job[Task], path: str, commit: Commit, came: Contents, whole: Contents, columns: Columns, numbered: bool
) -> None:
    """MR326 where the log has other rows than were to be committed, MR321 where the table has.

    `came` is what was to come, `whole` what the table is to hold. What was only added is read back by itself.
    """
    version = job.tables.version(path)
    about = commit_of(path, version)
    if about is not None and about.by.get(commit.app) == commit.sequence and commit.how in ("overwrite", "append"):
        refuse_other_rows(job, path, version, about.rows, came.rows)
    refuse_other_rows(job, path, version, rows_at(path, [version])[version], whole.rows)
    alone = commit.how == "append"
    frame = job.tables.landed(path, version) if alone else job.tables.frame(path)
    found = contents_of_frame(job, frame, columns, numbered)
    expected = came if alone else whole
    if found.differs(expected):
        message = f"version {version} has other rows than were to be committed: {found.rows:,}, of {expected.rows:,}"
        if found.rows == expected.rows:
            message += ", but not the same ones: some were lost and as many doubled, or a cell was changed"
        raise Fault("MR321", path, message, REBUILD.format(job.task["name"]))


def refuse_other_rows(job: Job[Task], path: str, version: int, logged: int, meant: int) -> None:
    if logged != meant:
        message = f"the log of version {version} has {counted(logged, 'row')}, and {meant:,} were to be committed"
        raise Fault("MR326", path, message, REBUILD.format(job.task["name"]))


def confirm_rejects(job: Job[Task], rejected: Contents) -> None:
    """MR321 where the quarantine table does not hold the rejects of this run, and no others of it."""
    path = job.lake.quarantine(job.task["name"])
    found = Contents(0, 0, 0)
    if job.tables.exists(path):
        rows = job.tables.frame(path).where(f"_run_id = '{job.work['run']}'")
        found = contents_of_frame(job, rows, QUARANTINED, numbered=True)
    if found.differs(rejected):
        message = f"the quarantine table has {counted(found.rows, 'row')} of this run, of {rejected.rows:,} that were rejected"
        if found.rows == rejected.rows:
            message += ", but not the same ones"
        raise Fault("MR321", path, message, REBUILD.format(job.task["name"]))
