"""A transform: read by scope, apply the rules, run the SQL, hold the result to its contract, commit, account for every row."""

from collections.abc import Mapping
from typing import Any

from engine.accounting import accounting
from engine.batch import compute
from engine.expectations import judge, warnings
from engine.lake import Lake
from engine.reads import take
from engine.rejects import keep_rejects
from engine.session import Session
from engine.sql import arguments
from engine.tables import Commit, Tables


def run_transform(
    session: Session,
    tables: Tables,
    lake: Lake,
    task: dict[str, Any],
    item: Mapping[str, Any],
    upstream: Mapping[str, dict[str, Any]],
    work: Mapping[str, Any],
) -> dict[str, Any]:
    """Returns the accounting of the task and the version it committed."""
    args = arguments(work["parameters"], task)
    taken = take(session, tables, lake, task, item, upstream, args)
    batch = compute(session, tables, task, args)
    account = accounting(task, taken, batch)
    judge(session, task, args)
    keep_rejects(session, tables, lake, task, item, taken, batch, work)
    result = {**account, "warnings": warnings(session, task, args)}
    version = publish(session, tables, lake, task, item, work, result)
    return {**result, "version": version, "rewritten": how(task, item) != "append"}


def how(task: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    if item["mode"] == "full":
        return "overwrite"
    return "merge" if any(isinstance(r["scope"], dict) for r in task["reads"]) else "append"


def publish(
    session: Session,
    tables: Tables,
    lake: Lake,
    task: Mapping[str, Any],
    item: Mapping[str, Any],
    work: Mapping[str, Any],
    result: dict[str, Any],
) -> int:
    """Commit the rows that are kept, with the account of them in the same commit."""
    owned = ["_row"] if any(r["use"] == "rows" for r in task["reads"]) else []
    columns = ", ".join(f"`{name}`" for name in [*owned, *(c["name"] for c in task["columns"])])
    kept = f"SELECT {columns} FROM _batch WHERE _bad IS NULL AND _rank = 1"
    path = lake.table(task["layer"], task["name"])
    commit = Commit(
        how(task, item),
        app=f"{work['pipeline']}/{task['name']}",
        sequence=work["sequence"],
        note=result,
        key=task["key"],
        partition_by=task["partitionBy"],
    )
    if commit.how != "merge":
        return tables.write(path, session.spark.sql(kept), commit)
    affected = next(r["scope"]["affected"] for r in task["reads"] if isinstance(r["scope"], dict))
    tables.frame(path).createOrReplaceTempView("_target")
    key = " AND ".join(f"t.`{name}` = k.`{name}`" for name in task["key"])
    gone = (
        f"SELECT {', '.join(f't.`{name}`' for name in [*owned, *(c['name'] for c in task['columns'])])}, true AS _delete "
        f"FROM _target t LEFT SEMI JOIN _touched u ON trim(CAST(t.`{affected}` AS STRING)) = u.key "
        f"LEFT ANTI JOIN ({kept}) k ON {key}"
    )
    return tables.write(path, session.spark.sql(f"SELECT *, false AS _delete FROM ({kept}) UNION ALL {gone}"), commit)
