"""Runs a transform: reads by scope, applies rules, runs the SQL, checks the result, commits, and accounts for every row."""

from typing import Any, cast

from engine.accounting import accounting
from engine.batch import Batch, compute
from engine.bounds import check_nulls, check_quarantined, check_rows
from engine.commits import confirm, contents_before, contents_of_frame
from engine.contents import NOTED, Contents, noted, numbered
from engine.expectations import judge
from engine.groups import check_groups
from engine.job import Job
from engine.keys import joined_by, key_text, type_of
from engine.meter import phase
from engine.plan_types import RowAccount, TaskAccount, TransformTask
from engine.query_plan import keep_plan
from engine.reads import read_inputs
from engine.rejects import keep_rejects
from engine.tables import Commit, kept_rows
from engine.words import counted


def run_transform(job: Job[TransformTask]) -> TaskAccount:
    """Returns the row account of the task and the version that it committed. A replay only confirms the earlier commit."""
    try:
        return transformed(job)
    finally:
        job.tables.release()


def transformed(job: Job[TransformTask]) -> TaskAccount:
    result = job.committed()
    if result is None:
        with phase("read"):
            reads = read_inputs(job)
        batch = compute(job)
        account = accounting(job.task, reads, batch)
        check_groups(job, {table: read.parts for table, read in reads.items()})
        with phase("check"):
            nulls = batch.nulls
            passed = within_bounds(job, account, batch, nulls)
            changes = merged(job) if how(job) == "merge" else None
            judged = judge(job, batch.kept.rows, lambda: table_after(job, changes))
        measures = {"read": account["read"], "quarantined": sum(account["quarantined"].values())}
        result = {
            **account,
            "warnings": [*passed, *undecided(job, batch), *judged.warnings],
            "measures": {**measures, "rows": batch.kept.rows, "nulls": nulls},
        }
        if judged.unjudged:
            result["unjudged"] = judged.unjudged
        with phase("write"):
            keep_rejects(job, reads, batch)
            publish(job, batch, changes, result)
    else:
        # The earlier attempt may have died before it confirmed its commit.
        with phase("write"):
            confirm_replayed(job, result)
    shown = {name: value for name, value in result.items() if name != NOTED}
    consumed = {read["table"]: read["to"] for read in result["reads"]}
    version = job.tables.version(job.path)
    # A cast, because the note of the commit is JSON, perhaps written by an older engine.
    return cast(TaskAccount, {**shown, "consumed": consumed, "version": version, "rewritten": how(job) != "append"})


def within_bounds(job: Job[TransformTask], account: RowAccount, batch: Batch, nulls: dict[str, int]) -> list[str]:
    before = job.tables.rows(job.path) if job.full and job.tables.exists(job.path) else None
    return [
        *check_quarantined(job, account["read"], account["quarantined"]),
        *check_nulls(job, batch.kept.rows, nulls),
        *check_rows(job, before, batch.kept.rows),
    ]


def undecided(job: Job[TransformTask], batch: Batch) -> list[str]:
    """A warning of rows that were dropped in favour of a row of the same key, with nothing to say which of them is right."""
    if batch.arbitrary == 0:
        return []
    name, latest = job.task["name"], ", ".join(job.task["latestBy"])
    rows = f"{counted(batch.arbitrary, 'row')} of {name} had the key of another row, but other values"
    if latest:
        return [f"{rows} and the same {latest}; one of them was kept: add a column to latestBy that tells them apart"]
    return [f"{rows}; one of them was kept, not always the latest: add latestBy to {name}"]


def how(job: Job[TransformTask]) -> str:
    if job.full:
        return "overwrite"
    return "merge" if any(isinstance(read["scope"], dict) for read in job.task["reads"]) else "append"


