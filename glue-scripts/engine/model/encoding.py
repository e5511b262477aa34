"""From columns of a table to a matrix of float32. What is learned (fills, categories) is learned from the training part only."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.faults import Fault

Matrix = npt.NDArray[np.float32]

#: A category seen more rarely than the 64 most frequent ones tells a tree nothing that would hold tomorrow.
MAX_CATEGORIES = 64

#: Trees compare in float32; what does not fit is as large as it gets.
LARGEST = float(np.finfo(np.float32).max)

DAY_MICROSECONDS = 86_400_000_000


def learn_features(table: pa.Table, inputs: Sequence[Mapping[str, str]]) -> tuple[list[dict[str, Any]], list[str]]:
    """The features of `contracts/model.schema.json` and a warning for each input that is constant and so left out.

    Raises MR403 for an input that is no column of the table.
    """
    features: list[dict[str, Any]] = []
    warnings: list[str] = []
    for spec in inputs:
        name = spec["name"]
        if name not in table.column_names:
            raise Fault("MR403", name, f"the features have no column {name}", "name it in the contract of the table")
        column = table[name]
        if spec["type"] == "string":
            feature = learn_categories(name, column)
            constant = len(feature["categories"]) == 0 or (len(feature["categories"]) == 1 and column.null_count == 0)
        else:
            values = numbers(column)
            present = values[~np.isnan(values)]
            constant = present.size == 0 or bool((present == present[0]).all() and present.size == values.size)
            fill = float(np.median(present)) if present.size else 0.0
            feature = {"name": name, "kind": "numeric", "fill": float(np.clip(fill, -LARGEST, LARGEST))}
        if constant:
            warnings.append(f"MR405 {name} is constant in the training part and is left out")
        else:
            features.append(feature)
    return features, warnings


def learn_categories(name: str, column: pa.ChunkedArray) -> dict[str, Any]:
    counts = pc.value_counts(column.drop_null()).to_pylist()
    frequent = sorted(counts, key=lambda entry: (-entry["counts"], entry["values"]))[:MAX_CATEGORIES]
    return {"name": name, "kind": "categorical", "categories": sorted(entry["values"] for entry in frequent)}


def encoded_names(features: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of the matrix columns, in order."""
    return [
        name
        for feature in features
        for name in (
            [feature["name"]]
            if feature["kind"] == "numeric"
            else [f"{feature['name']}={category}" for category in feature["categories"]]
        )
    ]


def encode(table: pa.Table, features: Sequence[Mapping[str, Any]]) -> Matrix:
    """The matrix, a row a table row; it holds neither NaN nor infinity."""
    matrix = np.empty((table.num_rows, len(encoded_names(features))), dtype=np.float32, order="F")
    at = 0
    for feature in features:
        column = table[feature["name"]]
        if feature["kind"] == "numeric":
            values = numbers(column)
            values[np.isnan(values)] = feature["fill"]
            matrix[:, at] = np.clip(values, -LARGEST, LARGEST)
            at += 1
            continue
        codes = pc.index_in(column, value_set=pa.array(feature["categories"], pa.string()))
        known = codes.fill_null(-1).to_numpy()
        for i in range(len(feature["categories"])):
            matrix[:, at] = known == i
            at += 1
    return matrix


def numbers(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """Any column that is not text as numbers: booleans are 0 and 1, dates and times are days since 1970-01-01."""
    if pa.types.is_date(column.type):
        column = column.cast(pa.int32())
    elif pa.types.is_timestamp(column.type):
        column = pc.divide(
            column.cast(pa.timestamp("us", tz=column.type.tz)).cast(pa.int64()).cast(pa.float64()),
            float(DAY_MICROSECONDS),
        )
    elif pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return np.array(column.cast(pa.float64()).to_numpy(), dtype=np.float64, copy=True)
