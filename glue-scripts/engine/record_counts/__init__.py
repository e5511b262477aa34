"""Counts the records of a file beside its reader, over the same bytes, by other means: what is counted here must come out there.

One module a format; none shares code with the readers.
"""

from typing import Protocol

from engine.plan_types import IngestTask
from engine.record_counts.csv_records import CsvCount
from engine.record_counts.json_lines import LineCount
from engine.record_counts.text_lines import TextCount


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


def count_for(task: IngestTask) -> Count | None:
    """What counts the records of a text file of an ingest task; None for Parquet, whose footer has the number."""
    match task["format"]:
        case "csv":
            return CsvCount(task.get("dialect", {}), task.get("delimiter"))
        case "json":
            return LineCount()
        case "text":
            return TextCount(task.get("dialect", {}).get("encoding", "utf-8"))
        case _:
            return None
