"""What the log of an upstream table says was written there, beside what its reader read. A gap fails the task before it commits."""

from dataclasses import dataclass

from engine.contents import Contents, noted, numbered, summed, sums
from engine.delta_log import note_at, rows_at
from engine.faults import Fault
from engine.job import Job
from engine.plan_types import IngestTask, Read, TransformTask
from engine.words import counted

#: One thing to do where tables and accounts disagree: a full run of what wrote the table makes both anew.
REBUILD = "run with --force {0}, which builds the table anew"


@dataclass(frozen=True)
class Claim:
    """What a read is to give: rows `since` a version `to` another; all rows where `since` is None."""

    table: str
    since: int | None
    to: int
    #: Rows that the log says are there to be read; of scope `affected`, in the whole table.
    upstream: Contents
    #: Rows more, or fewer, than at `since`; None where the log has forgotten that version.
    grown: int | None


def claim_of(job: Job[TransformTask], read: Read) -> Claim:
    """Made before anything is read: the version that is looked up here is the one that the reader has taken in afterwards."""
    table = read["table"]
    path = job.upstream_path(table)
    to = job.tables.version(path)
    since = None if job.full or read["scope"] == "all" else int(job.item["since"][table])
    now = held(path, to)
    if now is None:
        message = f"the log does not hold version {to}, which is the newest"
        raise Fault("MR327", path, message, "the table is damaged: " + REBUILD.format(table))
    if since is None:
        return Claim(table, None, to, now, None)
    then = held(path, since) if since < to else now
    grown = None if then is None else now.rows - then.rows
    if read["scope"] == "new":
        if then is None:
            message = f"the log has forgotten version {since}, after which {job.task['name']} reads on"
            raise Fault("MR327", path, message, REBUILD.format(job.task["name"]))
        return Claim(table, since, to, now - then, grown)
    return Claim(table, since, to, now, grown)


def held(path: str, version: int) -> Contents | None:
    """What the log says that a version holds. None where it has forgotten that version."""
    rows = rows_at(path, [version]).get(version)
    if rows is None:
        return None
    said = noted(note_at(path, version))
    if said is None:
        return Contents(rows)
    if said.rows != rows:
        message = f"version {version} has {counted(rows, 'row')}, and its commit says {said.rows:,}"
        raise Fault("MR327", path, message, "another program wrote to this table: build it anew with --force")
    return said


def check_read(job: Job[TransformTask], claim: Claim, taken: Contents, key: str | None) -> int | None:
    """MR323 where what was read is not what the log says; MR324, MR327 where a read by keys leaves out a row that changed.

    `key` is SQL for the text of the key of a read by keys. Of such a read, returns how many rows came or changed since the last one.
    """
    if key is not None and claim.since is not None:
        check_split(job, claim, taken, key)
        return check_changed(job, claim)
    if taken.differs(claim.upstream):
        raise gap(job, claim, taken, claim.upstream)
    return None


def check_split(job: Job[TransformTask], claim: Claim, taken: Contents, key: str) -> None:
    """The rows in scope and those out of it are all rows of the table, and the reader has the first: by another query than its own."""
    table = job.table(claim.table)
    keys = "(SELECT DISTINCT key AS _touched FROM _touched)"
    whole = f"(SELECT *, {key} AS _key_text FROM _whole_{claim.table})"
    parts = job.rows(
        f"SELECT _in_scope, {', '.join(sums(table['columns'], numbered(table)))} FROM (SELECT t.*, k._touched IS NOT NULL "
        f"AS _in_scope FROM {whole} t LEFT JOIN {keys} k ON t._key_text = k._touched) GROUP BY _in_scope"
    )
    inside, outside = (summed([row for row in parts if row["_in_scope"] is flag]) for flag in (True, False))
    if (inside + outside).differs(claim.upstream):
        raise gap(job, claim, inside + outside, claim.upstream)
    if taken.differs(inside):
        raise gap(job, claim, taken, inside)


def check_changed(job: Job[TransformTask], claim: Claim) -> int:
    """Each row that came or changed since the last read, and is still there, is in scope. Returns how many there are."""
    assert claim.since is not None
    table = job.table(claim.table)
    columns = ["_row"] if table["kind"] == "ingest" or numbered(table) else table["key"]
    feed = job.tables.feed(job.upstream_path(claim.table), columns, claim.since)
    feed.createOrReplaceTempView(f"_feed_{claim.table}")
    came = "CASE WHEN _change_type IN ('insert', 'update_postimage') THEN 1 ELSE 0 END"
    job.sql(
        f"SELECT {row_number(table)}, max(_commit_version * 2 + {came}) % 2 AS _there, sum(2 * {came} - 1) AS _net "
        f"FROM _feed_{claim.table} GROUP BY {', '.join(f'`{name}`' for name in columns)}"
    ).createOrReplaceTempView(f"_moved_{claim.table}")
    [moved] = job.rows(
        f"SELECT coalesce(sum(_there), 0) AS there, coalesce(sum(_net), 0) AS net FROM _moved_{claim.table}"
    )
    if claim.grown is not None and moved["net"] != claim.grown:
        message = f"the change feed since version {claim.since} adds {counted(moved['net'], 'row')}, and the log adds {claim.grown:,}"
        raise Fault("MR327", job.upstream_path(claim.table), message, REBUILD.format(claim.table))
    [left] = job.rows(
        f"SELECT count(*) AS n, min(m._row) AS first FROM _moved_{claim.table} m LEFT ANTI JOIN "
        f"(SELECT {row_number(table)} FROM _scoped_{claim.table}) s ON m._row = s._row WHERE m._there = 1"
    )
    if left["n"]:
        message = (
            f"{job.task['name']} did not read {left['n']:,} of {counted(moved['there'], 'row')} of {claim.table} that came or "
            f"changed since version {claim.since}, such as _row {left['first']}"
        )
        raise Fault("MR324", f"{job.task['name']}.reads.{claim.table}", message, REBUILD.format(job.task["name"]))
    return int(moved["there"])


def row_number(task: IngestTask | TransformTask) -> str:
    """`_row` as the task's table has it; an aggregate has none, so its key stands for it."""
    if task["kind"] == "ingest" or numbered(task):
        return "_row"
    # The table's name too: a transform may read two aggregates of one key.
    key = ", ".join(f"`{name}`" for name in task["key"])
    return f"xxhash64('{task['name']}', {key}) AS _row"


def gap(job: Job[TransformTask], claim: Claim, taken: Contents, upstream: Contents) -> Fault:
    versions = f"at version {claim.to}" if claim.since is None else f"from version {claim.since} to {claim.to}"
    message = f"{job.task['name']} read {counted(taken.rows, 'row')} of {claim.table}, whose log says {upstream.rows:,} {versions}"
    if taken.rows == upstream.rows:
        message += ", but not the same ones: some were lost and as many doubled, or a cell was changed"
    return Fault("MR323", f"{job.task['name']}.reads.{claim.table}", message, REBUILD.format(claim.table))
