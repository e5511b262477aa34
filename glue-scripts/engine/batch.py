"""What the SQL of a transform puts out: computed once, judged row by row, ranked by key, and counted."""

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
    """The SQL's output, computed once, with `_bad` (rule broken, or null) and `_rank` (1: the row that its key keeps)."""

    stored: Stored
    rows: int
    checksum: int
    counted: dict[str, int]
    bad: dict[str, int] = field(default_factory=dict)
    #: Nulls among the rows to be written, of each column that may have some.
    nulls: dict[str, int] = field(default_factory=dict)
    deduplicated: int = 0
    #: The rows that are to be written.
    kept: Contents = field(default_factory=lambda: Contents(0, 0, 0))


def compute(job: Job[TransformTask]) -> Batch:
    """Run the SQL once and measure what came out. MR301 for SQL that the engine refuses, MR306 for SQL that fails on a row."""
    task = job.task
    columns = [typed(c, c["name"] in task["key"]) for c in task["columns"]]
    passing = any(read["use"] == "rows" for read in task["reads"])
    grouped = [read["table"] for read in task["reads"] if read["use"] == "aggregate"]
    owned = [*(["_row"] if passing else []), *(f"_rows_{table}" for table in grouped)]
    try:
        job.theirs(task["sql"]).createOrReplaceTempView("_output")
        judged = f"SELECT {', '.join([*owned, *columns])}, {broken_rule(task)} AS _bad FROM _output"
        job.sql(judged).createOrReplaceTempView("_judged")
    except Exception as failure:
        message = f"the engine refuses the SQL: {first_line(failure)}"
        raise Fault("MR301", task["sqlFile"], message, "run `millrace check`") from None
    try:
        # Each row carries its hash from here on: what is stored can be held against it.
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
    """An output column, cast to the type that its contract says."""
    value = f"CAST(`{column['name']}` AS {spark_type(column['type'])})"
    return f"{without_sign_of_zero(value, column['type']) if in_key else value} AS `{column['name']}`"


def measured(job: Job[TransformTask], stored: Stored, passing: bool, grouped: list[str]) -> Batch:
    """MR328 where a stored row is not the one that the SQL put out."""
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
        message = f"{task['name']} has {counted(changed, 'row')} stored otherwise than the SQL put out"
        raise Fault("MR328", task["sqlFile"], message, "run again; where it happens again, check the disk and memory")
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
    return batch


def broken_rule(task: TransformTask) -> str:
    """The first rule of the contract that an output row breaks: a null where none may be, a value that no folder can be named by."""
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


#: A folder's name may have 255 bytes, of which the column's name is a part; each byte but these is written as three.
FOLDER_BYTES, PLAIN = 180, "[A-Za-z0-9_.-]"


def unfit(column: str) -> str:
    """Whether a value of a partition column can't be the name of a folder: too long, or empty, which a lake reads back as null."""
    value = f"CAST(`{column}` AS STRING)"
    return f"({value} = '' OR octet_length({value}) + 2 * octet_length(regexp_replace({value}, '{PLAIN}', '')) > {FOLDER_BYTES})"


def rank(task: TransformTask, has_row: bool) -> str:
    """1 for the row that its key keeps: the greatest by latestBy, then by row number. A broken row never wins."""
    if not task["key"]:
        return "1"
    key = ", ".join(f"`{name}`" for name in task["key"])
    order = [f"`{name}` DESC NULLS LAST" for name in task["latestBy"]]
    order += ["_row DESC"] if has_row else [f"`{task['key'][0]}`"]
    return f"row_number() OVER (PARTITION BY {key}, _bad IS NULL ORDER BY {', '.join(order)})"
