"""Whether an aggregate counts each row once: not only as many as there are, but these.

The SQL is asked again for its counts alone, of a part of the rows that their numbers choose. A row that is left out and another that
is counted twice give the right count of all rows; of a part that has only one of them they do not.
"""

from collections.abc import Mapping, Sequence

from engine.dialect.tokens import tokens_of
from engine.faults import Fault
from engine.job import Job
from engine.plan_types import TransformTask
from engine.words import counted

#: Parts of about half the rows, each by a bit of the hash of the row's number. One pair of rows escapes n parts once in 2 ** n times,
#: more pairs hardly ever. `Tables.parts` says how many parts an engine counts of few rows.
PARTS = 16
#: Above so many rows, this many parts: each costs half of what the SQL costs.
FEW, PARTS_OF_MANY = 100_000, 4
#: Up to so many rows all parts are counted in one query, which is quicker and takes the memory of all.
AT_ONCE = 1_000_000


def parts_of(job: Job[TransformTask]) -> list[str]:
    """SQL conditions for a row of each part. A pair that escapes the parts of one run does not escape those of the next."""
    return [f"pmod(shiftright(hash(_row, {job.work['sequence']}), {bit}), 2) = 1" for bit in range(PARTS)]


def check_groups(job: Job[TransformTask], sizes: Mapping[str, Sequence[int]]) -> None:
    """MR325 where the SQL counts other rows of a table than those that it was given. `sizes`: table -> rows of each part."""
    for table, rows in sizes.items():
        if any(rows):
            check_counted(job, table, rows[: job.tables.parts if 2 * max(rows) <= FEW else PARTS_OF_MANY])


def check_counted(job: Job[TransformTask], table: str, sizes: Sequence[int]) -> None:
    queries = [count_of(job, table, part, condition) for part, condition in enumerate(parts_of(job)[: len(sizes)])]
    if 2 * max(sizes) <= AT_ONCE:
        queries = [" UNION ALL ".join(queries)]
    for row in (row for query in queries for row in job.rows(query)):
        size, found = sizes[row["part"]], int(row["n"])
        if found != size:
            message = (
                f"the SQL of {job.task['name']} does not count each row of {table} once: of {counted(size, 'row')} by "
                f"themselves it counts {found:,}, so some are lost and others doubled"
            )
            hint = f"count the rows of {table} in one place, by groups of which each row is in one"
            raise Fault("MR325", job.task["sqlFile"], message, hint)


def count_of(job: Job[TransformTask], table: str, part: int, condition: str) -> str:
    """A query for how many rows of a table the task's SQL counts, where that name stands for a part of the table alone."""
    alone = f"WITH `{table}` AS (SELECT * FROM {table} WHERE {condition})"
    sql = job.lowered(job.task["sql"])
    last = tokens_of(sql)[-1]
    sql = sql[: last.start] if last.text == ";" else sql
    # A line of its own for the bracket: the SQL may end with a comment.
    return f"SELECT {part} AS part, coalesce(sum(`_rows_{table}`), 0) AS n FROM ({alone} SELECT * FROM ({sql}\n))"
