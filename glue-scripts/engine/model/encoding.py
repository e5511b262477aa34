"""Encodes table columns as a float32 matrix. Fills and categories are learned from the training part only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.faults import Fault
from engine.model.document_types import CategoricalFeature, Feature
from engine.model.part import BLOCK, Part, Positions
from engine.plan_types import Field

Matrix = npt.NDArray[np.float32]

#: Categories beyond the 64 most frequent ones are too rare to learn from.
MAX_CATEGORIES = 64

#: Trees compare in float32; larger values are clipped.
LARGEST = float(np.finfo(np.float32).max)

DAY_MILLISECONDS = 86_400_000


def learn_features(table: pa.Table | Part, inputs: Sequence[Field]) -> tuple[list[Feature], list[str]]:
    """The features of `contracts/model.schema.json`, and a warning for each constant input, which is left out.

    Raises MR403 for an input that is no column of the table, or whose column does not hold what the plan says.
    """
    features: list[Feature] = []
    warnings: list[str] = []
    for spec in inputs:
        name = spec["name"]
        column = column_of(table, name)
        if spec["type"] == "string":
            learned = learn_categories(name, column)
            feature: Feature = learned
            constant = len(learned["categories"]) == 0 or (len(learned["categories"]) == 1 and column.null_count == 0)
        else:
            values = numbers(name, column)
            present = values[~np.isnan(values)]
            # Missing values take the fill, so one distinct value plus missing ones is constant too.
            constant = present.size == 0 or bool((present == present[0]).all())
            # Clipped first: the median must be a number even if both middle values are infinite.
            fill = float(np.median(np.clip(present, -LARGEST, LARGEST))) if present.size else 0.0
            feature = {"name": name, "kind": "numeric", "fill": fill}
        if constant:
            warnings.append(f"MR405 {name} is constant in the training part and is left out")
        else:
            features.append(feature)
    return features, warnings


def learn_categories(name: str, column: pa.ChunkedArray) -> CategoricalFeature:
    counts = pc.value_counts(texts(name, column).drop_null()).to_pylist()
    frequent = sorted(counts, key=lambda entry: (-entry["counts"], entry["values"]))[:MAX_CATEGORIES]
    return {"name": name, "kind": "categorical", "categories": sorted(entry["values"] for entry in frequent)}


def encoded_names(features: Sequence[Feature]) -> list[str]:
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


class Inputs:
    """Columns of a table as few bytes: numbers as float32 with NaN for missing ones, texts as codes.

    Folds share it. What each has learned, fills and categories, is applied block by block, so no matrix of all rows is ever needed.
    """

    def __init__(self, table: pa.Table | Part, inputs: Mapping[str, bool]) -> None:
        """`inputs`: the columns, and whether each is text. Raises MR403 as `learn_features` does."""
        self.num_rows: int = table.num_rows
        self._numbers: dict[str, Matrix] = {}
        self._codes: dict[str, tuple[npt.NDArray[Any], pa.Array]] = {}
        for name, is_text in inputs.items():
            if is_text:
                self._codes[name] = coded(name, column_of(table, name))
            else:
                values = numbers(name, column_of(table, name))
                self._numbers[name] = np.clip(values, -LARGEST, LARGEST, out=values).astype(np.float32)

    def matrix(self, at: Positions | slice, features: Sequence[Feature]) -> Matrix:
        """The matrix of these rows, without NaN or infinity."""
        count = len(range(self.num_rows)[at]) if isinstance(at, slice) else len(at)
        matrix = np.empty((count, len(encoded_names(features))), dtype=np.float32, order="F")
        place = 0
        for feature in features:
            name = feature["name"]
            if feature["kind"] == "numeric":
                values = self._numbers[name][at]
                matrix[:, place] = np.where(np.isnan(values), np.float32(feature["fill"]), values)
                place += 1
                continue
            codes, dictionary = self._codes[name]
            known = pc.index_in(dictionary, value_set=pa.array(feature["categories"], pa.string())).fill_null(-1)
            # The code of a missing value is -1, which takes the last entry.
            category = np.append(known.to_numpy(zero_copy_only=False), -1)[codes[at]]
            for i in range(len(feature["categories"])):
                matrix[:, place] = category == i
                place += 1
        return matrix

    def encoded(self, at: Positions, features: Sequence[Feature]) -> "Encoded":
        return Encoded(self, at, features)


@dataclass(frozen=True)
class Encoded:
    """The matrix of some rows, block by block. Each iteration computes the blocks again."""

    inputs: Inputs
    at: Positions
    features: Sequence[Feature]

    def __iter__(self) -> Iterator[Matrix]:
        for start in range(0, max(1, len(self.at)), BLOCK):
            yield self.inputs.matrix(self.at[start : start + BLOCK], self.features)


def encode(table: pa.Table, features: Sequence[Feature]) -> Matrix:
    """The matrix of a table, one row per table row. Raises MR403 as `learn_features` does."""
    inputs = {feature["name"]: feature["kind"] == "categorical" for feature in features}
    return Inputs(table, inputs).matrix(slice(None), features)


def coded(name: str, column: pa.ChunkedArray) -> tuple[npt.NDArray[Any], pa.Array]:
    """The code of each value, -1 for a missing one, and the values by code."""
    found = texts(name, column).dictionary_encode().combine_chunks()
    if isinstance(found, pa.ChunkedArray):  # no rows
        found = pa.array([], pa.dictionary(pa.int32(), pa.string()))
    codes = found.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes.astype(np.min_scalar_type(-max(1, len(found.dictionary)))), found.dictionary


def column_of(table: pa.Table | Part, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise Fault("MR403", name, f"the features have no column {name}", "name it in the contract of the table")
    return table[name]


def texts(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as strings. It may be large, dictionary-encoded, or all null. Raises MR403 for other types."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)):
        raise unsupported(name, column, "text")
    return column.cast(pa.string())


def numbers(name: str, column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """A column as numbers, with NaN for missing values: booleans are 0 and 1, dates and times days since 1970-01-01."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        # Whole milliseconds, the precision of JavaScript's dates.
        micros = column.cast(pa.timestamp("us", tz=kind.tz), safe=False).cast(pa.int64()).cast(pa.float64(), safe=False)
        return np.array(np.floor(micros.to_numpy() / 1000) / DAY_MILLISECONDS, dtype=np.float64)
    if pa.types.is_date(kind):
        column = column.cast(pa.date32()).cast(pa.int32())
    elif pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    elif not any(
        holds(kind) for holds in (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null)
    ):
        raise unsupported(name, column, "numbers")
    # Unsafe cast: an integer beyond 2^53 may lose its last digits, as in float32 anyway.
    return np.array(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64, copy=True)


def unsupported(name: str, column: pa.ChunkedArray, wanted: str) -> Fault:
    message = f"the column {name} holds {column.type}, and the model needs {wanted}"
    return Fault("MR403", name, message, "cast it in the SQL, or leave it out of the model's inputs")