def publish(job: Job[TransformTask], batch: Batch, merge: str | None, result: dict[str, Any]) -> None:
    """Commit the kept rows together with their account and the table's contents, and confirm the commit.

    `merge`: the query for the rows of a merge; None for other commits.
    """
    task = job.task
    changes = None if merge is None else job.sql(merge)
    whole = contents_after(job, batch, changes)
    commit = Commit(
        how(job),
        app=job.app,
        sequence=job.work["sequence"],
        note={**result, NOTED: whole.as_note()},
        key=task["key"],
        partition_by=task["partitionBy"],
    )
    if changes is None:
        job.tables.write_kept(job.path, batch.stored, columns_of(task), commit)
    else:
        keep_plan(job, "the rows to merge", changes)
        job.tables.write(job.path, changes, commit)
    confirm(job, job.path, commit, batch.kept, whole, task["columns"], numbered(task))


def columns_of(task: TransformTask) -> list[str]:
    return [*(["_row"] if numbered(task) else []), *(column["name"] for column in task["columns"])]


def table_after(job: Job[TransformTask], changes: str | None) -> str:
    """A query for the table as it will be after the commit. `changes`: the query for the rows of a merge; None for other commits."""
    names = columns_of(job.task)
    listed = ", ".join(f"`{name}`" for name in names)
    if how(job) == "overwrite":
        return kept_rows("_batch", names)
    if changes is None:
        job.tables.frame(job.path).createOrReplaceTempView("_target")
        return f"SELECT {listed} FROM _target UNION ALL {kept_rows('_batch', names)}"
    staying = ", ".join(f"t.`{name}`" for name in names)
    return (
        f"SELECT {staying} FROM _target t LEFT ANTI JOIN ({changes}) c ON {same_key(job.task, 't', 'c')} "
        f"UNION ALL SELECT {listed} FROM ({changes}) WHERE NOT _delete"
    )


def merged(job: Job[TransformTask]) -> str:
    """A query for the rows of a merge. `_delete` is true for a key to delete: one that was touched and is no longer in the batch."""
    task, names = job.task, columns_of(job.task)
    affected = next(read["scope"]["affected"] for read in task["reads"] if isinstance(read["scope"], dict))
    job.tables.frame(job.path).createOrReplaceTempView("_target")
    rows = kept_rows("_batch", names)
    deleted = (
        f"SELECT {', '.join(f't.`{name}`' for name in names)}, true AS _delete FROM _target t "
        f"LEFT SEMI JOIN _touched u ON {key_text(f't.`{affected}`', type_of(task['columns'], affected))} = u.key "
        f"LEFT ANTI JOIN ({rows}) k ON {same_key(task, 't', 'k')}"
    )
    return f"SELECT *, false AS _delete FROM ({rows}) UNION ALL {deleted}"


def contents_after(job: Job[TransformTask], batch: Batch, changes: Any) -> Contents:
    """The contents expected after the commit: those before, minus the rows that a merge replaces or deletes, plus the kept rows."""
    if how(job) == "overwrite":
        return batch.kept
    task = job.task
    before = contents_before(job, job.path, task["columns"], numbered(task))
    if changes is None:
        return before + batch.kept
    changes.createOrReplaceTempView("_changes")
    replaced = job.sql(f"SELECT t.* FROM _target t LEFT SEMI JOIN _changes c ON {same_key(task, 't', 'c')}")
    return before - contents_of_frame(job, replaced, task["columns"], numbered(task)) + batch.kept


def confirm_replayed(job: Job[TransformTask], result: dict[str, Any]) -> None:
    whole = noted(result)
    if whole is not None:
        commit = Commit("merge", job.app, job.work["sequence"])
        confirm(job, job.path, commit, whole, whole, job.task["columns"], numbered(job.task))


def same_key(task: TransformTask, a: str, b: str) -> str:
    key = [(f"`{name}`", type_of(task["columns"], name)) for name in task["key"]]
    return " AND ".join(f"{joined_by(f'{a}.{name}', type)} = {joined_by(f'{b}.{name}', type)}" for name, type in key)
