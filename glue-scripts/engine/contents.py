"""The contents of a table or a read as numbers that can be compared: row count, hashes of the `_row` numbers, hashes of whole rows.

The hash is Spark's `hash`, which Sail computes as well, so one engine can check what the other noted. Hashes are summed, so the order
of rows does not matter, but a lost row beside a doubled one, or two rows that swap a cell, change the sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.plan_types import Field, TransformTask
from engine.row_hash import row_hash

#: SQL for the `_row` numbers of some rows as one number.
NUMBERS = "coalesce(sum(CAST(hash(_row) AS BIGINT)), 0)"


@dataclass(frozen=True)
class Contents:
    """`numbers` is the sum of the hashes of `_row`, `cells` that of whole rows; None if unknown."""

    rows: int
    numbers: int | None = None
    cells: int | None = None

    def __add__(self, other: "Contents") -> "Contents":
        return Contents(self.rows + other.rows, plus(self.numbers, other.numbers), plus(self.cells, other.cells))

    def __sub__(self, other: "Contents") -> "Contents":
        return self + Contents(-other.rows, negative(other.numbers), negative(other.cells))

    def differs(self, other: "Contents") -> bool:
        """Whether these are certainly not the same rows. A sum that one side does not know is not compared."""
        pairs = ((self.numbers, other.numbers), (self.cells, other.cells))
        return self.rows != other.rows or any(a != b for a, b in pairs if a is not None and b is not None)

    def as_note(self) -> dict[str, int]:
        known = {"rows": self.rows, "numbers": self.numbers, "cells": self.cells}
        return {name: value for name, value in known.items() if value is not None}


#: The key in a commit's note. Older engines used `contents`, for hashes that leave out decimals and nested cells.
NOTED = "holds"


def noted(note: Mapping[str, Any]) -> Contents | None:
    """The contents of the table according to a commit's note; None if the note has none."""
    return Contents(**note[NOTED]) if NOTED in note else None


def plus(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def negative(a: int | None) -> int | None:
    return None if a is None else -a


def sums(columns: Sequence[Field], numbered: bool) -> list[str]:
    """SQL expressions for the contents of some rows, named `rows`, `numbers` and `cells`."""
    numbers = NUMBERS if numbered else "CAST(NULL AS BIGINT)"
    cells = f"coalesce(sum(CAST({row_hash(columns, numbered)} AS BIGINT)), 0)"
    return ["count(*) AS rows", f"{numbers} AS numbers", f"{cells} AS cells"]


def summed(rows: Sequence[Mapping[str, Any]]) -> Contents:
    """The contents of all groups together, from the rows of a query for `sums` with one row per group."""
    numbers = [row["numbers"] for row in rows]
    return Contents(
        sum(row["rows"] for row in rows),
        None if None in numbers else sum(numbers),
        sum(row["cells"] for row in rows),
    )


def numbered(task: TransformTask) -> bool:
    """Whether the rows that a transform writes have a `_row`. The rows of an aggregate have none."""
    return any(read["use"] == "rows" for read in task["reads"])


def total(hashes: npt.NDArray[np.uint32]) -> int:
    """The sum of the hashes as signed numbers."""
    return int(hashes.view(np.int32).sum(dtype=np.int64))
