"""Mutates the rows of a table, for tests that do so at the seams of an engine. Executors import it, so it needs no pytest."""

from decimal import Decimal
from typing import Any

import pyarrow as pa

MUTATIONS = ("drop", "double", "swap", "alter")

#: Kind of cell -> the column of `deep_lake` that is mutated.
CELLS = {"text": "town", "decimal": "paid", "nested": "extra"}

PEOPLE = [("a", "X", "1990-01-01"), ("b", "Y", "1991-01-01"), ("c", "Z", "")]


def mutated(table: pa.Table, mutation: str, cell: str) -> pa.Table:
    """The table with one row dropped, or one dropped and another doubled, or the cells of two rows swapped, or one cell altered."""
    rows = table.to_pylist()
    first, last = rows[0], rows[-1]
    match mutation:
        case "drop":
            rows = rows[1:]
        case "double":
            rows = [*rows[1:], last]
        case "swap" if len(rows) > 1:
            rows = [{**first, cell: last[cell]}, *rows[1:-1], {**last, cell: first[cell]}]
        case "alter":
            rows = [{**first, cell: changed(first[cell])}, *rows[1:]]
    return pa.Table.from_pylist(rows, table.schema)


def mutated_batch(batch: pa.RecordBatch, mutation: str, cell: str) -> pa.RecordBatch:
    rows = mutated(pa.Table.from_batches([batch]), mutation, cell)
    # A batch of one row is empty once that row is dropped.
    return (rows.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], batch.schema)])[0]


def changed(value: Any) -> Any:
    """A different value, by the smallest step of its type."""
    match value:
        case dict():
            return {**value, "tags": [changed(value["tags"][0]), *value["tags"][1:]]}
        case Decimal():
            return value + Decimal("0.01")
        case _:
            return f"{value}!"
