"""Cuts a file into blocks of whole records, so that a file of any size is read in bounded memory."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

BLOCK_BYTES = 1 << 20
# A record up to this size is read whole. It bounds what an unclosed quote or a file without line ends can take.
RECORD_BYTES = 32 << 20

BOM = b"\xef\xbb\xbf"


class Readable(Protocol):
    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end only."""


class Rewound:
    """A stream that gives some bytes again before it goes on."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int) -> bytes:
        if not self._head:
            return self._stream.read(size)
        given, self._head = self._head[:size], self._head[size:]
        return given


class Block(NamedTuple):
    """Whole records, or, where `broken` names why (`quote`, `length`), bytes that are one record to reject."""

    data: bytes
    broken: str | None = None
    #: Among the records are some to reject or to pass over.
    odd: bool = False


class Splitter(Protocol):
    """Where the records of a format end."""

    def cut(self, window: bytes, final: bool) -> tuple[int, bool]:
        """The number of leading bytes that are whole records, and whether some are odd. `final`: the file ends with the window."""

    def first_line(self, window: bytes) -> int:
        """The length of the first line with its end, 0 where it does not end here."""

    def unclosed(self, window: bytes) -> int:
        """The length of the leading lines up to the one that opens a quote which the window does not close, 0 for none."""


class LineRecords:
    """A record a line."""

    def cut(self, window: bytes, final: bool) -> tuple[int, bool]:
        return len(window) if final else window.rfind(b"\n") + 1, False

    def first_line(self, window: bytes) -> int:
        return window.find(b"\n") + 1

    def unclosed(self, window: bytes) -> int:
        return 0


def blocks(stream: Readable, splitter: Splitter, size: int = BLOCK_BYTES, limit: int = RECORD_BYTES) -> Iterator[Block]:
    """The bytes of the stream after its byte-order mark, each exactly once, in blocks of about `size` bytes.

    A record longer than `limit` comes in broken pieces (`length`). Where a quote stays open for `limit` bytes, only the
    lines up to the one that opens it are broken (`quote`), and reading goes on at the next line.
    """
    carry = _without_bom(stream)
    ended = False
    in_long_line = False
    while True:
        if not ended and len(carry) < limit:
            # Growing by what is already there keeps the cost of a long record linear.
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
