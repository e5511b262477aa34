"""The rejects of a transform: rows that failed a rule, as they were read, go to its quarantine table."""

from collections.abc import Mapping

from engine.batch import Batch
from engine.commits import QUARANTINED, confirm_rejects, contents_of_frame
from engine.faults import Fault
from engine.job import Job
from engine.plan_types import TransformTask
from engine.reads import Taken, affected_key
from engine.tables import Commit
from engine.words import counted

#: What a query for rejects gives: the read that each came from, the text of its key where the read is of scope `affected`, the
#: rule that it broke, the row, its number, and its file where the read is of a source.
REJECTED = ("_table", "_key", "_rule", "_raw", "_row", "_source_file")


def keep_rejects(job: Job[TransformTask], taken: Mapping[str, Taken], batch: Batch) -> None:
    """Rows that failed a rule, as they were read, and rows that broke the contract, as they would have been written.

    The table is what a full run would make it: of each key that was touched, today's rejects replace all earlier ones.
    """
    parts = [t.rejects for t in taken.values() if t.rejects is not None]
    if batch.bad:
        parts.append(broken_rows(job, taken))
    path = job.lake.quarantine(job.task["name"])
    exists = job.tables.exists(path)
    if not parts and not exists:
        return
    nothing = "SELECT '' AS _table, '' AS _key, '' AS _rule, '' AS _raw, CAST(0 AS BIGINT) AS _row, '' AS _source_file"
    rejects = " UNION ALL ".join(parts) or f"SELECT * FROM ({nothing}) WHERE 1 = 0"
    today = (
        f"SELECT '{job.task['name']}' AS _task, _table, _key, _rule, concat('fails ', _rule) AS _reason, _raw, _row, "
        f"_source_file, '{job.work['run']}' AS _run_id, CAST('{job.work['startedAt']}' AS TIMESTAMP) AS _rejected_at "
        f"FROM ({rejects})"
    )
    app, sequence = f"{job.app}/quarantine", job.work["sequence"]
    stored = job.tables.materialise(job.sql(today)).frame
    stored.createOrReplaceTempView("_today")
    meant = contents_of_frame(job, stored, QUARANTINED, numbered=True)
    if meant.rows != (rows := stopped(taken, batch)):
        message = f"a rule stops {counted(rows, 'row')} of {job.task['name']}, and {meant.rows:,} would be quarantined"
        raise Fault("MR302", job.task["sqlFile"], message, "this is a fault of Millrace: report it")
    if job.full or not exists:
        job.tables.write(path, stored, Commit("overwrite", app, sequence))
        confirm_rejects(job, meant)
        return
    changes = "SELECT *, false AS _delete FROM _today"
    if any(isinstance(read["scope"], dict) for read in job.task["reads"]):
        job.tables.frame(path).createOrReplaceTempView("_earlier")
        changes += (
            " UNION ALL SELECT e.*, true AS _delete FROM _earlier e LEFT SEMI JOIN _touched k ON e._key = k.key "
            "LEFT ANTI JOIN _today n ON e._table = n._table AND e._row = n._row AND e._rule = n._rule"
        )
    changed = job.tables.materialise(job.sql(changes)).frame
    if changed.limit(1).count() > 0:
        job.tables.write(path, changed, Commit("merge", app, sequence, key=["_table", "_row", "_rule"]))
        confirm_rejects(job, meant)


def stopped(taken: Mapping[str, Taken], batch: Batch) -> int:
    """Rows that a rule of a read or of the contract stopped."""
    return sum(sum(t.quarantined.values()) for t in taken.values()) + sum(batch.bad.values())


def broken_rows(job: Job[TransformTask], taken: Mapping[str, Taken]) -> str:
    """A query for the rows that broke the contract. Their numbers say which read each came from, and with which key."""
    origins = []
    for read in job.task["reads"]:
        if read["use"] == "rows":
            table = read["table"]
            key = affected_key(job, read) if isinstance(read["scope"], dict) else "CAST(NULL AS STRING)"
            file = taken[table].file
            origins.append(f"SELECT '{table}' AS _table, {key} AS _key, _row, {file} AS _source_file FROM `{table}`")
    columns = ", ".join(f"`{column['name']}`" for column in job.task["columns"])
    broken = f"SELECT _bad AS _rule, {job.raw(columns)} AS _raw, _row FROM _batch WHERE _bad IS NOT NULL"
    return (
        f"SELECT o._table, o._key, b._rule, b._raw, b._row, o._source_file FROM ({broken}) b "
        f"JOIN ({' UNION ALL '.join(origins)}) o ON o._row = b._row"
    )
