"""Whether an aggregate counts each row once: not only as many as there are, but these.

The SQL is asked again for its counts alone, of a part of the rows that their numbers choose. A row that is left out and another that
is counted twice give the right count of all rows; of a part that has only one of them they do not.
"""

from engine.faults import Fault
from engine.job import Job

#: Parts of about half the rows. One pair of rows escapes all of them once in 16 times; more pairs hardly ever.
PARTS = 4


def check_groups(job: Job) -> None:
    """MR325 where the SQL counts other rows of a table than those that it was given."""
    for read in job.task["reads"]:
        if read["use"] == "aggregate":
            check_counted(job, read["table"])


def check_counted(job: Job, table: str) -> None:
    parts = [f"pmod(hash(_row, {part}), 2) = 1" for part in range(PARTS)]
    [sizes] = job.rows(
        f"SELECT {', '.join(f'count_if({p}) AS n{i}' for i, p in enumerate(parts))} FROM _passed_{table}"
    )
    try:
        for i, part in enumerate(parts):
            job.sql(f"SELECT * FROM _passed_{table} WHERE {part}").createOrReplaceTempView(table)
            job.theirs(job.task["sql"]).createOrReplaceTempView("_part")
            [found] = job.rows(f"SELECT coalesce(sum(`_rows_{table}`), 0) AS n FROM _part")
            if found["n"] != sizes[f"n{i}"]:
                message = (
                    f"the SQL of {job.task['name']} does not count each row of {table} once: of {sizes[f'n{i}']:,} rows by "
                    f"themselves it counts {found['n']:,}, so some are lost and others doubled"
                )
                hint = f"count the rows of {table} in one place, by groups of which each row is in one"
                raise Fault("MR325", job.task["sqlFile"], message, hint)
    finally:
        job.sql(f"SELECT * FROM _passed_{table}").createOrReplaceTempView(table)
