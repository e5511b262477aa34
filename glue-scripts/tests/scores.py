"""Functions that score rows. Apart from the tests, because Spark's workers import this module, and they have no pytest."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc


def doubled(rows: pa.Table) -> pa.Table:
    return pa.table({"k": rows["k"], "score": pc.multiply(rows["x"], 2.0)})


def without_the_first(rows: pa.Table) -> pa.Table:
    return doubled(rows).slice(1)


def with_the_first_twice(rows: pa.Table) -> pa.Table:
    made = doubled(rows)
    return pa.concat_tables([made, made.slice(0, 1)])


def under_another_key(rows: pa.Table) -> pa.Table:
    made = doubled(rows)
    return made.set_column(0, "k", pa.array(["z"] * made.num_rows, pa.string()))


LOST: dict[str, Callable[[pa.Table], pa.Table]] = {
    "a score is lost": without_the_first,
    "a score is doubled": with_the_first_twice,
    "a score has another key": under_another_key,
}
