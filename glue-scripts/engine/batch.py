"""The output of a transform's SQL: computed once, checked row by row, ranked by key, and counted."""

from dataclasses import dataclass, field

from engine.contents import Contents, summed, sums
from engine.failing_row import sql_fails
from engine.faults import Fault
from engine.foreign_errors import first_line
from engine.job import Job
from engine.keys import without_sign_of_zero
from engine.plan_types import Column, TransformTask
from engine.query_plan import keep_plan
from engine.row_hash import row_hash
from engine.session import spark_type
from engine.tables import Stored
from engine.words import counted


@dataclass
class Batch:
    """The SQL's output, computed once, with two more columns.

    `_bad` is the contract rule that the row breaks, or null. `_rank` is 1 for the row that is kept for its key.
    """

    stored: Stored
    rows: int
    checksum: int
    counted: dict[str, int]
    bad: dict[str, int] = field(default_factory=dict)
    #: Nullable column -> how many of the rows to write have a null in it.
    nulls: dict[str, int] = field(default_factory=dict)
    deduplicated: int = 0
    #: How many of the deduplicated rows have other values than the row that is kept, though `latestBy` does not tell them apart.
    arbitrary: int = 0
    #: The rows to write.
    kept: Contents = field(default_factory=lambda: Contents(0, 0, 0))


def compute(job: Job[TransformTask]) -> Batch:
    """Run the SQL once and measure its output. MR301 for SQL that the engine refuses, MR306 for SQL that fails on a row."""
    task = job.task
    columns = [typed(c, c["name"] in task["key"]) for c in task["columns"]]
    passing = any(read["use"] == "rows" for read in task["reads"])
    grouped = [read["table"] for read in task["reads"] if read["use"] == "aggregate"]
    bookkeeping = [*(["_row"] if passing else []), *(f"_rows_{table}" for table in grouped)]
    try:
        job.pipeline_sql(task["sql"]).createOrReplaceTempView("_output")
        judged = f"SELECT {', '.join([*bookkeeping, *columns])}, {broken_rule(task)} AS _bad FROM _output"
        job.sql(judged).createOrReplaceTempView("_judged")
    except Exception as failure:
        message = f"the engine refuses the SQL: {first_line(failure)}"
        raise Fault("MR301", task["sqlFile"], message, "run `millrace check`") from None
    try:
        # From here on each row carries its hash, so that the stored rows can be compared with it.
        ranked = job.sql(
            f"SELECT *, {rank(task, passing)} AS _rank, {row_hash(task['columns'], passing)} AS _hash FROM _judged"
        )
        keep_plan(job, "the SQL, its contract and its key", ranked)
        stored = job.tables.materialise(ranked)
        stored.frame.createOrReplaceTempView("_batch")
    except Exception as failure:
        raise sql_fails(job, failure) from None
    return measured(job, stored, passing, grouped)


def typed(column: Column, in_key: bool) -> str:
    """SQL for an output column, cast to the type in its contract."""
    value = f"CAST(`{column['name']}` AS {spark_type(column['type'])})"
    return f"{without_sign_of_zero(value, column['type']) if in_key else value} AS `{column['name']}`"


