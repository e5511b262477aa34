"""The distribution of the rows that a model learned from, in a few bins per column, to compare other rows with them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.model.document_types import Bin, Distribution, Spread, ValueRows
from engine.model.encoding import LARGEST, MAX_CATEGORIES, column_of, numbers, texts
from engine.model.part import Part
from engine.plan_types import Field

#: A bin of several values holds about one in this many rows.
BINS = 20


def distribution(table: pa.Table | Part, inputs: Sequence[Field], scores: npt.NDArray[np.float64]) -> Distribution:
    """The `distribution` of `contracts/dossier.schema.json`: of every input, including constant ones, and of the scores.

    Raises MR403 as `learn_features` does.
    """
    return {
        "rows": table.num_rows,
        "features": [of_column(table, spec) for spec in inputs],
        "scores": bins(scores),
    }


def of_column(table: pa.Table | Part, spec: Field) -> Spread:
    name = spec["name"]
    column = column_of(table, name)
    if spec["type"] == "string":
        counts = pc.value_counts(texts(name, column).drop_null()).to_pylist()
        ranked = sorted(counts, key=lambda entry: (-entry["counts"], entry["values"]))
        categories: list[ValueRows] = [
            {"value": entry["values"], "rows": entry["counts"]} for entry in ranked[:MAX_CATEGORIES]
        ]
        other = sum(entry["counts"] for entry in ranked[MAX_CATEGORIES:])
        return {
            "name": name,
            "kind": "categorical",
            "categories": categories,
            "other": other,
            "missing": column.null_count,
        }
    values = numbers(name, column)
    present = np.clip(values[~np.isnan(values)], -LARGEST, LARGEST)
    return {"name": name, "kind": "numeric", "bins": bins(present), "missing": len(values) - len(present)}


def bins(values: npt.NDArray[np.float64]) -> list[Bin]:
    """Bins in ascending order; `from` and `to` are the smallest and the largest value of a bin.

    A value of at least one in BINS rows has a separate bin, as does each value if there are few: counts and amounts that are often 0
    are kept exactly.
    """
    if len(values) == 0:
        return []
    # Adding 0 makes -0 equal to 0.
    distinct, rows = np.unique(values + 0.0, return_counts=True)
    before = np.cumsum(rows) - rows
    alone = (rows * BINS >= len(values)) | (len(distinct) <= BINS)
    slot = before * BINS // len(values)
    first = np.ones(len(distinct), dtype=bool)
    first[1:] = alone[1:] | alone[:-1] | (slot[1:] != slot[:-1])
    starts = np.flatnonzero(first)
    ends = np.append(starts[1:], len(distinct)) - 1
    return [
        {"from": float(distinct[start]), "to": float(distinct[end]), "rows": int(count)}
        for start, end, count in zip(starts, ends, np.add.reduceat(rows, starts), strict=True)
    ]
