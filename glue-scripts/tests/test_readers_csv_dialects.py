"""CSV dialects: separators, encodings, headers, numbers."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.faults import Fault
from engine.readers import FileNotes
from tests.sources import with_options
from tests.test_readers_files import Rows, read_bytes, task

AB = task("csv", ["a", "b"])
SIZES = [1, 7, 1 << 20]


def read(data: bytes | str, size: int = 1 << 20, of: dict[str, Any] = AB, **dialect: Any) -> Rows:
    raw = data.encode() if isinstance(data, str) else data
    return read_bytes(with_options(of, **dialect), raw, block_size=size)


@pytest.mark.parametrize("size", SIZES)
def test_another_quote_an_escape_and_comments_are_read(size: int) -> None:
    body = "#about\na;b\n'x;y';1\n# it's \"odd\nz\\;z;'q\\'q'\n\\#3;\"4\"\n"
    rows = read(body, size, delimiter=";", quote="'", escape="\\", comment="#")
    assert rows.cells == [("x;y", "1"), ("z;z", "q'q"), ("#3", '"4"')]
    assert rows.rejected == []


def test_without_quoting_a_quote_is_text() -> None:
    assert read('a,b\n5",6"\n"7,8\n', quoting="none").cells == [('5"', '6"'), ('"7', "8")]


def test_a_sep_line_sets_the_delimiter_and_is_not_a_record() -> None:
    for first in ("sep=;\n", "SEP=;\r\n", '"sep=;"\n', "\ufeffsep=;\n"):
        assert read(first + "a;b\n1;2\n3\n").cells == [("1", "2")]
    assert read("sep=;\na;b\n3\n").rejected[0]["reason"].startswith("line 3:")
    assert read("sep=;\na;b\n1;2\n", delimiter=";").cells == [("1", "2")]


def test_a_sep_line_that_contradicts_the_definition_is_a_fault() -> None:
    with pytest.raises(Fault) as e:
        read("sep=;\na;b\n1;2\n", delimiter="|")
    assert (e.value.code, e.value.hint) == ("MR204", "remove `delimiter`, or declare delimiter: ';'")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_preamble_is_skipped_whatever_it_contains(end: str) -> None:
    rows = read(end.join(['Report "of', "", "a,b", "1,2", "3"]), skip=2)
    assert rows.cells == [("1", "2")]
    assert rows.rejected[0]["reason"].startswith("line 5:")
    assert read("", skip=2) == ([], [])
    long = "x" * 200_000
    assert read(f"{long}{end}a,b{end}1,2", skip=1).cells == [("1", "2")]


@pytest.mark.parametrize("text", ["x", "x\n", "Report\nof May", "Report\nof May\n", "Report\r\nof May\r\n\r\n"])
def test_a_file_that_ends_before_its_header_is_a_fault(text: str) -> None:
    with pytest.raises(Fault, match=r"MR203.*before its header.*skip: 2"):
        read(text, skip=2)
    assert read(text, skip=2, header=0) == ([], [])


def test_without_a_header_columns_are_read_in_order() -> None:
    rows = read("1,2\n3\n4,5,6\n", header=0)
    assert (rows.cells, rows.raw, rows.numbers) == ([("1", "2")], ["3", "4,5,6"], [0, 1, 2])


@pytest.mark.parametrize("size", SIZES)
def test_further_header_records_are_skipped_even_with_line_ends_in_them(size: int) -> None:
    rows = read('a,b\n"What is\nyour name?",b\n\n1,2\n3\n', size, header=2)
    assert rows.cells == [("1", "2")]
    assert rows.rejected[0]["reason"].startswith("line 6:")
    assert rows.numbers == [0, 1]


@pytest.mark.parametrize("header", ["a,b\n", "a,b,\n"])
def test_a_trailing_delimiter_does_not_add_a_field(header: str) -> None:
    rows = read(header + "1,2,\n3,4,x\n5,6\n", trailingDelimiter=True)
    assert (rows.cells, rows.raw, rows.rules) == ([("1", "2")], ["3,4,x", "5,6"], ["csv:fields"] * 2)
    assert read("1,2,\n", header=0, trailingDelimiter=True).cells == [("1", "2")]


ENCODINGS = {
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "windows-1252": "cp1252",
    "latin-1": "latin-1",
    "windows-1251": "cp1251",
    "shift_jis": "shift_jis",
    "gb18030": "gb18030",
}


@pytest.mark.parametrize(("encoding", "python"), ENCODINGS.items())
@pytest.mark.parametrize("size", SIZES)
def test_other_encodings_are_read(encoding: str, python: str, size: int) -> None:
    word = {"windows-1251": "Жук", "shift_jis": "日本", "gb18030": "北京"}.get(encoding, "Käse")
    rows = read(f'a,b\r\n1,{word}\r\n2,"x\ny"\r\n'.encode(python), size, encoding=encoding)
    assert (rows.cells, rows.rejected) == ([("1", word), ("2", "x\ny")], [])


@pytest.mark.parametrize("size", SIZES)
def test_invalid_bytes_of_an_encoding_reject_their_record_and_are_kept(size: int) -> None:
    rows = read(b"a,b\n1,\xe4\n2,\x81\x8d\n3,4\n", size, encoding="windows-1252")
    assert rows.cells == [("1", "ä"), ("3", "4")]
    assert (rows.raw, rows.rules) == (["2,\\x81\\x8d"], ["encoding"])
    assert rows.rejected[0]["reason"] == "line 3: byte 0x81 at character 3 is not windows-1252"
    lone = "a,b\n1,2\n".encode("utf-16-le") + b"3\0,\0\x00\xd8\n\0" + "4,5\n".encode("utf-16-le") + b"6"
    rows = read(lone, size, encoding="utf-16-le")
    assert rows.cells == [("1", "2"), ("4", "5")]
    assert rows.rules == ["encoding"] * 2


def test_a_header_in_another_encoding_is_recognised() -> None:
    with pytest.raises(Fault) as e:
        read("id,Käse\n".encode("latin-1"), of=task("csv", ["id", "kaese"], headers={"kaese": "Käse"}))
    assert e.value.hint == "the file is not UTF-8: declare its encoding, such as encoding: 'windows-1252'"


def test_for_a_file_without_names_the_hint_is_header_0() -> None:
    with pytest.raises(Fault) as e:
        read("1,2\n3,4\n")
    assert "header: 0" in e.value.hint


def typed(type_: str, cells: list[str], **dialect: Any) -> tuple[list[Any], list[str]]:
    """The values of one column, and the texts of rejected records."""
    of = task("csv", {"v": type_, "end": "string"})
    rows = read("v;end\n" + "".join(f"{cell};x\n" for cell in cells), of=of, delimiter=";", **dialect)
    assert set(rows.rules) <= {"csv:type:v"}
    return [cells[0] for cells in rows.cells], [raw.removesuffix(";x") for raw in rows.raw]


def test_cells_are_read_as_the_declared_type_or_rejected() -> None:
    assert typed("double", ["1", "-2.5", " 3 ", "1e3", ".5", "+4", "", "29,85", "x", "nan", "inf", "1e999", "1_0"]) == (
        [1.0, -2.5, 3.0, 1000.0, 0.5, 4.0, None],
        ["29,85", "x", "nan", "inf", "1e999", "1_0"],
    )
    assert typed("int", ["1", "-2", "2147483648", "1.0", ""]) == ([1, -2, None], ["2147483648", "1.0"])
    assert typed("bigint", ["9223372036854775807", "9223372036854775808"])[0] == [2**63 - 1]
    assert typed("boolean", ["true", "FALSE", "yes", ""]) == ([True, False, None], ["yes"])
    assert typed("date", ["2024-02-29", "2023-02-29", "29.02.2024"]) == (
        [date(2024, 2, 29)],
        ["2023-02-29", "29.02.2024"],
    )
    assert typed("timestamp", ["2024-01-01T10:00:00+02:00", "2024-01-01 08:00:00", "soon"]) == (
        [datetime(2024, 1, 1, 8, tzinfo=UTC)] * 2,
        ["soon"],
    )
    assert typed("decimal(4,2)", ["1.5", "-99.990", "007", "100", "1.005", "1e1", "0"]) == (
        [Decimal("1.50"), Decimal("-99.99"), Decimal("7.00"), Decimal("0.00")],
        ["100", "1.005", "1e1"],
    )


def test_a_decimal_comma_and_thousands_separators_are_read() -> None:
    assert typed("double", ["29,85", "1.234,5", "29.85"], decimal=",") == ([29.85], ["1.234,5", "29.85"])
    german = {"decimal": ",", "thousands": "."}
    assert typed("double", ["29,85", "1.234,5", "1234,5", "29.85", "1.23.456"], **german) == (
        [29.85, 1234.5, 1234.5],
        ["29.85", "1.23.456"],
    )
    assert typed("int", ["1.234.567", "1.23"], **german) == ([1234567], ["1.23"])
    assert typed("decimal(10,2)", ["1.234,50"], **german)[0] == [Decimal("1234.50")]
    assert typed("double", ["1 234,5", "1\u00a0234,5", "1\u202f234,5"], decimal=",", thousands=" ")[0] == [1234.5] * 3


def test_a_type_reject_names_column_value_and_line() -> None:
    rows = read('a,b\n"x\ny",1\nz,many\n5\n', of=task("csv", {"a": "string", "b": "int"}))
    assert rows.cells == [("x\ny", 1)]
    assert [(r["rule"], r["reason"]) for r in rows.rejected] == [
        ("csv:type:b", 'line 4: "b" is many, expected int'),
        ("csv:fields", "line 5: expected 2 fields, found 1"),
    ]


def test_a_column_that_files_may_lack_is_null_in_a_file_without_it() -> None:
    of = task("csv", {"a": "string", "b": "int"}, headers={"b": "B"}, mayLack=["b"])
    notes = FileNotes()
    rows = read_bytes(of, b"a,c,d\n1,2,3\n", notes=notes)
    assert rows.cells == [("1", None)]
    assert (notes.absent, notes.unlisted) == (["b"], ["c", "d"])
    notes = FileNotes()
    assert read_bytes(of, b"B,a\n1,2\n", notes=notes).cells == [("2", 1)]
    assert (notes.absent, notes.unlisted) == ([], [])
    with pytest.raises(Fault, match="MR203"):
        read_bytes(of, b"B,c\n1,2\n")
