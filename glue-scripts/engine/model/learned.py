"""What a model learned from, as fingerprints: to know the same rows again, and the rows that it has not seen."""

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
from engine.model.records import algorithm_of
from engine.plan_types import TrainTask

Hashes = npt.NDArray[np.uint64]

#: The file beside the model: a hash for each row of the features table, sorted, 8 bytes each, little-endian.
ROWS_FILE = "rows.bin"

#: What decides, beside the rows, which model comes out.
PARAMETERS = ("label", "key", "inputs", "objective", "algorithm", "folds", "testShare", "seed")


def row_hashes(table: pa.Table, task: TrainTask) -> Hashes:
    """A hash a row, of key, inputs and label as a model reads them: equal on every engine, whatever its Arrow types are."""
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
        # Two columns with swapped values are another row.
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) ^ pd.util.hash_array(values)
    return hashes


def as_read(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """One NaN for all of them, and one zero."""
    return np.where(np.isnan(values), np.nan, values + 0.0)


def fingerprints(hashes: Hashes, task: TrainTask) -> Learned:
    """`learned` of `contracts/dossier.schema.json`: of the rows that a model learns from and is judged on, and of the parameters."""
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
    """None where the version has no such file, as versions of older engines."""
    path = folder / ROWS_FILE
    return np.frombuffer(path.read_bytes(), dtype="<u8").astype(np.uint64) if path.is_file() else None


def unseen_rows(hashes: Hashes, seen: Hashes) -> npt.NDArray[np.bool_]:
    """Which rows were not there when the version learned: new ones, and those of which any value has changed."""
    if len(seen) == 0:
        return np.ones(len(hashes), dtype=bool)
    at = np.minimum(np.searchsorted(seen, hashes), len(seen) - 1)
    return np.asarray(seen[at] != hashes)
