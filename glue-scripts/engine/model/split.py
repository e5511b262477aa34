"""Who is in the hold-out and in which fold: decided by the row's key, never by the order in which an engine delivers rows."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa


def ordered_by_key(table: pa.Table, key: Sequence[str], seed: int) -> pa.Table:
    """The rows in an order that only key and seed decide: by a keyed hash, ties by the key itself."""
    frame = pd.DataFrame({name: table[name].cast(pa.string()).to_pandas() for name in key})
    text = frame[key[0]] if len(key) == 1 else frame.astype(str).agg("\x1f".join, axis=1)
    values = text.to_numpy(dtype=object)
    hashes = pd.util.hash_array(values, hash_key=f"{seed:016d}"[-16:], categorize=False)
    order = np.argsort(hashes, kind="stable")
    # Comparing the texts takes ten times as long as comparing the hashes, so they are compared only where two hashes are equal.
    if (np.diff(hashes[order]) == 0).any():
        order = np.lexsort((values.astype(str), hashes))
    return table.take(pa.array(order))


def stratified(labels: npt.NDArray[np.int8], test_share: float, folds: int) -> npt.NDArray[np.int8]:
    """-1 for the hold-out, else the fold 0..folds-1, in equal shares of each class. Rows must be ordered by key.

    With more than `folds` rows of each class, the hold-out and every fold have at least one row of each.
    """
    assigned = np.empty(len(labels), dtype=np.int8)
    for label in (0, 1):
        rows = np.flatnonzero(labels == label)
        # Whatever the share: a part without one of the classes cannot be judged.
        held_out = max(min(round(len(rows) * test_share), len(rows) - folds), min(1, len(rows)))
        assigned[rows[:held_out]] = -1
        rest = rows[held_out:]
        assigned[rest] = np.arange(len(rest)) % folds
    return assigned
