"""Some rows of a table without a copy of them. A training reads one column at a time; copies of its parts would multiply the table."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Positions = npt.NDArray[np.intp]

#: Rows that are converted at once where the result of a row does not depend on other rows.
BLOCK = 1 << 14


class Part:
    """The rows at these positions of a table, in this order. A column is taken each time it is read."""

    def __init__(self, table: pa.Table, at: Positions) -> None:
        self._table = table
        self._at = at

    @property
    def column_names(self) -> list[str]:
        return list(self._table.column_names)

    @property
    def num_rows(self) -> int:
        return len(self._at)

    def __getitem__(self, name: str) -> pa.ChunkedArray:
        return self._table[name].take(pa.array(self._at))

    def part(self, at: Positions) -> "Part":
        return Part(self._table, self._at[at])

    def table(self) -> pa.Table:
        """The rows themselves, copied."""
        return self._table.take(pa.array(self._at))


def blocks(table: pa.Table) -> Iterator[pa.Table]:
    """The rows of a table in order, at least one block."""
    for start in range(0, max(1, table.num_rows), BLOCK):
        yield table.slice(start, BLOCK)
