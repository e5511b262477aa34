"""Writes the rejects of a transform, the rows that failed a rule, to its quarantine table."""

from collections.abc import Mapping

from engine.batch import Batch
from engine.commits import QUARANTINED, confirm_rejects, contents_of_frame
from engine.contents import Contents
from engine.faults import Fault
from engine.job import Job
from engine.plan_types import TransformTask
from engine.reads import MeasuredRead, affected_key
from engine.tables import Commit
from engine.words import counted

#: The columns of a query for rejects. `_key` is the text of the key if the read has scope `affected`, `_source_file` the file if the
#: read is of a source; else they are null.
REJECTED = ("_table", "_key", "_rule", "_raw", "_row", "_source_file")

#: A query with those columns, used if there is no reject.
NO_REJECT = (
    "SELECT * FROM (SELECT '' AS _table, '' AS _key, '' AS _rule, '' AS _raw, CAST(0 AS BIGINT) AS _row, '' AS _source_file) "
    "WHERE 1 = 0"
)


def keep_rejects(job: Job[TransformTask], reads: Mapping[str, MeasuredRead], batch: Batch) -> None:
    """Quarantine the rows that failed a rule, as they were read, and those that broke the contract, as they would have been written.

    The table becomes what a full run would make it: for each affected key, the rejects of this run replace all earlier ones.
    """
    parts = [read.rejects for read in reads.values() if read.rejects is not None]
    if batch.bad:
        parts.append(broken_rows(job, reads))
    path = job.lake.quarantine(job.task["name"])
    exists = job.tables.exists(path)
    if not parts and not exists:
        return
    rejects = " UNION ALL ".join(parts) or NO_REJECT
    today = (
        f"SELECT '{job.task['name']}' AS _task, _table, _key, _rule, concat('fails ', _rule) AS _reason, _raw, _row, "
        f"_source_file, '{job.work['run']}' AS _run_id, CAST('{job.work['startedAt']}' AS TIMESTAMP) AS _rejected_at "
        f"FROM ({rejects})"
    )
    app, sequence = f"{job.app}/quarantine", job.work["sequence"]
    stored = job.tables.materialise(job.sql(today)).frame if parts else job.sql(today)
    stored.createOrReplaceTempView("_today")
    expected = contents_of_frame(job, stored, QUARANTINED, numbered=True) if parts else Contents(0, 0, 0)
    if expected.rows != (rows := stopped(reads, batch)):
        message = (
            f"the rules of {job.task['name']} stop {counted(rows, 'row')}, but {expected.rows:,} would be quarantined"
        )
        raise Fault("MR302", job.task["sqlFile"], message, "this is a bug in Millrace: please report it")
    if job.full or not exists:
        job.tables.write(path, stored, Commit("overwrite", app, sequence))
        confirm_rejects(job, expected)
        return
    follows_key = any(isinstance(read["scope"], dict) for read in job.task["reads"])
    if not parts and not follows_key:
        return
    changes = "SELECT *, false AS _delete FROM _today"
    if follows_key:
        job.tables.frame(path).createOrReplaceTempView("_earlier")
        changes += (
            " UNION ALL SELECT e.*, true AS _delete FROM _earlier e LEFT SEMI JOIN _touched k ON e._key = k.key "
            "LEFT ANTI JOIN _today n ON e._table = n._table AND e._row = n._row AND e._rule = n._rule"
        )
    changed = job.tables.materialise(job.sql(changes)).frame
    if changed.limit(1).count() > 0:
        job.tables.write(path, changed, Commit("merge", app, sequence, key=["_table", "_row", "_rule"]))
        confirm_rejects(job, expected)


def stopped(reads: Mapping[str, MeasuredRead], batch: Batch) -> int:
    """How many rows a rule of a read or of the contract stopped."""
    return sum(sum(read.quarantined.values()) for read in reads.values()) + sum(batch.bad.values())


def broken_rows(job: Job[TransformTask], reads: Mapping[str, MeasuredRead]) -> str:
    """A query for the rows that broke the contract, joined by row number to the read that each came from and its key."""
    origins = []
    for read in job.task["reads"]:
        if read["use"] == "rows":
            table = read["table"]
            key = affected_key(job, read) if isinstance(read["scope"], dict) else "CAST(NULL AS STRING)"
            file = reads[table].file
            origins.append(f"SELECT '{table}' AS _table, {key} AS _key, _row, {file} AS _source_file FROM `{table}`")
    columns = ", ".join(f"`{column['name']}`" for column in job.task["columns"])
    broken = f"SELECT _bad AS _rule, {job.raw(columns)} AS _raw, _row FROM _batch WHERE _bad IS NOT NULL"
    return (
        f"SELECT o._table, o._key, b._rule, b._raw, b._row, o._source_file FROM ({broken}) b "
        f"JOIN ({' UNION ALL '.join(origins)}) o ON o._row = b._row"
    )
