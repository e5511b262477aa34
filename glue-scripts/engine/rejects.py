"""The rejects of a transform: rows that failed a rule, as they were read, go to its quarantine table."""

from collections.abc import Mapping

from engine.batch import Batch
from engine.job import Job
from engine.reads import Taken
from engine.tables import Commit


def keep_rejects(job: Job, taken: Mapping[str, Taken], batch: Batch) -> None:
    """Rows that failed a rule, as they were read, and rows that broke the contract, as they would have been written."""
    parts = [t.rejects for t in taken.values() if t.rejects is not None]
    if batch.bad:
        parts.append("SELECT _bad AS _rule, to_json(struct(*)) AS _raw, _row FROM _batch WHERE _bad IS NOT NULL")
    path = job.lake.quarantine(job.task["name"])
    exists = job.tables.exists(path)
    if not parts and not (job.full and exists):
        return
    rows = " UNION ALL ".join(parts) or "SELECT '' AS _rule, '' AS _raw, CAST(0 AS BIGINT) AS _row WHERE 1 = 0"
    frame = job.sql(
        f"SELECT '{job.task['name']}' AS _task, _rule, concat('fails ', _rule) AS _reason, _raw, _row, "
        f"CAST(NULL AS STRING) AS _source_file, '{job.work['run']}' AS _run_id, "
        f"CAST('{job.work['startedAt']}' AS TIMESTAMP) AS _rejected_at, false AS _delete FROM ({rows})"
    )
    app, sequence = f"{job.app}/quarantine", job.work["sequence"]
    if job.full or not exists:
        job.tables.write(path, frame.drop("_delete"), Commit("overwrite", app, sequence))
    else:
        # A key that was touched again brings its old rejects along: they are known by row and rule.
        job.tables.write(path, frame, Commit("merge", app, sequence, key=["_row", "_rule"]))
