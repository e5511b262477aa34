"""The formats that a source may have, one record each: how its files are read, and how their records are counted by other means.

A new format is a reader in this folder and a line in `FORMATS`; its options are in `lib/definition/formats`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic

from engine.plan_types import IngestTask
from engine.readers.blocks import Readable
from engine.readers.chunk import Chunk
from engine.readers.csv_lines import read_csv
from engine.readers.json_lines import read_json
from engine.readers.lines import read_lines
from engine.readers.parquet_file import read_parquet
from engine.readers.reading import Reading, S
from engine.record_counts import Count, Watched
from engine.record_counts.csv_records import CsvCount
from engine.record_counts.json_lines import LineCount
from engine.record_counts.parquet_footer import rows_in_footer
from engine.record_counts.text_lines import TextCount


@dataclass(frozen=True)
class Counting:
    """How the records of one file are counted beside its reader."""

    #: Sees the bytes that the reader reads.
    watch: Callable[[Readable], Readable]
    #: How many records there were; called once, after the reader is through.
    finish: Callable[[], int]


@dataclass(frozen=True)
class TextFormat(Generic[S]):
    """Files of text, which may be packed. They are read from the first byte to the last, and counted over the same bytes."""

    read: Callable[[Readable, Reading[S]], Iterator[Chunk]]
    count: Callable[[S], Count]
    #: What of a file has a name, as columns.
    named: str = "columns"

    def counting(self, source: S, _uri: str) -> Counting:
        count = self.count(source)
        return Counting(lambda stream: Watched(stream, count), count.finish)


@dataclass(frozen=True)
class IndexedFormat(Generic[S]):
    """Files that are read in any order, and say how many rows they have."""

    #: The first argument opens the file, as often as it is called.
    read: Callable[[Callable[[], BinaryIO], Reading[S]], Iterator[Chunk]]
    #: Rows of the file at a place.
    rows: Callable[[str], int]
    named: str = "columns"

    def counting(self, _source: S, uri: str) -> Counting:
        return Counting(lambda stream: stream, lambda: self.rows(uri))


FORMATS: Mapping[str, TextFormat[Any] | IndexedFormat[Any]] = {
    "csv": TextFormat(read_csv, CsvCount),
    "json": TextFormat(read_json, lambda _: LineCount(), "keys (of the first 100 lines of a file)"),
    "parquet": IndexedFormat(read_parquet, rows_in_footer),
    "text": TextFormat(read_lines, lambda source: TextCount(source["encoding"])),
}


def format_of(task: IngestTask) -> TextFormat[Any] | IndexedFormat[Any]:
    return FORMATS[task["source"]["format"]]
