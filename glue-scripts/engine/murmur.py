"""Spark's 32-bit Murmur3 over many values at once, with numpy. Each value is hashed with the hash before it as seed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.uint32]
Bytes = npt.NDArray[np.uint8]

SEED = 42
#: If fewer cells than this have words left, plain Python is faster than numpy.
FEW = 8


def hash_long(values: npt.NDArray[np.int64], state: Hashes) -> Hashes:
    words = np.ascontiguousarray(values).view(np.uint32)
    return hash_words([words[::2], words[1::2]], state)


def hash_words(words: Sequence[Hashes], state: Hashes) -> Hashes:
    for word in words:
        state = mixed(state, word)
    return finished(state, np.uint32(4 * len(words)))


def hash_bytes(array: pa.Array, state: Hashes) -> Hashes:
    _, offsets_buffer, data_buffer = array.buffers()
    if data_buffer is None or not len(array):
        return finished(state, np.uint32(0))
    width = np.dtype(
        np.int64 if pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type) else np.int32
    )
    offsets = np.frombuffer(offsets_buffer, width, len(array) + 1, array.offset * width.itemsize).astype(np.int64)
    data = np.frombuffer(data_buffer, np.uint8)
    starts, lengths = offsets[:-1], np.diff(offsets)
    if lengths[0] == lengths[-1] and (lengths == lengths[0]).all():
        return hash_even(data, int(starts[0]), int(lengths[0]), state)
    return hash_uneven(data, starts, lengths, state)


def hash_even(data: Bytes, start: int, length: int, state: Hashes) -> Hashes:
    """Hash cells that all have the same length and follow each other in `data`."""
    rows = len(state)
    for at in range(start, start + length - length % 4, 4):
        state = mixed(state, np.ndarray((rows,), "<u4", data.data, at, (length,)).copy())
    for at in range(start + length - length % 4, start + length):
        state = mixed(state, signed(np.ndarray((rows,), np.uint8, data.data, at, (length,))))
    return finished(state, np.uint32(length))


def hash_uneven(data: Bytes, starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], state: Hashes) -> Hashes:
    """Hash cells of different lengths. Sorted longest first, so that the cells with words left are always the first ones."""
    words = lengths >> 2
    order = np.argsort(-words, kind="stable")
    at, left = starts[order], words[order]
    sorted_state = state[order]
    if len(data) >= 4:
        view: Hashes = np.ndarray((len(data) - 3,), "<u4", data.data, 0, (1,))
        live = int(np.count_nonzero(left))
        step = 0
        while live > FEW:
            sorted_state[:live] = mixed(sorted_state[:live], view[at[:live] + 4 * step])
            step += 1
            live = int(np.searchsorted(-left[:live], -step, side="left"))
        for i in range(live):
            cell = data[at[i] + 4 * step : at[i] + 4 * left[i]].tobytes()
            sorted_state[i] = mixed_one(int(sorted_state[i]), np.frombuffer(cell, "<u4").tolist())
    tails, rest = at + 4 * left, (lengths & 3)[order]
    for byte in range(3):
        having = np.flatnonzero(rest > byte)
        if having.size:
            sorted_state[having] = mixed(sorted_state[having], signed(data[tails[having] + byte]))
    result = np.empty_like(state)
    result[order] = finished(sorted_state, lengths[order].astype(np.uint32))
    return result


def signed(last: Bytes) -> Hashes:
    """The bytes after the last whole word as Spark mixes them: one by one, each as a signed number."""
    return last.astype(np.int8).astype(np.int32).view(np.uint32)


def mixed(state: Hashes, word: Hashes) -> Hashes:
    found = word * np.uint32(0xCC9E2D51)
    found = (found << np.uint32(15)) | (found >> np.uint32(17))
    found *= np.uint32(0x1B873593)
    found ^= state
    found = (found << np.uint32(13)) | (found >> np.uint32(19))
    found *= np.uint32(5)
    found += np.uint32(0xE6546B64)
    return found


def mixed_one(state: int, words: Sequence[int]) -> int:
    most = 0xFFFFFFFF
    for word in words:
        found = word * 0xCC9E2D51 & most
        found = (found << 15 | found >> 17) * 0x1B873593 & most
        state ^= found
        state = ((state << 13 | state >> 19) * 5 + 0xE6546B64) & most
    return state


def finished(state: Hashes, length: Any) -> Hashes:
    found: Hashes = state ^ length
    found ^= found >> np.uint32(16)
    found *= np.uint32(0x85EBCA6B)
    found ^= found >> np.uint32(13)
    found *= np.uint32(0xC2B2AE35)
    found ^= found >> np.uint32(16)
    return found
