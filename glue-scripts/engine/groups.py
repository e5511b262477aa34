"""Whether an aggregate counts each row once: not only as many as there are, but these.

The SQL is asked again for its counts alone, of a part of the rows that their numbers choose. A row that is left out and another that
is counted twice give the right count of all rows; of a part that has only one of them they do not.
"""

from collections.abc import Mapping, Sequence

from engine.faults import Fault
from engine.job import Job
from engine.plan_types import TransformTask

#: Parts of about half the rows. One pair of rows escapes all of them once in 16 times; more pairs hardly ever.
PARTS = 4
#: Up to so many rows all parts are counted at once, which is quicker and takes the memory of all.
FEW = 1_000_000


def parts_of(job: Job[TransformTask]) -> list[str]:
    """SQL conditions for a row of each part. A pair that escapes the parts of one run does not escape those of the next."""
    first = job.work["sequence"] * PARTS
    return [f"pmod(hash(_row, {first + part}), 2) = 1" for part in range(PARTS)]


def check_groups(job: Job[TransformTask], sizes: Mapping[str, Sequence[int]]) -> None:
    """MR325 where the SQL counts other rows of a table than those that it was given. `sizes`: table -> rows of each part."""
    for table, rows in sizes.items():
        if any(rows):
            check_counted(job, table, rows)


def check_counted(job: Job[TransformTask], table: str, sizes: Sequence[int]) -> None:
    for part, counted in enumerate(counts_of(job, table, at_once=max(sizes) <= FEW // 2)):
        if counted != sizes[part]:
            message = (
                f"the SQL of {job.task['name']} does not count each row of {table} once: of {sizes[part]:,} rows by "
                f"themselves it counts {counted:,}, so some are lost and others doubled"
            )
            hint = f"count the rows of {table} in one place, by groups of which each row is in one"
            raise Fault("MR325", job.task["sqlFile"], message, hint)


def counts_of(job: Job[TransformTask], table: str, at_once: bool) -> list[int]:
    """Of each part, how many rows the SQL counts where it is given that part alone."""
    parts = parts_of(job)
    try:
        for i, part in enumerate(parts):
            job.sql(f"SELECT * FROM _passed_{table} WHERE {part}").createOrReplaceTempView(table)
            # A view stays what it was made of, whatever becomes of the names in it.
            job.theirs(job.task["sql"]).createOrReplaceTempView(f"_part_{i}")
    finally:
        job.sql(f"SELECT * FROM _passed_{table}").createOrReplaceTempView(table)
    counts = [f"SELECT {i} AS part, coalesce(sum(`_rows_{table}`), 0) AS n FROM _part_{i}" for i in range(len(parts))]
    queries = [" UNION ALL ".join(counts)] if at_once else counts
    found = {row["part"]: int(row["n"]) for query in queries for row in job.rows(query)}
    return [found[i] for i in range(len(parts))]
