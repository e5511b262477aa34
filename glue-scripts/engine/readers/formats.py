"""The formats of sources, one record each: the reader of a format, and an independent count of its records.

To add a format, write a reader in this folder and a line in `FORMATS`. Its options are in `lib/definition/formats`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic

from engine.plan_types import IngestTask
from engine.readers.access_log import read_access_log
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
    """Counts the records of one file independently of its reader."""

    #: Wraps the stream of the reader, to count the bytes that it reads.
    watch: Callable[[Readable], Readable]
    #: Returns the number of records. Call it once, after the reader has finished.
    finish: Callable[[], int]


@dataclass(frozen=True)
class TextFormat(Generic[S]):
    """Text files, which may be compressed. They are read from start to end, and their records are counted in the same bytes."""

    read: Callable[[Readable, Reading[S]], Iterator[Chunk]]
    count: Callable[[S], Count]
    #: The plural for named values in a file, for warnings about unlisted ones.
    unlisted_name: str = "columns"

    def counting(self, source: S, _uri: str) -> Counting:
        count = self.count(source)
        return Counting(lambda stream: Watched(stream, count), count.finish)


@dataclass(frozen=True)
class IndexedFormat(Generic[S]):
    """Files that are read in any order, and whose metadata has the number of rows."""

    #: The first argument opens the file, any number of times.
    read: Callable[[Callable[[], BinaryIO], Reading[S]], Iterator[Chunk]]
    #: Returns the number of rows of the file at a URI.
    rows: Callable[[str], int]
    unlisted_name: str = "columns"

    def counting(self, _source: S, uri: str) -> Counting:
        return Counting(lambda stream: stream, lambda: self.rows(uri))


FORMATS: Mapping[str, TextFormat[Any] | IndexedFormat[Any]] = {
    "csv": TextFormat(read_csv, CsvCount),
    "json": TextFormat(read_json, lambda _: LineCount(), "keys (of the first 100 lines of a file)"),
    "parquet": IndexedFormat(read_parquet, rows_in_footer),
    "access-log": TextFormat(read_access_log, lambda _: LineCount()),
    "text": TextFormat(read_lines, lambda source: TextCount(source["encoding"])),
}


def format_of(task: IngestTask) -> TextFormat[Any] | IndexedFormat[Any]:
    return FORMATS[task["source"]["format"]]
