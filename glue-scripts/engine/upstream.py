"""Compares the rows that a task read with the log of the upstream table. A gap fails the task before it commits."""

from dataclasses import dataclass

from engine.contents import Contents, noted, summed, sums
from engine.delta_log import note_at, rows_at
from engine.faults import Fault
from engine.job import Job
from engine.lake import Table
from engine.plan_types import Read, TransformTask
from engine.words import counted

#: The hint if a table and its account disagree. A full run of the task that wrote the table rebuilds both.
REBUILD = "run with --force {0}, which rebuilds the table"


@dataclass(frozen=True)
class ExpectedRead:
    """What a read should return: the rows after version `since` up to version `to`; all rows if `since` is None."""

    table: str
    since: int | None
    to: int
    #: The rows to read according to the log; for scope `affected`, the rows of the whole table.
    upstream: Contents
    #: How many more rows than at `since`, negative if fewer; None if the log no longer holds that version.
    grown: int | None


def expected_read(job: Job[TransformTask], read: Read) -> ExpectedRead:
    """What a read should return. Called before anything is read, so that it fixes the version to read."""
    table = read["table"]
    path = job.upstream_path(table)
    to = job.tables.version(path)
    since = None if job.full or read["scope"] == "all" else int(job.item["since"][table])
    now = logged_contents(path, to)
    if now is None:
        message = f"the log does not hold the newest version, {to}"
        raise Fault("MR327", path, message, "the table is damaged: " + REBUILD.format(table))
    if since is None:
        return ExpectedRead(table, None, to, now, None)
    then = logged_contents(path, since) if since < to else now
    grown = None if then is None else now.rows - then.rows
    if read["scope"] == "new":
        if then is None:
            message = f"the log no longer holds version {since}, from which {job.task['name']} continues"
            raise Fault("MR327", path, message, REBUILD.format(job.task["name"]))
        return ExpectedRead(table, since, to, now - then, grown)
    return ExpectedRead(table, since, to, now, grown)


def logged_contents(path: str, version: int) -> Contents | None:
    """The contents of a version according to the log; None if the log no longer holds it. MR327 if note and files disagree."""
    rows = rows_at(path, [version]).get(version)
    if rows is None:
        return None
    note = noted(note_at(path, version))
    if note is None:
        return Contents(rows)
    if note.rows != rows:
        message = f"version {version} has {counted(rows, 'row')}, and its commit says {note.rows:,}"
        raise Fault("MR327", path, message, "another program wrote to this table: rebuild it with --force")
    return note


def check_read(job: Job[TransformTask], expected: ExpectedRead, taken: Contents, key: str | None) -> int | None:
    """MR323 if the rows read are not those in the log; MR324 or MR327 if a read of affected keys misses a changed row.

    `key` is SQL for the text of the key if this is a read of affected keys. Then the result is the number of rows added or changed
    since the last read; else it is None.
    """
    if key is not None and expected.since is not None:
        check_split(job, expected, taken, key)
        return check_changed(job, expected)
    if taken.differs(expected.upstream):
        raise gap(job, expected, taken, expected.upstream)
    return None


def check_split(job: Job[TransformTask], expected: ExpectedRead, taken: Contents, key: str) -> None:
    """MR323 unless the rows in scope and out of scope are together the whole table, and the read returned those in scope.

    Uses a different query from the one that read them.
    """
    table = job.table(expected.table)
    keys = "(SELECT DISTINCT key AS _touched FROM _touched)"
    whole = f"(SELECT *, {key} AS _key_text FROM _whole_{expected.table})"
    parts = job.rows(
        f"SELECT _in_scope, {', '.join(sums(table.columns, table.numbered))} FROM (SELECT t.*, k._touched IS NOT NULL "
        f"AS _in_scope FROM {whole} t LEFT JOIN {keys} k ON t._key_text = k._touched) GROUP BY _in_scope"
    )
    inside, outside = (summed([row for row in parts if row["_in_scope"] is flag]) for flag in (True, False))
    if (inside + outside).differs(expected.upstream):
        raise gap(job, expected, inside + outside, expected.upstream)
    if taken.differs(inside):
        raise gap(job, expected, taken, inside)


def check_changed(job: Job[TransformTask], expected: ExpectedRead) -> int:
    """How many rows were added or changed since the last read and still exist. MR324 if one of them is not in scope."""
    assert expected.since is not None
    table = job.table(expected.table)
    columns = ["_row"] if table.numbered else table.key
    feed = job.tables.feed(job.upstream_path(expected.table), columns, expected.since)
    feed.createOrReplaceTempView(f"_feed_{expected.table}")
    # 1 for a row that the change adds, 0 for one that it takes away. The newest change of a row says whether it still exists.
    added = "CASE WHEN _change_type IN ('insert', 'update_postimage') THEN 1 ELSE 0 END"
    job.sql(
        f"SELECT {row_number(table)}, max(_commit_version * 2 + {added}) % 2 AS _exists, sum(2 * {added} - 1) AS _net "
        f"FROM _feed_{expected.table} GROUP BY {', '.join(f'`{name}`' for name in columns)}"
    ).createOrReplaceTempView(f"_moved_{expected.table}")
    [moved] = job.rows(
        f"SELECT coalesce(sum(_exists), 0) AS existing, coalesce(sum(_net), 0) AS net FROM _moved_{expected.table}"
    )
    if expected.grown is not None and moved["net"] != expected.grown:
        message = (
            f"since version {expected.since} the change feed adds {counted(moved['net'], 'row')}, "
            f"and the log adds {expected.grown:,}"
        )
        raise Fault("MR327", job.upstream_path(expected.table), message, REBUILD.format(expected.table))
    [missed] = job.rows(
        f"SELECT count(*) AS n, min(m._row) AS first FROM _moved_{expected.table} m LEFT ANTI JOIN "
        f"(SELECT {row_number(table)} FROM _scoped_{expected.table}) s ON m._row = s._row WHERE m._exists = 1"
    )
    if missed["n"]:
        message = (
            f"{job.task['name']} did not read {missed['n']:,} of {counted(moved['existing'], 'row')} of {expected.table} that were "
            f"added or changed since version {expected.since}, such as _row {missed['first']}"
        )
        raise Fault("MR324", f"{job.task['name']}.reads.{expected.table}", message, REBUILD.format(job.task["name"]))
    return int(moved["existing"])


def row_number(table: Table) -> str:
    """SQL for `_row`. The rows of an aggregate have none, so a hash of the key stands in for it."""
    if table.numbered:
        return "_row"
    # The hash includes the table's name, because a transform may read two aggregates with the same key.
    key = ", ".join(f"`{name}`" for name in table.key)
    return f"xxhash64('{table.name}', {key}) AS _row"


def gap(job: Job[TransformTask], expected: ExpectedRead, taken: Contents, upstream: Contents) -> Fault:
    versions = (
        f"at version {expected.to}" if expected.since is None else f"from version {expected.since} to {expected.to}"
    )
    read = f"{job.task['name']} read {counted(taken.rows, 'row')} of {expected.table}"
    message = f"{read}, and the table's log has {upstream.rows:,} {versions}"
    if taken.rows == upstream.rows:
        message += ", but not the same rows: some were lost and as many were doubled, or a cell changed"
    return Fault("MR323", f"{job.task['name']}.reads.{expected.table}", message, REBUILD.format(expected.table))
