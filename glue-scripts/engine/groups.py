"""Checks that an aggregate counts each row exactly once. The total alone does not show that.

If one row is left out and another is counted twice, the total is right. So the SQL runs again on parts of the rows, for its counts
only: a part with just one of the two rows has a wrong count.
"""

from collections.abc import Mapping, Sequence

from engine.dialect.tokens import tokens_of
from engine.faults import Fault
from engine.job import Job
from engine.plan_types import TransformTask
from engine.words import counted

#: Each part holds about half the rows, chosen by one bit of the hash of the row number. One such pair of rows escapes n parts with
#: probability 1 / 2 ** n, several pairs almost never. `Tables.parts` is how many parts an engine counts if there are few rows.
PARTS = 16
#: Above FEW rows, only this many parts are counted: each part costs half as much as the SQL itself.
FEW, PARTS_OF_MANY = 100_000, 4
#: Up to so many rows all parts are counted in one query, which is faster but needs the memory of all parts together.
AT_ONCE = 1_000_000


def parts_of(job: Job[TransformTask]) -> list[str]:
    """SQL conditions that choose the rows of each part. They differ from run to run, so that a later run finds what one run misses."""
    return [f"pmod(shiftright(hash(_row, {job.work['sequence']}), {bit}), 2) = 1" for bit in range(PARTS)]


def check_groups(job: Job[TransformTask], sizes: Mapping[str, Sequence[int]]) -> None:
    """MR325 if the SQL does not count each row of a table once. `sizes`: table -> number of rows in each part."""
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
                f"the SQL of {job.task['name']} does not count each row of {table} once: given only {counted(size, 'row')} "
                f"it counts {found:,}, so some are lost and others doubled"
            )
            hint = f"count the rows of {table} in one place, in groups that hold each row once"
            raise Fault("MR325", job.task["sqlFile"], message, hint)


def count_of(job: Job[TransformTask], table: str, part: int, condition: str) -> str:
    """A query for how many rows the task's SQL counts if the table holds only the rows that meet `condition`."""
    alone = f"WITH `{table}` AS (SELECT * FROM {table} WHERE {condition})"
    sql = job.lowered(job.task["sql"])
    last = tokens_of(sql)[-1]
    sql = sql[: last.start] if last.text == ";" else sql
    # The bracket is on a new line, because the SQL may end with a comment.
    return f"SELECT {part} AS part, coalesce(sum(`_rows_{table}`), 0) AS n FROM ({alone} SELECT * FROM ({sql}\n))"
