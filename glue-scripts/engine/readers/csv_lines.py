"""CSV as it came: every cell a string, every record either accepted or rejected with its text.

A record is accepted when it has as many fields as the header; the fields of undeclared columns are left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from engine.readers.blocks import RECORD_BYTES, blocks
from engine.readers.chunk import Chunk, FileRows, Reject, bad_byte
from engine.readers.csv_header import place
from engine.readers.csv_parse import parse_records
from engine.readers.csv_records import CsvRecords, line_count

BROKEN = {
    "quote": "a quote is opened here and never closed",
    "length": f"part of a record of more than {RECORD_BYTES >> 20} MB",
}


@dataclass(frozen=True)
class Layout:
    """The declared columns, the field each is in, and how many fields a record has."""

    columns: Sequence[str]
    fields: Sequence[int]
    width: int


@dataclass
class Position:
    """The record and the line that come next."""

    number: int
    line: int


def read_csv(
    stream: BinaryIO, columns: Sequence[str], headers: Sequence[str], delimiter: str, rows: FileRows, block_size: int
) -> Iterator[Chunk]:
    """The chunks of a CSV file. `headers`: what the file calls each of `columns`. Raises MR203 and MR204."""
    records = CsvRecords(delimiter)
    layout: Layout | None = None
    at = Position(number=0, line=1)
    for data, broken in blocks(stream, records, block_size):
        if layout is None:
            spans = [(0, len(data))] if broken else records.spans(data)
            if not spans:
                at.line += line_count(data)
                continue
            start, end = spans[0]
            layout = Layout(columns, *place(data[start:end], headers, delimiter, rows.source_file))
            at.line += line_count(data[:end])
            # What is left starts with the end of the header's line, which is a blank line to the parser.
            data, broken = data[end:], None
        if not data.strip(b"\r\n"):
            pass
        elif broken:
            reject = Reject(at.number, f"csv:{broken}", f"line {at.line}: {BROKEN[broken]}", data.rstrip(b"\r\n"))
            at.number += 1
            yield rows.chunk(columns, [pa.array([], pa.string())] * len(columns), np.empty(0, np.int64), [reject])
        else:
            yield _chunk(data, records, layout, rows, at)
        at.line += line_count(data)


def _chunk(data: bytes, records: CsvRecords, layout: Layout, rows: FileRows, at: Position) -> Chunk:
    """The chunk of a block that holds at least one record; moves `at.number` past it."""
    why: dict[int, tuple[str, str]] = {}
    readable = data
    kept: Sequence[int] | None = None
    if bad_byte(data):
        spans = records.spans(data)
        for i, (start, end) in enumerate(spans):
            if reason := bad_byte(data[start:end]):
                why[i] = ("encoding", reason)
        kept = [i for i in range(len(spans)) if i not in why]
        readable = b"\n".join(data[slice(*spans[i])] for i in kept)
    if readable:
        table, refused = parse_records(readable, layout.width, records.delimiter, layout.fields)
        arrays = [table.column(str(field)).combine_chunks() for field in layout.fields]
    else:
        refused, arrays = {}, [pa.array([], pa.string())] * len(layout.fields)
    if kept is None:
        kept = range(len(arrays[0]) + len(refused))
    for i, fields in refused.items():
        why[kept[i]] = ("csv:fields", f"expected {layout.width} fields, found {fields}")
    numbers = np.delete(np.asarray(kept, np.int64), list(refused)) + at.number
    rejects = _rejects(data, why, records, at) if why else []
    at.number += len(numbers) + len(rejects)
    return rows.chunk(layout.columns, arrays, numbers, rejects)


def _rejects(data: bytes, why: dict[int, tuple[str, str]], records: CsvRecords, at: Position) -> list[Reject]:
    spans = records.spans(data)
    rejects = []
    line, counted = at.line, 0
    for i in sorted(why):
        start, end = spans[i]
        line += line_count(data[counted:start])
        counted = start
        rule, reason = why[i]
        rejects.append(Reject(at.number + i, rule, f"line {line}: {reason}", data[start:end]))
    return rejects
