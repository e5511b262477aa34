"""Spark's 32-bit Murmur3 over many values at once, with numpy. Each value is hashed with the hash before it as seed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Hashes = npt.NDArray[np.uint32]
Bytes = npt.NDArray[np.uint8]
Lengths = npt.NDArray[np.int32]

SEED = 42
#: Cells of different lengths are padded to the longest one up to this many bytes.
PADDED_BYTES = 64
#: If fewer cells than this have words left, plain Python is faster than numpy.
FEW = 8


def hash_long(values: npt.NDArray[np.int64], state: Hashes) -> Hashes:
    words = np.ascontiguousarray(values).view(np.uint32)
    return hash_words([words[::2], words[1::2]], state)


def hash_words(words: Sequence[Hashes], state: Hashes) -> Hashes:
    mixing = Mixing(state)
    for word in words:
        mixing.mix(word)
    return mixing.finished(np.uint32(4 * len(words)))


def hash_bytes(array: pa.Array, state: Hashes) -> Hashes:
    """Hash texts or binaries. The hash at a null is arbitrary."""
    _, offsets_buffer, data_buffer = array.buffers()
    if data_buffer is None or not len(array):
        return Mixing(state).finished(np.uint32(0))
    large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    width = np.dtype(np.int64 if large else np.int32)
    offsets = np.frombuffer(offsets_buffer, width, len(array) + 1, array.offset * width.itemsize)
    data = np.frombuffer(data_buffer, np.uint8)
    lengths = np.diff(offsets)
    longest, shortest = int(lengths.max()), int(lengths.min())
    if longest == shortest:
        return hash_even(data, int(offsets[0]), longest, state)
    if longest <= PADDED_BYTES:
        return hash_padded(array, lengths.astype(np.int32, copy=False), shortest, longest, state)
    return hash_uneven(data, offsets[:-1].astype(np.int64), lengths.astype(np.int64), state)


def hash_even(data: Bytes, start: int, length: int, state: Hashes) -> Hashes:
    """Hash cells that all have the same length and follow each other in `data`."""
    rows = len(state)
    mixing = Mixing(state)
    for at in range(start, start + length - length % 4, 4):
        mixing.mix(np.ndarray((rows,), "<u4", data.data, at, (length,)).copy())
    for at in range(start + length - length % 4, start + length):
        mixing.mix(signed(np.ndarray((rows,), np.uint8, data.data, at, (length,))))
    return mixing.finished(np.uint32(length))


def hash_padded(array: pa.Array, lengths: Lengths, shortest: int, longest: int, state: Hashes) -> Hashes:
    """Hash short cells of different lengths. All are padded to as many words; a word is mixed in where the cell has it."""
    rows = len(state)
    width = -(-longest // 4)
    text = pa.large_string() if array.type in (pa.large_string(), pa.large_binary()) else pa.string()
    # Without the null flags, because a null is not padded. Padding counts bytes, so the cells need not be text.
    cells = pa.Array.from_buffers(text, rows, [None, *array.buffers()[1:]], offset=array.offset)
    padded = pc.ascii_rpad(cells, 4 * width, "\0")
    words = np.frombuffer(padded.buffers()[2], "<u4", rows * width).reshape(rows, width)
    mixing = Mixing(state)
    whole = lengths >> 2
    for place in range(longest >> 2):
        mixing.mix(words[:, place], None if place < shortest >> 2 else more_than(whole, place))
    rest = lengths & 3
    last = np.take(words.reshape(-1), whole + np.arange(0, rows * width, width), mode="clip").view(np.int32)
    for place in range(int(rest.max())):
        # Shifted up and down again, the byte is a signed number.
        byte = (last << np.int32(24 - 8 * place)) >> np.int32(24)
        mixing.mix(byte.view(np.uint32), more_than(rest, place))
    return mixing.finished(lengths.view(np.uint32))


def more_than(counts: Lengths, place: int) -> Hashes:
    """A mask: all bits where the count is above `place`, else none."""
    return ((np.int32(place) - counts) >> np.int32(31)).view(np.uint32)


def hash_uneven(data: Bytes, starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], state: Hashes) -> Hashes:
    """Hash cells of different lengths. Sorted longest first, so that the cells with words left are always the first ones."""
    words = lengths >> 2
    ahead = words.max() - words
    # numpy sorts numbers of 16 bits by their digits, which is several times faster.
    order = np.argsort(ahead.astype(np.uint16) if int(ahead.max()) < 1 << 16 else ahead, kind="stable")
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
    result[order] = Mixing(sorted_state).finished(lengths[order].astype(np.uint32))
    return result


def signed(last: Bytes) -> Hashes:
    """The bytes after the last whole word as Spark mixes them: one by one, each as a signed number."""
    return last.astype(np.int8).astype(np.int32).view(np.uint32)


class Mixing:
    """Hashes that words are mixed into. It reuses two arrays, because new ones for each step would cost more than the arithmetic."""

    def __init__(self, state: Hashes) -> None:
        self.state = state.copy()
        self._next = np.empty_like(state)
        self._spare = np.empty_like(state)

    def mix(self, word: Hashes, where: Hashes | None = None) -> None:
        """Mix one word into each hash. `where` is a mask of the hashes that get it."""
        found = self._next
        np.multiply(word, np.uint32(0xCC9E2D51), out=found)
        self._rotate(found, 15)
        found *= np.uint32(0x1B873593)
        found ^= self.state
        self._rotate(found, 13)
        found *= np.uint32(5)
        found += np.uint32(0xE6546B64)
        if where is not None:
            found ^= self.state
            found &= where
            found ^= self.state
        self.state, self._next = found, self.state

    def finished(self, length: Any) -> Hashes:
        """The hashes of values of this many bytes. Nothing may be mixed in afterwards."""
        found = self.state
        found ^= length
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, None)):
            np.right_shift(found, np.uint32(shift), out=self._spare)
            found ^= self._spare
            if factor is not None:
                found *= np.uint32(factor)
        return found

    def _rotate(self, found: Hashes, bits: int) -> None:
        np.left_shift(found, np.uint32(bits), out=self._spare)
        found >>= np.uint32(32 - bits)
        found |= self._spare


def mixed(state: Hashes, word: Hashes) -> Hashes:
    mixing = Mixing(state)
    mixing.mix(word)
    return mixing.state


def mixed_one(state: int, words: Sequence[int]) -> int:
    most = 0xFFFFFFFF
    for word in words:
        found = word * 0xCC9E2D51 & most
        found = (found << 15 | found >> 17) * 0x1B873593 & most
        state ^= found
        state = ((state << 13 | state >> 19) * 5 + 0xE6546B64) & most
    return state
