"""The rejects of a transform: rows that failed a rule, as they were read, go to its quarantine table."""

from collections.abc import Mapping
from typing import Any

from engine.batch import Batch
from engine.lake import Lake
from engine.reads import Taken
from engine.session import Session
from engine.tables import Commit, Tables


def keep_rejects(
    session: Session,
    tables: Tables,
    lake: Lake,
    task: Mapping[str, Any],
    item: Mapping[str, Any],
    taken: Mapping[str, Taken],
    batch: Batch,
    work: Mapping[str, Any],
) -> None:
    """Rows that failed a rule, as they were read, and rows that broke the contract, as they would have been written."""
    parts = [t.rejects for t in taken.values() if t.rejects is not None]
    if batch.bad:
        parts.append("SELECT _bad AS _rule, to_json(struct(*)) AS _raw, _row FROM _batch WHERE _bad IS NOT NULL")
    path = lake.quarantine(task["name"])
    full = item["mode"] == "full"
    if not parts and not (full and tables.exists(path)):
        return
    rows = " UNION ALL ".join(parts) or "SELECT '' AS _rule, '' AS _raw, CAST(0 AS BIGINT) AS _row WHERE 1 = 0"
    frame = session.spark.sql(
        f"SELECT '{task['name']}' AS _task, _rule, concat('fails ', _rule) AS _reason, _raw, _row, "
        f"CAST(NULL AS STRING) AS _source_file, '{work['run']}' AS _run_id, "
        f"CAST('{work['startedAt']}' AS TIMESTAMP) AS _rejected_at, false AS _delete FROM ({rows})"
    )
    app = f"{work['pipeline']}/{task['name']}/quarantine"
    if full or not tables.exists(path):
        tables.write(path, frame.drop("_delete"), Commit("overwrite", app, work["sequence"]))
    else:
        # A key that was touched again brings its old rejects along: they are known by row and rule.
        tables.write(path, frame, Commit("merge", app, work["sequence"], key=["_row", "_rule"]))
