"""Spark's `hash` of rows, computed on Arrow columns in this process: 32-bit Murmur3, seeded with the hash of the column before.

`row_hash` computes the same in SQL; the readers use this one, because they run without an engine. A test compares both on each engine.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.contents import Contents, total
from engine.murmur import SEED, Hashes, hash_bytes, hash_long, hash_words
from engine.plan_types import Field
from engine.readers.types import fields_of, inner_types, kind_of
from engine.row_hash import FLAGS, NOTHING


def contents_of(batch: pa.RecordBatch | pa.Table, columns: Sequence[Field], numbered: bool = True) -> Contents:
    """The contents of some rows, over these columns of the contract. `numbered`: the rows have a `_row`."""
    numbers = cells = 0
    for part in batch.to_batches() if isinstance(batch, pa.Table) else [batch]:
        state = seeds(part.num_rows)
        if numbered:
            state = hash_column(part.column("_row"), "bigint", state)
            numbers += total(state)
        cells += total(hash_cells([part.column(c["name"]) for c in columns], [c["type"] for c in columns], state))
    return Contents(batch.num_rows, numbers if numbered else None, cells)


def hash_cells(arrays: Sequence[pa.Array], types: Sequence[str], state: Hashes) -> Hashes:
    """For each row, the hash of its cells in order, and of which of them are null."""
    for first in range(0, len(arrays), FLAGS):
        # One number holds the null flags of this group of columns.
        flags = np.zeros(len(state), np.int32)
        for place, (array, type) in enumerate(zip(arrays[first:], types[first : first + FLAGS], strict=False)):
            state = hash_column(array, type, state)
            if array.null_count:
                flags += np.int32(1 << place) * array.is_null().to_numpy(zero_copy_only=False)
        state = hash_words([flags.view(np.uint32)], state)
    return state


def hash_column(array: pa.Array, type: str, state: Hashes) -> Hashes:
    """The hash of each cell, seeded by `state`. A null returns its seed unchanged."""
    match kind_of(type):
        case "string" | "binary":
            found = hash_bytes(array, state)
        case "bigint" | "timestamp":
            found = hash_long(numbers_in(array, np.dtype(np.int64)), state)
        case "double":
            # All NaN hash alike, and so do 0.0 and -0.0.
            values = numbers_in(array, np.dtype(np.float64)) + 0.0
            values[np.isnan(values)] = np.nan
            found = hash_long(values.view(np.int64), state)
        case "boolean":
            flags = array.fill_null(False).cast(pa.int32()) if array.null_count else array.cast(pa.int32())
            found = hash_words([numbers_in(flags, np.dtype(np.int32)).view(np.uint32)], state)
        case "decimal":
            found = hash_bytes(decimal_texts(array), state)
        case "array":
            found = hash_bytes(array_texts(array, *inner_types(type)), state)
        case "map":
            found = hash_bytes(map_texts(array, *inner_types(type)), state)
        case "struct":
            types = [of for _, of in fields_of(type)]
            found = hash_words([hash_cells(array.flatten(), types, seeds(len(array)))], state)
        case _:
            found = hash_words([numbers_in(array, np.dtype(np.int32)).view(np.uint32)], state)
    if array.null_count:
        # By masks, which are several times faster than `np.where`.
        valid = (-array.is_valid().to_numpy(zero_copy_only=False).astype(np.int32)).view(np.uint32)
        found ^= (found ^ state) & ~valid
    return found


def numbers_in(array: pa.Array, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """The values of a fixed-width column. The value at a null is arbitrary."""
    buffer = array.buffers()[1]
    if buffer is None:
        return np.zeros(len(array), dtype)
    return np.frombuffer(buffer, dtype, len(array), array.offset * dtype.itemsize)


def seeds(rows: int) -> Hashes:
    return np.full(rows, SEED, np.uint32)


def decimal_texts(array: pa.Array) -> pa.Array:
    """Decimals as text with all digits of their scale, such as `-0.50` for decimal(9,2). Arrow's own cast writes some as 1E-7."""
    scale = array.type.scale
    digits = pa.Array.from_buffers(pa.decimal128(38, 0), len(array), array.buffers(), offset=array.offset)
    whole = digits.cast(pa.string())
    if scale == 0:
        return whole
    padded = pc.utf8_lpad(pc.utf8_ltrim(whole, "-"), scale + 1, "0")
    units, rest = pc.utf8_slice_codeunits(padded, 0, -scale), pc.utf8_slice_codeunits(padded, -scale)
    sign = pc.if_else(pc.starts_with(whole, "-"), "-", "")
    return pc.binary_join_element_wise(pc.binary_join_element_wise(sign, units, ""), rest, ".")


def array_texts(array: pa.Array, type: str) -> pa.Array:
    """Each array as the hashes of its elements, such as `-559580957,n,933211791`."""
    offsets = np.asarray(array.offsets)
    elements = array.values[offsets[0] : offsets[-1]]
    return joined(offsets, hash_texts(elements, type))


def map_texts(array: pa.Array, key: str, value: str) -> pa.Array:
    """Each map as the sorted hashes of its keys and values, such as `-559580957=n,933211791=42`."""
    offsets = np.asarray(array.offsets)
    keys, values = (side[offsets[0] : offsets[-1]] for side in (array.keys, array.items))
    texts = pc.binary_join_element_wise(hash_texts(keys, key), hash_texts(values, value), "=")
    rows = pa.array(np.repeat(np.arange(len(array)), np.diff(offsets)))
    entries = pa.table({"row": rows, "text": texts})
    ordered = entries.sort_by([("row", "ascending"), ("text", "ascending")])["text"].combine_chunks()
    return joined(offsets, ordered)


def joined(offsets: npt.NDArray[np.int32], texts: pa.Array) -> pa.Array:
    """The texts of each row, joined by commas."""
    return pc.binary_join(pa.LargeListArray.from_arrays(offsets.astype(np.int64) - int(offsets[0]), texts), ",")


def hash_texts(array: pa.Array, type: str) -> pa.Array:
    hashes = hash_column(array, type, seeds(len(array))).view(np.int32)
    return pc.if_else(array.is_valid(), pa.array(hashes).cast(pa.string()), NOTHING)