def measured(job: Job[TransformTask], stored: Stored, passing: bool, grouped: list[str]) -> Batch:
    """Count the stored rows. MR328 if a stored row differs from the row that the SQL returned."""
    task = job.task
    nullable = [column["name"] for column in task["columns"] if column["nullable"]]
    counts = "".join(f", coalesce(sum(`_rows_{table}`), 0) AS `_rows_{table}`" for table in grouped)
    counts += "".join(f", count_if(`{name}` IS NULL) AS `_null_{name}`" for name in nullable)
    rows = job.rows(
        f"SELECT _bad, _rank = 1 AS first, {', '.join(sums(task['columns'], passing))}{counts}, "
        f"count_if(_hash <> {row_hash(task['columns'], passing)}) AS changed "
        "FROM _batch GROUP BY _bad, _rank = 1"
    )
    if changed := sum(row["changed"] for row in rows):
        message = f"{task['name']} has {counted(changed, 'stored row')} with other cells than its SQL returned"
        raise Fault("MR328", task["sqlFile"], message, "run again; if it happens again, check the disk and memory")
    whole = summed(rows)
    good = [row for row in rows if row["_bad"] is None and row["first"]]
    batch = Batch(
        stored=stored,
        rows=whole.rows,
        checksum=whole.numbers or 0,
        counted={table: sum(row[f"_rows_{table}"] for row in rows) for table in grouped},
        nulls={name: sum(row[f"_null_{name}"] for row in good) for name in nullable},
        kept=summed(good),
    )
    for row in rows:
        if row["_bad"] is not None:
            batch.bad[row["_bad"]] = batch.bad.get(row["_bad"], 0) + row["rows"]
        elif not row["first"]:
            batch.deduplicated += row["rows"]
    batch.arbitrary = arbitrary(job) if batch.deduplicated > 0 else 0
    return batch


def arbitrary(job: Job[TransformTask]) -> int:
    """How many good rows lost to another row of their key that has other values, but is not later by `latestBy`."""
    task = job.task
    same = [f"other.`{name}` = kept.`{name}`" for name in task["key"]]
    same += [
        f"(other.`{name}` = kept.`{name}` OR (other.`{name}` IS NULL AND kept.`{name}` IS NULL))"
        for name in task["latestBy"]
    ]
    names = ", ".join(f"`{name}`" for name in dict.fromkeys([*task["key"], *task["latestBy"]]))
    good = f"SELECT {names}, _rank, {row_hash(task['columns'], False)} AS _values FROM _batch WHERE _bad IS NULL"
    [row] = job.rows(
        f"SELECT count(*) AS n FROM ({good}) AS other JOIN ({good}) AS kept ON {' AND '.join(same)} "
        "WHERE kept._rank = 1 AND other._rank > 1 AND other._values <> kept._values"
    )
    return int(row["n"])


def broken_rule(task: TransformTask) -> str:
    """SQL for the first contract rule that an output row breaks: a forbidden null, or a partition value that cannot name a folder."""
    partitions = {c["name"] for c in task["columns"] if c["name"] in task["partitionBy"] and c["type"] == "string"}
    required = [c["name"] for c in task["columns"] if not c["nullable"] or c["name"] in task["key"]]
    cases = " ".join(
        [
            *(f"WHEN `{name}` IS NULL THEN 'not_null:{name}'" for name in required),
            *(
                f"WHEN {unfit(name)} THEN 'partition:{name}'"
                for c in task["columns"]
                if (name := c["name"]) in partitions
            ),
        ]
    )
    return f"CASE {cases} END" if cases else "CAST(NULL AS STRING)"


#: A folder's name may have 255 bytes, including the column's name; each byte outside PLAIN is written as three bytes.
FOLDER_BYTES, PLAIN = 180, "[A-Za-z0-9_.-]"


def unfit(column: str) -> str:
    """SQL: whether a partition value cannot name a folder because it is too long, or empty (which would be read back as null)."""
    value = f"CAST(`{column}` AS STRING)"
    return f"({value} = '' OR octet_length({value}) + 2 * octet_length(regexp_replace({value}, '{PLAIN}', '')) > {FOLDER_BYTES})"


def rank(task: TransformTask, has_row: bool) -> str:
    """SQL that gives 1 for the row to keep for each key: the greatest by latestBy, then by row number. A broken row never wins."""
    if not task["key"]:
        return "1"
    key = ", ".join(f"`{name}`" for name in task["key"])
    order = [f"`{name}` DESC NULLS LAST" for name in task["latestBy"]]
    order += ["_row DESC"] if has_row else [f"`{task['key'][0]}`"]
    return f"row_number() OVER (PARTITION BY {key}, _bad IS NULL ORDER BY {', '.join(order)})"
