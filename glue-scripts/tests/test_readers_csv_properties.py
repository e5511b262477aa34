"""CSV, compared with a reference that reads byte by byte."""

import csv
import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources import with_options
from tests.test_readers_files import READ, Rows, read_bytes, task

AB = task("csv", ["a", "b"])
Record = tuple[str, Any]


class Scan:
    """The grammar of `csv_records`, byte by byte."""

    def __init__(self, body: bytes, dialect: Mapping[str, Any] = MappingProxyType({})) -> None:
        self.body = body
        self.delimiter = dialect.get("delimiter", ",").encode()
        self.quote = dialect.get("quote", '"').encode()
        self.escape = dialect.get("escape", "").encode()
        self.comment = dialect.get("comment", "").encode()
        self.quoting = dialect.get("quoting", "strict")

    def byte(self, at: int) -> bytes:
        return self.body[at : at + 1]

    def text(self, at: int) -> tuple[bytes, int]:
        """One character, perhaps escaped, and the rest."""
        if self.escape and self.byte(at) == self.escape:
            return self.byte(at + 1), at + 2
        return self.byte(at), at + 1

    def end_of_line(self, at: int) -> int:
        while at < len(self.body) and self.byte(at) not in b"\r\n":
            at = self.text(at)[1]
        return min(at, len(self.body))

    def after_line_end(self, at: int) -> int:
        return at + (2 if self.body[at : at + 2] == b"\r\n" else 1)

    def record(self, at: int) -> tuple[list[tuple[bytes, bool]], int, int | None, bool]:
        """The fields (with whether quoted), the end of the record, the quote that breaks it, and whether an escape ends the file."""
        fields: list[tuple[bytes, bool]] = []
        while True:
            cell, quoted, opened = b"", False, at
            if self.quoting != "none" and self.byte(at) == self.quote:
                quoted = True
                at += 1
                while True:
                    if at >= len(self.body):
                        return fields, at, opened, False
                    if self.body[at : at + 2] == self.quote * 2:
                        cell, at = cell + self.quote, at + 2
                    elif self.byte(at) == self.quote:
                        at += 1
                        break
                    else:
                        one, at = self.text(at)
                        cell += one
                if self.quoting == "strict" and self.byte(at) not in (b"", self.delimiter, b"\r", b"\n"):
                    return fields, at, opened, False
            while at < len(self.body) and self.byte(at) not in (self.delimiter, b"\r", b"\n"):
                one, at = self.text(at)
                cell += one
            fields.append((cell, quoted))
            if at > len(self.body):
                return fields, len(self.body), None, True
            if self.byte(at) != self.delimiter:
                return fields, at, None, False
            at += 1

    def records(self, width: int = 2) -> list[Record]:
        """Each record as ('good', cells), or as its rule and its text."""
        records: list[Record] = []
        at = 0
        while at < len(self.body):
            if self.comment and self.byte(at) == self.comment:
                at = self.after_line_end(self.end_of_line(at))
                continue
            fields, end, opened, unescaped = self.record(at)
            if opened is not None:
                end = self.end_of_line(opened)
            raw = self.body[at:end]
            shown = raw.decode(errors="backslashreplace")
            if opened is not None:
                records.append(("csv:quote", shown))
            elif raw != raw.decode(errors="ignore").encode():
                records.append(("encoding", shown))
            elif unescaped:
                records.append(("csv:escape", shown))
            elif raw and len(fields) != width:
                records.append(("csv:fields", shown))
            elif raw:
                records.append(("good", tuple(c.decode() if c or q else None for c, q in fields)))
            at = self.after_line_end(end)
        return records


def reference(body: bytes) -> list[Record]:
    return Scan(body).records()


def in_order(rows: Rows) -> list[Record]:
    found: dict[int, Record] = {}
    for row in rows.good:
        found[row["_row"] - READ.base] = ("good", (row["a"], row["b"]))
    for row in rows.rejected:
        found[row["_row"] - READ.base] = (row["rule"], row["raw"])
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


dialects = st.fixed_dictionaries(
    {"quoting": st.sampled_from(["strict", "lenient", "none"])},
    optional={
        "quote": st.just("'"),
        "escape": st.just("\\"),
        "comment": st.sampled_from(["#", "a"]),
    },
)
signs = st.lists(st.sampled_from([b"a", b"#", b";", b'"', b"'", b"\\", b"\n", b"\r", b"\xff", b",", b"\r\n"])).map(
    b"".join
)


@settings(max_examples=1500, deadline=None)
@given(signs, sizes, dialects)
def test_any_bytes_are_read_in_any_dialect_as_the_reference_reads_them(
    body: bytes, size: int, dialect: dict[str, str]
) -> None:
    of = with_options(AB, delimiter=";", header=0, **dialect)
    rows = read_bytes(of, body, block_size=size)
    assert in_order(rows) == Scan(body, {**dialect, "delimiter": ";"}).records()
    assert read_bytes(of, body) == rows


cells = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(',"\n\r'), max_size=8)
# A record with the header's names is rejected.
rows = st.tuples(cells, cells).filter(lambda row: [cell.strip("\ufeff ") for cell in row] != ["a", "b"])
tables = st.lists(rows, max_size=12)
# The csv module quotes only its own line end, so minimal quoting needs CRLF.
styles = st.sampled_from([(csv.QUOTE_MINIMAL, "\r\n"), *((csv.QUOTE_ALL, end) for end in ("\n", "\r\n", "\r"))])


def written(table: list[tuple[str, str]], style: tuple[Any, str]) -> bytes:
    file = io.StringIO(newline="")
    quoting, end = style
    csv.writer(file, quoting=quoting, lineterminator=end).writerows(table)
    return file.getvalue().encode()


@settings(max_examples=300, deadline=None)
@given(tables, styles, sizes)
def test_output_of_the_csv_module_is_read_back_unchanged(
    table: list[tuple[str, str]], style: tuple[Any, str], size: int
) -> None:
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
