"""A transform: read by scope, apply the rules, run the SQL, hold the result to its contract, commit, account for every row."""

from typing import Any

from engine.accounting import accounting
from engine.batch import Batch, compute
from engine.expectations import judge, warnings
from engine.job import Job
from engine.meter import phase
from engine.query_plan import keep_plan
from engine.reads import take
from engine.rejects import keep_rejects
from engine.tables import Commit, kept


def run_transform(job: Job) -> dict[str, Any]:
    """Returns the accounting of the task and the version it committed."""
    result = job.committed()
    if result is None:
        with phase("read"):
            taken = take(job)
        batch = compute(job)
        account = accounting(job.task, taken, batch)
        with phase("check"):
            judge(job)
            warned = warnings(job)
        result = {**account, "warnings": warned}
        with phase("write"):
            keep_rejects(job, taken, batch)
            publish(job, batch, result)
    return {**result, "version": job.tables.version(job.path), "rewritten": how(job) != "append"}


def how(job: Job) -> str:
    if job.full:
        return "overwrite"
    return "merge" if any(isinstance(read["scope"], dict) for read in job.task["reads"]) else "append"


def publish(job: Job, batch: Batch, result: dict[str, Any]) -> None:
    """Commit the rows that are kept, with the account of them in the same commit."""
    task = job.task
    owned = ["_row"] if any(read["use"] == "rows" for read in task["reads"]) else []
    names = [*owned, *(column["name"] for column in task["columns"])]
    commit = Commit(
        how(job),
        app=job.app,
        sequence=job.work["sequence"],
        note=result,
        key=task["key"],
        partition_by=task["partitionBy"],
    )
    if commit.how != "merge":
        job.tables.write_kept(job.path, batch.stored, names, commit)
        return
    affected = next(read["scope"]["affected"] for read in task["reads"] if isinstance(read["scope"], dict))
    job.tables.frame(job.path).createOrReplaceTempView("_target")
    rows = kept("_batch", names)
    key = " AND ".join(f"t.`{name}` = k.`{name}`" for name in task["key"])
    # A key that was touched and is not in the batch any more goes.
    gone = (
        f"SELECT {', '.join(f't.`{name}`' for name in names)}, true AS _delete FROM _target t "
        f"LEFT SEMI JOIN _touched u ON trim(CAST(t.`{affected}` AS STRING)) = u.key "
        f"LEFT ANTI JOIN ({rows}) k ON {key}"
    )
    changes = job.sql(f"SELECT *, false AS _delete FROM ({rows}) UNION ALL {gone}")
    keep_plan(job, "the rows to merge", changes)
    job.tables.write(job.path, changes, commit)
