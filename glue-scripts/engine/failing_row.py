"""Finds the row on which a transform's SQL or a rule fails, by bisection, so that the fault names its file and cells."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from engine.faults import Fault
from engine.foreign_errors import first_line, only_spark_reads
from engine.job import Job
from engine.plan_types import Column, TransformTask
from engine.session import spark_type

#: Longest search, in seconds.
PATIENCE = 120
#: How many characters of a row a message shows.
SHOWN = 300


def sql_fails(job: Job[TransformTask], failure: Exception) -> Fault:
    """The fault for SQL that fails on a row: MR330 if only Spark reads the value, else MR306 with the row and a rule against it."""
    what = f"the SQL of {job.task['name']} fails on a row"
    text = job.lowered(job.task["sql"])
    for read in job.task["reads"]:
        table = read["table"]
        if read["use"] == "lookup":
            continue
        row = found(job, table, lambda: forced(job, text, job.task["columns"]))
        if row is not None:
            column = next((c for c in job.task["columns"] if fails(partial(forced, job, text, [c]))), None)
            return fault(job, f"{what}{shown(table, row)}", failure, rule_for(job, table, column))
    return fault(job, what, failure, "use try_cast or nullif, or reject such rows with a `quarantine` rule")


def rule_fails(job: Job[TransformTask], table: str, flagged: str, failure: Exception) -> Fault:
    """The fault for a rule that fails on a row instead of giving a verdict."""
    text = job.lowered(flagged)
    row = found(job, f"_scoped_{table}", lambda: job.tables.compute(job.sql(text)))
    what = f"a rule of {job.task['name']} on {table} fails on a row{shown(table, row) if row else ''}"
    return fault(job, what, failure, "use try_cast or nullif in the rule")


def fault(job: Job[TransformTask], what: str, failure: Exception, hint: str) -> Fault:
    code = "MR330" if only_spark_reads(failure) else "MR306"
    return Fault(code, job.task["sqlFile"], f"{what}: {first_line(failure)}", hint)


def forced(job: Job[TransformTask], text: str, columns: list[Column]) -> None:
    """Compute these output columns of the SQL for all rows."""
    job.sql(text).createOrReplaceTempView("_tried")
    listed = ", ".join(f"CAST(`{c['name']}` AS {spark_type(c['type'])}) AS `{c['name']}`" for c in columns)
    job.tables.compute(job.sql(f"SELECT {listed} FROM _tried"))


def found(job: Job[TransformTask], view: str, compute: Callable[[], Any]) -> dict[str, Any] | None:
    """The row on which `compute` fails when the view holds only that row; None if there is no such row. Replaces the view."""
    until = time.monotonic() + PATIENCE
    try:
        job.sql(f"SELECT * FROM {view}").createOrReplaceTempView("_all_of_it")
        rows = [row["_row"] for row in job.rows("SELECT _row FROM _all_of_it ORDER BY _row")]
    except Exception:
        # The rows of an aggregate have no numbers.
        return None

    def fails_with(low: int, high: int) -> bool:
        span = f"_row BETWEEN {rows[low]} AND {rows[high - 1]}" if high > low else "1 = 0"
        job.sql(f"SELECT * FROM _all_of_it WHERE {span}").createOrReplaceTempView(view)
        return fails(compute)

    low, high = 0, len(rows)
    if high == 0 or fails_with(0, 0):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if time.monotonic() > until:
            return None
        if fails_with(low, middle):
            high = middle
        elif fails_with(middle, high):
            low = middle
        else:
            return None
    return dict(job.rows(f"SELECT * FROM {view}")[0]) if fails_with(low, high) else None


def fails(compute: Callable[[], Any]) -> bool:
    try:
        compute()
    except Exception:
        return True
    return False


def shown(table: str, row: Mapping[str, Any]) -> str:
    cells = {name: value for name, value in row.items() if not name.startswith("_") and value is not None}
    text = ", ".join(f"{name}={str(value)[:80]}" for name, value in cells.items())
    where = row.get("_source_file") or f"row {row['_row']} of {table}"
    return f", {where} with {text[:SHOWN]}"


def rule_for(job: Job[TransformTask], table: str, column: Column | None) -> str:
    """A hint: a rule that rejects the row, on the input column from which the failing output column is computed."""
    name = column["name"] if column else ""
    inputs = [each.split(".")[1] for each in job.task["lineage"].get(name, []) if each.startswith(f"{table}.")]
    if column is None or not inputs:
        return f"reject such rows with a rule: reads.{table}.quarantine"
    usable = f"{inputs[0]} IS NULL OR try_cast({inputs[0]} AS {spark_type(column['type'])}) IS NOT NULL"
    return f'column {name} fails; reject such rows with a rule: reads.{table}.quarantine: {{ {inputs[0]}_is_usable: "{usable}" }}'
