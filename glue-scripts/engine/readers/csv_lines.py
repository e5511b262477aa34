"""CSV: every record is accepted, or rejected with its text. The grammar is in `csv_records`.

A cell is a string. If its column has another type and the cell is not a value of that type, the record is rejected.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.faults import Fault
from engine.plan_types import CsvSource
from engine.readers.blocks import RECORD_BYTES, Readable, blocks
from engine.readers.chunk import Chunk, FileRows, Numbers, Reject, bad_byte
from engine.readers.columns import Wanted
from engine.readers.csv_cells import to_type
from engine.readers.csv_dialect import Dialect, dialect_of
from engine.readers.csv_head import after_head
from engine.readers.csv_header import Places, place
from engine.readers.csv_parse import parse_records
from engine.readers.csv_records import CsvRecords, Span, line_count
from engine.readers.encoding import Transcoded, invalid_byte, original
from engine.readers.reading import Reading
from engine.words import counted

QUOTE = "a quote opens here but is not closed, or text follows the closing quote"
BROKEN = {"quote": QUOTE, "length": f"part of a record of more than {RECORD_BYTES >> 20} MB"}


@dataclass(frozen=True)
class Layout:
    """The declared columns, and their positions in a record."""

    columns: Sequence[Wanted]
    places: Places
    dialect: Dialect

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def empty(self) -> list[pa.Array]:
        return [pa.array([], column.arrow) for column in self.columns]


@dataclass
class Position:
    """The next record and the next line."""

    number: int
    line: int


Why = dict[int, tuple[str, str]]


def read_csv(stream: Readable, reading: Reading[CsvSource]) -> Iterator[Chunk]:
    """The chunks of a CSV file. Raises MR203 and MR204."""
    dialect, columns, rows, notes = dialect_of(reading.source), reading.columns, reading.rows, reading.notes
    if dialect.encoding != "utf-8":
        stream = Transcoded(stream, dialect.encoding)
    text, dialect, lines = after_head(stream, dialect, rows.source_file)
    records = CsvRecords(dialect)
    layout: Layout | None = None
    if not dialect.header:
        width = len(columns) + dialect.trailing_delimiter
        layout = Layout(columns, Places(list(range(len(columns))), width, []), dialect)
    heads = dialect.header
    at = Position(number=0, line=1 + lines)
    for data, broken, odd in blocks(text, records, reading.block_size):
        while heads and data:
            spans = [Span(0, len(data), True)] if broken else records.spans(data)
            if not spans:
                break
            start, end, _ = spans[0]
            if layout is None:
                layout = Layout(columns, place(data[start:end], columns, dialect, rows.source_file), dialect)
                notes.unlisted += layout.places.unlisted
            heads -= 1
            at.line += line_count(data[:end])
            # The remaining data starts with the line end of the header, which the parser reads as a blank line.
            data, broken = data[end:], None
        if heads or not data.strip(b"\r\n"):
            pass
        elif broken:
            reject = Reject(at.number, f"csv:{broken}", f"line {at.line}: {BROKEN[broken]}", data.rstrip(b"\r\n"))
            at.number += 1
            assert layout is not None
            yield rows.chunk(layout.names, layout.empty(), np.empty(0, np.int64), [reject])
        else:
            assert layout is not None
            yield _chunk(data, odd, records, layout, rows, at)
        at.line += line_count(data)
    if layout is None and dialect.skip and lines:
        message = f"the file ends after its first {counted(lines, 'line')}, before its header"
        hint = f"deliver the whole file, or correct skip: {dialect.skip} if the header is in an earlier line"
        raise Fault("MR203", rows.source_file, message, hint)
    if layout is not None:
        places = zip(layout.names, layout.places.fields, strict=True)
        notes.absent += [name for name, field in places if field is None]


def _chunk(data: bytes, odd: bool, records: CsvRecords, layout: Layout, rows: FileRows, at: Position) -> Chunk:
    """The chunk of a block. Advances `at.number` by its records."""
    why: Why = {}
    readable = data
    kept: Sequence[int] | None = None
    if odd or bad_byte(data) or _ends_in_escape(data, layout.dialect):
        spans = records.spans(data)
        for i, (start, end, is_broken) in enumerate(spans):
            if is_broken:
                why[i] = ("csv:quote", QUOTE)
            elif reason := invalid_byte(data[start:end], layout.dialect.encoding) or bad_byte(data[start:end]):
                why[i] = ("encoding", reason)
            elif end == len(data) and _ends_in_escape(data, layout.dialect):
                why[i] = ("csv:escape", "the file ends after an escape")
        kept = [i for i in range(len(spans)) if i not in why]
        readable = b"\n".join(data[spans[i].start : spans[i].end] for i in kept)
    arrays, numbers = _cells(readable, kept, layout, why)
    rejects = _rejects(data, why, records, at) if why else []
    first, at.number = at.number, at.number + len(numbers) + len(rejects)
    return rows.chunk(layout.names, arrays, numbers + first, rejects)


def _cells(readable: bytes, kept: Sequence[int] | None, layout: Layout, why: Why) -> tuple[list[pa.Array], Numbers]:
    """The columns of the accepted records, and the positions of these records. Adds rejected ones to `why`."""
    fields, width, _ = layout.places
    if not readable.strip(b"\r\n"):
        return layout.empty(), np.empty(0, np.int64)
    last = [width - 1] if layout.dialect.trailing_delimiter else []
    wanted = [field for field in fields if field is not None] + last
    table, refused = parse_records(readable, width, layout.dialect, wanted or [0])
    count = table.num_rows
    places = np.asarray(kept if kept is not None else range(count + len(refused)), np.int64)
    for i, found in refused.items():
        why[int(places[i])] = ("csv:fields", f"expected {width} fields, found {found}")
    places = np.delete(places, list(refused))
    bad: Why = {}
    for field in last:
        for i in np.flatnonzero(table.column(str(field)).is_valid().to_numpy()).tolist():
            bad[i] = ("csv:fields", "text after the last delimiter")
    for i in _headers(table, layout):
        bad[i] = ("csv:header", "the header again: several files were joined into one")
    arrays = []
    for column, header_field in zip(layout.columns, fields, strict=True):
        name, type_ = column.name, column.type
        if header_field is None:
            arrays.append(pa.nulls(count, column.arrow))
            continue
        text = table.column(str(header_field)).combine_chunks()
        array, wrong = (text, []) if type_ == "string" else to_type(text, type_, layout.dialect)
        arrays.append(array)
        for i in wrong:
            bad.setdefault(i, (f"csv:type:{name}", f'"{name}" is {_shown(text[i].as_py())}, expected {type_}'))
    if bad:
        why.update({int(places[i]): reason for i, reason in bad.items()})
        good = np.delete(np.arange(count), list(bad))
        arrays = [array.take(pa.array(good)) for array in arrays]
        places = places[good]
    return arrays, places


def _headers(table: pa.Table, layout: Layout) -> list[int]:
    """The records with the header's own names. Only if all columns are strings: a name is no number or date. And if there are
    several: one cell that is equal to its name may be a value.
    """
    named = [
        (column, str(field))
        for column, field in zip(layout.columns, layout.places.fields, strict=True)
        if field is not None
    ]
    if not layout.dialect.header or len(named) < 2 or any(column.type != "string" for column, _ in named):
        return []
    alike: pa.ChunkedArray | None = None
    for column, field in named:
        names = pc.match_substring(table.column(field), column.header.strip())
        alike = names if alike is None else pc.and_(alike, names)
        if not pc.any(alike).as_py():
            return []
    found = np.flatnonzero(pc.fill_null(alike, False).to_numpy()).tolist()
    return [
        i
        for i in found
        if all(table.column(field)[i].as_py().strip("\ufeff ") == column.header.strip() for column, field in named)
    ]


def _rejects(data: bytes, why: Why, records: CsvRecords, at: Position) -> list[Reject]:
    spans = records.spans(data)
    transcoded = records.dialect.encoding != "utf-8"
    rejects = []
    line, counted = at.line, 0
    for i in sorted(why):
        start, end, _ = spans[i]
        line += line_count(data[counted:start])
        counted = start
        rule, reason = why[i]
        raw = data[start:end]
        rejects.append(Reject(at.number + i, rule, f"line {line}: {reason}", original(raw) if transcoded else raw))
    return rejects


def _ends_in_escape(data: bytes, dialect: Dialect) -> bool:
    """Whether the data ends with an escape character that escapes nothing."""
    if dialect.escape is None:
        return False
    escape = dialect.escape.encode()
    return (len(data) - len(data.rstrip(escape))) % 2 == 1


def _shown(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[:most]}..."
