"""Counts the records of a file in the bytes that its reader reads, independently of the reader: both numbers must agree.

There is one module per format. None shares code with the readers.
"""

from typing import Protocol


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Count(Protocol):
    def feed(self, data: bytes) -> None: ...

    def finish(self) -> int:
        """The number of records. Do not call `feed` after it."""


class Watched:
    """A stream that passes each byte to `count` as it is read."""

    def __init__(self, stream: Readable, count: Count) -> None:
        self._stream = stream
        self._count = count

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._count.feed(data)
        return data
