"""CSV against a reference that reads byte by byte."""

import csv
import io
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_readers_files import Rows, read_bytes, task

AB = task("csv", ["a", "b"])
Record = tuple[str, Any]


def scan(data: bytes, start: int) -> tuple[list[tuple[bytes, bool]], int, int, int | None]:
    """One record: its fields (with whether quoted), its end, where the next begins, where a quote stays open."""
    fields: list[tuple[bytes, bool]] = []
    at = start
    while True:
        cell, quoted = b"", False
        if data[at : at + 1] == b'"':
            quoted, opened = True, at
            at += 1
            while True:
                if at >= len(data):
                    return fields, at, at, opened
                if data[at : at + 2] == b'""':
                    cell, at = cell + b'"', at + 2
                elif data[at : at + 1] == b'"':
                    at += 1
                    break
                else:
                    cell, at = cell + data[at : at + 1], at + 1
        while at < len(data) and data[at] not in b",\r\n":
            cell, at = cell + data[at : at + 1], at + 1
        fields.append((cell, quoted))
        if at >= len(data):
            return fields, at, at, None
        if data[at : at + 1] == b",":
            at += 1
            continue
        return fields, at, at + (2 if data[at : at + 2] == b"\r\n" else 1), None


def reference(body: bytes) -> list[Record]:
    """What each record is: ('good', cells), or its rule and its text."""
    records: list[Record] = []
    at = 0
    while at < len(body):
        fields, end, following, opened = scan(body, at)
        if opened is not None:
            end = min((i for i in (body.find(b"\n", opened), body.find(b"\r", opened)) if i >= 0), default=len(body))
            following = end + (2 if body[end : end + 2] == b"\r\n" else 1)
        raw = body[at:end]
        shown = raw.decode(errors="backslashreplace")
        if opened is not None:
            records.append(("csv:quote", shown))
        elif raw != raw.decode(errors="ignore").encode():
            records.append(("encoding", shown))
        elif raw and len(fields) != 2:
            records.append(("csv:fields", shown))
        elif raw:
            records.append(("good", tuple(c.decode() if c or q else None for c, q in fields)))
        at = following
    return records


def in_order(rows: Rows) -> list[Record]:
    found: dict[int, Record] = {}
    for row in rows.good:
        found[row["_row"] & 0xFFFFFFFF] = ("good", (row["a"], row["b"]))
    for row in rows.rejected:
        found[row["_row"] & 0xFFFFFFFF] = (row["rule"], row["raw"])
    assert sorted(found) == list(range(len(rows.good) + len(rows.rejected)))
    return [found[i] for i in sorted(found)]


sizes = st.sampled_from([1, 2, 3, 5, 8, 13, 64, 1 << 20])
noise = st.lists(st.sampled_from([b"a", b"1", b",", b'"', b"\n", b"\r", b"\xff", b"\xc3\xa9", b"\0", b" "])).map(
    b"".join
)


@settings(max_examples=600, deadline=None)
@given(noise, sizes)
def test_any_bytes_are_read_as_the_reference_reads_them(body: bytes, size: int) -> None:
    assert in_order(read_bytes(AB, b"a,b\n" + body, block_size=size)) == reference(body)


cells = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(',"\n\r'), max_size=8)
tables = st.lists(st.tuples(cells, cells), max_size=12)
# The csv module quotes no line end but its own, so sparing quotes go with CRLF only.
styles = st.sampled_from([(csv.QUOTE_MINIMAL, "\r\n"), *((csv.QUOTE_ALL, end) for end in ("\n", "\r\n", "\r"))])


def written(table: list[tuple[str, str]], style: tuple[Any, str]) -> bytes:
    file = io.StringIO(newline="")
    quoting, end = style
    csv.writer(file, quoting=quoting, lineterminator=end).writerows(table)
    return file.getvalue().encode()


@settings(max_examples=300, deadline=None)
@given(tables, styles, sizes)
def test_what_the_csv_module_writes_comes_back(table: list[tuple[str, str]], style: tuple[Any, str], size: int) -> None:
    rows = read_bytes(AB, b"a,b\n" + written(table, style), block_size=size)
    assert rows.rejected == []
    assert [(a or "", b or "") for a, b in rows.cells] == table


@settings(max_examples=400, deadline=None)
@given(tables, styles, st.data())
def test_a_damaged_file_loses_no_record(table: list[tuple[str, str]], style: tuple[Any, str], data: Any) -> None:
    body = bytearray(written(table, style))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    file = b"a,b\n" + bytes(body)
    whole = read_bytes(AB, file)
    assert in_order(whole) == reference(bytes(body))
    assert read_bytes(AB, file, block_size=data.draw(sizes)) == whole
