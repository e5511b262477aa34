"""Splits a file into blocks of whole records, so that a file of any size is read in bounded memory."""

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import NamedTuple, Protocol

BLOCK_BYTES = 1 << 20
# The longest record. It bounds the memory for an unclosed quote or a file without line ends.
RECORD_BYTES = 32 << 20

BOM = b"\xef\xbb\xbf"


class Readable(Protocol):
    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none only at the end."""


class Rewound:
    """A stream that first returns `head`, the bytes that were already read from it."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int) -> bytes:
        if not self._head:
            return self._stream.read(size)
        data, self._head = self._head[:size], self._head[size:]
        return data


class Block(NamedTuple):
    """Whole records. With `broken` (`quote` or `length`), the bytes of one record to reject."""

    data: bytes
    broken: str | None = None
    #: Whether some of the records must be rejected or skipped.
    odd: bool = False


class Splitter(Protocol):
    """Finds the ends of records in one format."""

    def cut(self, window: bytes, final: bool) -> tuple[int, bool]:
        """The number of leading bytes that are whole records, and whether some are odd. `final`: the window ends the file."""

    def first_line(self, window: bytes) -> int:
        """The length of the first line with its line end, 0 if it does not end in the window."""

    def unclosed(self, window: bytes) -> int:
        """The length of the lines up to and with the one that opens an unclosed quote, 0 if there is none."""


class LineRecords:
    """One record per line."""

    def cut(self, window: bytes, final: bool) -> tuple[int, bool]:
        return len(window) if final else window.rfind(b"\n") + 1, False

    def first_line(self, window: bytes) -> int:
        return window.find(b"\n") + 1

    def unclosed(self, window: bytes) -> int:
        return 0


def blocks(stream: Readable, splitter: Splitter, size: int = BLOCK_BYTES, limit: int = RECORD_BYTES) -> Iterator[Block]:
    """The bytes of the stream after its byte-order mark, each exactly once, in blocks of about `size` bytes.

    A record longer than `limit` is split into broken blocks (`length`). If a quote stays open for `limit` bytes, only the
    lines up to the one that opens it are broken (`quote`), and reading continues at the next line.
    """
    carry = _without_bom(stream)
    ended = False
    in_long_line = False
    while True:
        if not ended and len(carry) < limit:
            # Doubling keeps the cost of a long record linear.
            more = stream.read(min(max(size, len(carry)), limit - len(carry)))
            ended = not more
            carry = carry + more if carry else more
        if not carry:
            return
        end = 0
        if in_long_line:
            end = splitter.first_line(carry)
            if end or ended or len(carry) >= limit:
                in_long_line = not end
                end = end or len(carry)
                yield Block(carry[:end], "length")
        else:
            end, odd = splitter.cut(carry, ended)
            if end:
                yield Block(carry[:end], odd=odd)
            elif len(carry) >= limit:
                end = splitter.unclosed(carry)
                in_long_line = not end
                end = end or len(carry)
                yield Block(carry[:end], "length" if in_long_line else "quote")
        carry = carry[end:]


def _without_bom(stream: Readable) -> bytes:
    start = stream.read(len(BOM))
    return b"" if start == BOM else start


def filled_lines(data: bytes, first_line: int) -> tuple[list[bytes], Sequence[int]]:
    """The lines of a block that are not empty, with the CR that may end them, and their line numbers in the file."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()  # what follows the last line end is no line
    places: Sequence[int] = range(first_line, first_line + len(lines))
    if b"" not in lines and b"\r" not in lines:
        return lines, places
    filled = [line not in (b"", b"\r") for line in lines]
    return list(compress(lines, filled)), list(compress(places, filled))
