"""Confirms a commit: reads the table and its log back, and compares them with what was meant to be committed."""

from collections.abc import Sequence
from typing import Any

from engine.cell_hash import contents_of
from engine.contents import Contents, summed, sums
from engine.delta_log import changed_by_others, commit_of, files_added_by, live_files, rows_at
from engine.dialect.tokens import quoted
from engine.faults import Fault
from engine.few_rows import Having, few_rows
from engine.job import Job
from engine.plan_types import Field, Task
from engine.tables import Commit
from engine.upstream import REBUILD, logged_contents
from engine.words import counted

#: The cells of a reject that its quarantine table holds.
QUARANTINED: list[Field] = [{"name": name, "type": "string"} for name in ("_rule", "_reason", "_raw", "_source_file")]
ROW_NUMBER: Field = {"name": "_row", "type": "bigint"}

Columns = Sequence[Field]


def contents_of_table(job: Job[Task], path: str, columns: Columns, numbered: bool) -> Contents:
    """The contents of the newest version of a table, from its rows. Empty if there is no table."""
    if not job.tables.exists(path):
        return Contents(0, 0 if numbered else None, 0)
    return contents_of_rows(job, path, columns, numbered)


def contents_of_rows(
    job: Job[Task], path: str, columns: Columns, numbered: bool, only_added: bool = False, having: Having | None = None
) -> Contents:
    """The contents of some rows of the newest version of a table: those that it added, or those that meet a condition."""
    version = job.tables.version(path)
    files = files_added_by(path, version) if only_added else live_files(path, version)
    rows = few_rows(path, files, [*([ROW_NUMBER] if numbered else []), *columns], having)
    if rows is not None:
        return contents_of(rows, columns, numbered)
    frame = job.tables.added_by(path, version) if only_added else job.tables.frame(path)
    if having is not None:
        frame = frame.where(f"{having.column} IN ({', '.join(map(quoted, having.texts))})")
    return contents_of_frame(job, frame, columns, numbered)


def contents_of_frame(job: Job[Task], frame: Any, columns: Columns, numbered: bool) -> Contents:
    found = summed(job.session.arrow(frame.selectExpr(*sums(columns, numbered))).to_pylist())
    return found if numbered else Contents(found.rows, None, found.cells)


def contents_before(job: Job[Task], path: str, columns: Columns, numbered: bool) -> Contents:
    """The contents of a table before a commit that keeps rows: as its last commit notes them, else from its rows. MR335."""
    if job.tables.exists(path):
        refuse_foreign_changes(job, path)
        logged = logged_contents(path, job.tables.version(path))
        if logged is not None and logged.cells is not None:
            return logged
    return contents_of_table(job, path, columns, numbered)


def confirm(
    job: Job[Task], path: str, commit: Commit, added: Contents, whole: Contents, columns: Columns, numbered: bool
) -> None:
    """MR335 if another program changed rows that the commit keeps, MR326 if the log has other rows than were to be committed, MR321
    if the table has.

    `added` are the rows that the commit was to add, `whole` those that the table should hold now. After an append only the added rows
    are read back.
    """
    if commit.how != "overwrite":
        refuse_foreign_changes(job, path)
    version = job.tables.version(path)
    about = commit_of(path, version)
    if about is not None and about.by.get(commit.app) == commit.sequence and commit.how in ("overwrite", "append"):
        refuse_other_rows(job, path, version, about.rows, added.rows)
    refuse_other_rows(job, path, version, rows_at(path, [version])[version], whole.rows)
    only_added = commit.how == "append"
    found = contents_of_rows(job, path, columns, numbered, only_added)
    expected = added if only_added else whole
    if found.differs(expected):
        message = f"version {version} has {counted(found.rows, 'row')}, and {expected.rows:,} were to be committed"
        if found.rows == expected.rows:
            message += ", but not the same rows: some were lost and as many were doubled, or a cell changed"
        raise Fault("MR321", path, message, REBUILD.format(job.task["name"]))


def refuse_foreign_changes(job: Job[Task], path: str) -> None:
    """MR335 if another program has changed rows of a table since the run claimed its work: a later claim would not look behind the
    run's own commit. Only for tables of which the run keeps rows.
    """
    if job.item.get("rebuild"):
        return
    if (change := changed_by_others(path, job.work["pipeline"], job.work["sequence"])) is not None:
        message = f"another program changed the table while this run worked ({change})"
        raise Fault("MR335", path, message, "run again: the next run builds the table again")


def refuse_other_rows(job: Job[Task], path: str, version: int, logged: int, expected: int) -> None:
    if logged != expected:
        message = f"the log of version {version} has {counted(logged, 'row')}, and {expected:,} were to be committed"
        raise Fault("MR326", path, message, REBUILD.format(job.task["name"]))


def confirm_rejects(job: Job[Task], rejected: Contents) -> None:
    """MR335 if another program changed the quarantine table, MR321 if it does not hold exactly the rejects of this run."""
    path = job.lake.quarantine(job.task["name"])
    found = Contents(0, 0, 0)
    if job.tables.exists(path):
        if not job.full:
            refuse_foreign_changes(job, path)
        of_run = Having("_run_id", [job.work["run"]])
        found = contents_of_rows(job, path, QUARANTINED, numbered=True, having=of_run)
    if found.differs(rejected):
        message = (
            f"the quarantine table has {counted(found.rows, 'row')} of this run, and {rejected.rows:,} were rejected"
        )
        if found.rows == rejected.rows:
            message += ", but not the same rows"
        raise Fault("MR321", path, message, REBUILD.format(job.task["name"]))
