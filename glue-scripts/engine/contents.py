"""What a table or a read holds, as numbers that can be compared: rows, their `_row` numbers, and every cell beside its row.

The hash is Spark's `hash`, which Sail computes as well: what one engine noted, the other compares. It is summed over the rows, so the
order of rows does not matter; a row that is lost and another that is doubled, or two rows that swap a cell, do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.plan_types import Field, IngestTask, TransformTask
from engine.row_hash import row_hash

#: The `_row` numbers of some rows as one number.
NUMBERS = "coalesce(sum(CAST(hash(_row) AS BIGINT)), 0)"


@dataclass(frozen=True)
class Contents:
    """`numbers` and `cells` are sums of hashes; None where nobody knows them."""

    rows: int
    numbers: int | None = None
    cells: int | None = None

    def __add__(self, other: "Contents") -> "Contents":
        return Contents(self.rows + other.rows, plus(self.numbers, other.numbers), plus(self.cells, other.cells))

    def __sub__(self, other: "Contents") -> "Contents":
        return self + Contents(-other.rows, negative(other.numbers), negative(other.cells))

    def differs(self, other: "Contents") -> bool:
        """Whether these are surely not the same rows. What one side does not know is not compared."""
        pairs = ((self.numbers, other.numbers), (self.cells, other.cells))
        return self.rows != other.rows or any(a != b for a, b in pairs if a is not None and b is not None)

    def as_note(self) -> dict[str, int]:
        known = {"rows": self.rows, "numbers": self.numbers, "cells": self.cells}
        return {name: value for name, value in known.items() if value is not None}


#: In the note of a commit. Under `contents` an older engine has the hashes of rows without their decimals and nested cells.
NOTED = "holds"


def noted(note: Mapping[str, Any]) -> Contents | None:
    """The contents that a commit says its table has; None where it says nothing."""
    return Contents(**note[NOTED]) if NOTED in note else None


def plus(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def negative(a: int | None) -> int | None:
    return None if a is None else -a


def sums(columns: Sequence[Field], numbered: bool) -> list[str]:
    """SQL expressions for the contents of some rows: `rows`, `numbers` and `cells`."""
    numbers = NUMBERS if numbered else "CAST(NULL AS BIGINT)"
    cells = f"coalesce(sum(CAST({row_hash(columns, numbered)} AS BIGINT)), 0)"
    return ["count(*) AS rows", f"{numbers} AS numbers", f"{cells} AS cells"]


def summed(rows: Sequence[Mapping[str, Any]]) -> Contents:
    """The rows of a query for `sums`, one a group, together."""
    numbers = [row["numbers"] for row in rows]
    return Contents(
        sum(row["rows"] for row in rows),
        None if None in numbers else sum(numbers),
        sum(row["cells"] for row in rows),
    )


def numbered(task: IngestTask | TransformTask) -> bool:
    """Whether the rows of a task's table have a `_row`: those of an aggregate have none."""
    return task["kind"] == "ingest" or any(read["use"] == "rows" for read in task["reads"])


def total(hashes: npt.NDArray[np.uint32]) -> int:
    """The sum of hashes, which are signed."""
    return int(hashes.view(np.int32).sum(dtype=np.int64))
