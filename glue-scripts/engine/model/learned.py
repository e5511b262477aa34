"""Fingerprints of what a model learned from, to recognise the same rows, and rows that it has not seen."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from engine.model.document_types import Learned
from engine.model.encoding import column_of, numbers, texts
from engine.model.part import blocks
from engine.model.records import algorithm_of
from engine.plan_types import TrainTask

Hashes = npt.NDArray[np.uint64]

#: A file of the model: one hash per row of the features table, sorted, 8 bytes each, little-endian.
ROWS_FILE = "rows.bin"

#: Fields of the task that the model depends on, besides the rows.
PARAMETERS = ("label", "key", "inputs", "objective", "algorithm", "folds", "testShare", "seed")


def row_hashes(table: pa.Table, task: TrainTask) -> Hashes:
    """One hash per row, of key, inputs and label as a model reads them: equal on both engines, whatever their Arrow types."""
    return np.concatenate([block_hashes(block, task) for block in blocks(table)])


def block_hashes(table: pa.Table, task: TrainTask) -> Hashes:
    hashes: Hashes = np.zeros(table.num_rows, dtype=np.uint64)
    types = {**{spec["name"]: spec["type"] for spec in task["inputs"]}, task["label"]: "double"}
    for name in dict.fromkeys([*task["key"], *types]):
        column = column_of(table, name)
        if name in task["key"] and name not in types:
            values: Any = column.cast(pa.string()).fill_null("\0").to_numpy().astype(object)
        elif types[name] == "string":
            values = texts(name, column).fill_null("\0").to_numpy().astype(object)
        else:
            values = as_read(numbers(name, column))
        # A row with the values of two columns swapped is a different row.
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) ^ pd.util.hash_array(values)
    return hashes


def as_read(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The values with one NaN and one zero."""
    return np.where(np.isnan(values), np.nan, values + 0.0)


def fingerprints(hashes: Hashes, task: TrainTask) -> Learned:
    """`learned` of `contracts/dossier.schema.json`: fingerprints of all labelled rows, and of the parameters."""
    parameters = {name: value for name, value in task.items() if name in PARAMETERS}
    parameters |= {"algorithm": algorithm_of(task).plain(task["algorithm"])}
    text = json.dumps(parameters, sort_keys=True, separators=(",", ":"))
    return {
        "rows": hashlib.sha256(np.sort(hashes).astype("<u8").tobytes()).hexdigest(),
        "parameters": hashlib.sha256(text.encode()).hexdigest(),
    }


def write_rows(folder: Path, hashes: Hashes) -> None:
    (folder / ROWS_FILE).write_bytes(np.sort(hashes).astype("<u8").tobytes())


def read_rows(folder: Path) -> Hashes | None:
    """None if the version has no such file, because an older engine trained it."""
    path = folder / ROWS_FILE
    return np.frombuffer(path.read_bytes(), dtype="<u8").astype(np.uint64) if path.is_file() else None


def unseen_rows(hashes: Hashes, seen: Hashes) -> npt.NDArray[np.bool_]:
    """Which rows the version has not seen: new rows, and rows with a changed value."""
    if len(seen) == 0:
        return np.ones(len(hashes), dtype=bool)
    at = np.minimum(np.searchsorted(seen, hashes), len(seen) - 1)
    return np.asarray(seen[at] != hashes)
