"""Assigns rows to the hold-out and the folds, by the row's key, never by the order in which an engine delivers rows."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from engine.model.part import blocks

Places = npt.NDArray[np.float64]


def ordered_by_key(table: pa.Table, key: Sequence[str], seed: int) -> tuple[pa.Table, Places]:
    """The rows, sorted by a hash of key and seed, ties by the key itself; and the place of each row.

    A place is the hash as a number from 0 to 1. A row has the same place in every table.
    """
    order, at = order_by_key(table, key, seed)
    return table.take(pa.array(order)), at


def order_by_key(table: pa.Table, key: Sequence[str], seed: int) -> tuple[npt.NDArray[np.intp], Places]:
    """The positions of the rows in that order, and the place of each."""
    hashes = key_hashes(table, key, seed)
    order = np.argsort(hashes, kind="stable")
    ranked = hashes[order]
    # Texts take ten times the memory and time of hashes, so they are compared only where hashes are equal.
    same = np.flatnonzero(ranked[1:] == ranked[:-1])
    if len(same):
        tied = np.union1d(same, same + 1)
        texts = key_texts(table.select(list(dict.fromkeys(key))).take(pa.array(order[tied])), key).astype(str)
        order[tied] = order[tied][np.lexsort((texts, ranked[tied]))]
    return order, places_of(ranked)


def places(table: pa.Table, key: Sequence[str], seed: int) -> Places:
    """The place of each row with another seed, in table order."""
    return places_of(key_hashes(table, key, seed))


def key_hashes(table: pa.Table, key: Sequence[str], seed: int) -> npt.NDArray[np.uint64]:
    # In blocks: as Python texts, keys take several times the memory of the column.
    return np.concatenate([hashes_of(key_texts(block, key), seed) for block in blocks(table)])


def key_texts(table: pa.Table, key: Sequence[str]) -> npt.NDArray[np.object_]:
    frame = pd.DataFrame({name: table[name].cast(pa.string()).to_pandas() for name in key})
    text = frame[key[0]] if len(key) == 1 else frame.astype(str).agg("\x1f".join, axis=1)
    values: npt.NDArray[np.object_] = text.to_numpy(dtype=object)
    return values


def hashes_of(values: npt.NDArray[np.object_], seed: int) -> npt.NDArray[np.uint64]:
    hashes: npt.NDArray[np.uint64] = pd.util.hash_array(values, hash_key=f"{seed:016d}"[-16:], categorize=False)
    return hashes


def places_of(hashes: npt.NDArray[np.uint64]) -> Places:
    return np.asarray(hashes, dtype=np.float64) / 2.0**64


def stratified(strata: npt.NDArray[np.int8], places: Places, test_share: float, folds: int) -> npt.NDArray[np.int8]:
    """-1 for the hold-out, else the fold 0..folds-1, with equal shares of each stratum. Rows must be ordered by place.

    A row is held out if its place is below `test_share`, whatever the other rows are, so the next version holds it out too, and both
    can be judged on it. With more than `folds` rows per stratum, the hold-out and every fold get at least one row of each; only with
    few rows does a row's part depend on other rows.
    """
    assigned = np.empty(len(strata), dtype=np.int8)
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        # Whatever the share: a part that lacks a stratum cannot be judged.
        below = int((places[rows] < test_share).sum())
        held_out = max(min(below, len(rows) - folds), min(1, len(rows)))
        assigned[rows[:held_out]] = -1
        rest = rows[held_out:]
        assigned[rest] = np.arange(len(rest)) % folds
    return assigned
