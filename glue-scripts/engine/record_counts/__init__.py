"""Counts the records of a file beside its reader, over the same bytes, by other means: what is counted here must come out there.

One module a format; none shares code with the readers.
"""

from typing import Protocol


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Count(Protocol):
    def feed(self, data: bytes) -> None: ...

    def finish(self) -> int:
        """How many records there were. Nothing may be fed after it."""


class Watched:
    """A stream whose bytes are counted as they are read."""

    def __init__(self, stream: Readable, count: Count) -> None:
        self._stream = stream
        self._count = count

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._count.feed(data)
        return data
