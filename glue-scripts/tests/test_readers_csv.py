import csv
import json
from pathlib import Path

import pytest

from engine.readers import blocks
from tests.sources import with_options
from tests.test_readers_files import DATA, needs_data, read_bytes, read_path, task

AB = task("csv", ["a", "b"])
SIZES = [1, 7, 1 << 20]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(end: str, size: int) -> None:
    rows = read_bytes(AB, end.join(["a,b", "1,2", "", '3,"x"', "5,6"]).encode(), block_size=size)
    assert rows.cells == [("1", "2"), ("3", "x"), ("5", "6")]
    assert rows.numbers == [0, 1, 2]
    assert rows.rejected == []


def test_a_record_of_another_width_is_rejected_with_its_line() -> None:
    rows = read_bytes(AB, b'a,b\n1,2\n\n"x\ny",3\n4\n5,6,7\n')
    assert rows.cells == [("1", "2"), ("x\ny", "3")]
    assert rows.raw == ["4", "5,6,7"]
    assert rows.rules == ["csv:fields"] * 2
    assert [r["reason"] for r in rows.rejected] == [
        "line 6: expected 2 fields, found 1",
        "line 7: expected 2 fields, found 3",
    ]
    assert rows.numbers == [0, 1, 2, 3]


def test_a_file_with_only_rejects_is_read() -> None:
    assert read_bytes(AB, b"a,b\n1\n2\n3\n").raw == ["1", "2", "3"]


def test_an_empty_cell_is_null_and_a_quoted_empty_cell_is_an_empty_string() -> None:
    assert read_bytes(AB, b'a,b\n,""\nNULL,NA\n').cells == [(None, ""), ("NULL", "NA")]


@pytest.mark.parametrize("size", SIZES)
def test_invalid_utf8_rejects_only_its_record(size: int) -> None:
    rows = read_bytes(AB, b"a,b\n1,2\n3,\xff\n4\n5,\xc3\xa9\n\xc3,6,7\n", block_size=size)
    assert rows.cells == [("1", "2"), ("5", "é")]
    assert rows.raw == ["3,\\xff", "4", "\\xc3,6,7"]
    assert rows.rules == ["encoding", "csv:fields", "encoding"]
    assert rows.rejected[0]["reason"] == "line 3: byte 0xff at position 3 is not UTF-8"
    assert rows.rejected[1]["reason"] == "line 4: expected 2 fields, found 1"
    assert rows.numbers == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("size", SIZES)
def test_an_unclosed_quote_rejects_its_line_and_reading_continues(size: int) -> None:
    rows = read_bytes(AB, b'a,b\n1,2\n3,"x""y\n4,5\n6,7', block_size=size)
    assert rows.cells == [("1", "2"), ("4", "5"), ("6", "7")]
    assert rows.raw == ['3,"x""y']
    assert (
        rows.rejected[0]["reason"] == "line 3: a quote opens here but is not closed, or text follows the closing quote"
    )
    assert rows.rules == ["csv:quote"]


@pytest.mark.parametrize("size", SIZES)
def test_a_quote_inside_a_cell_is_text(size: int) -> None:
    body = b'a,b\n5" pipe,"6"" pipe"\nx"y"z,"a"b"c\n1,2\n'
    rows = read_bytes(AB, body, block_size=size)
    assert rows.cells == [('5" pipe', '6" pipe'), ("1", "2")]
    assert rows.raw == ['x"y"z,"a"b"c']
    lenient = read_bytes(with_options(AB, quoting="lenient"), body, block_size=size)
    assert lenient.cells == [('5" pipe', '6" pipe'), ('x"y"z', 'ab"c'), ("1", "2")]


@pytest.mark.parametrize("size", SIZES)
def test_text_after_a_closing_quote_rejects_the_line_that_opened_it(size: int) -> None:
    body = b'id,note,amount\n1,"broken,10\n2,fine,20\n3,fine,30\n4,"ok",40\n5,fine,50'
    rows = read_bytes(task("csv", ["id", "note", "amount"]), body, block_size=size)
    assert rows.cells == [("2", "fine", "20"), ("3", "fine", "30"), ("4", "ok", "40"), ("5", "fine", "50")]
    assert (rows.raw, rows.rules) == (['1,"broken,10'], ["csv:quote"])
    assert rows.numbers == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("size", SIZES)
def test_a_broken_field_also_rejects_the_valid_fields_before_it(size: int) -> None:
    rows = read_bytes(AB, b'a,b\n"x\ny","z" q\n"1\n2",3\n', block_size=size)
    assert rows.cells == [("1\n2", "3")]
    assert rows.raw == ['"x\ny","z" q']


def test_only_a_byte_order_mark_at_the_start_of_the_file_is_removed() -> None:
    rows = read_bytes(AB, "\ufeffa,b\n\ufeff1,2\n\ufeff3,4\n".encode(), block_size=1)
    assert rows.cells == [("\ufeff1", "2"), ("\ufeff3", "4")]


def test_a_nul_byte_is_text() -> None:
    assert read_bytes(AB, b"a,b\n\x00,1\x002\n").cells == [("\0", "1\x002")]


def test_a_field_of_ten_megabytes_is_accepted() -> None:
    long = "x" * 10_000_000
    rows = read_bytes(AB, f'a,b\n1,{long}\n2,"{long}\n"\n3,4\n'.encode())
    assert rows.cells == [("1", long), ("2", long + "\n"), ("3", "4")]


@pytest.fixture
def limit_of_20_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks.blocks, "__defaults__", (1 << 20, 20))


@pytest.mark.usefixtures("limit_of_20_bytes")
@pytest.mark.parametrize("size", SIZES)
def test_a_record_above_the_limit_is_rejected_in_pieces(size: int) -> None:
    rows = read_bytes(AB, b"a,b\n1,2\n" + b"x" * 40 + b'\n3,4\n5,"' + b"y" * 30 + b'"\n7,8', block_size=size)
    assert rows.cells == [("1", "2"), ("3", "4"), ("7", "8")]
    assert rows.raw == ["x" * 20, "x" * 20, '5,"' + "y" * 17, "y" * 13 + '"']
    assert rows.rules == ["csv:length"] * 4
    assert rows.numbers == list(range(7))


@pytest.mark.usefixtures("limit_of_20_bytes")
@pytest.mark.parametrize("size", SIZES)
def test_a_quote_that_stays_open_up_to_the_limit_rejects_only_its_line(size: int) -> None:
    lines = [f"{i},{i}" for i in range(10, 20)]
    rows = read_bytes(AB, "\n".join(["a,b", '6,"z', *lines, '"7', *lines]).encode(), block_size=size)
    assert [f"{a},{b}" for a, b in rows.cells] == lines * 2
    assert rows.raw == ['6,"z', '"7']
    assert rows.rules == ["csv:quote"] * 2


def test_columns_are_found_by_name_in_any_order_among_other_columns() -> None:
    of = task("csv", ["a", "b"], headers={"b": "The B"})
    rows = read_bytes(of, b'x,"The B " , a\n1,2,3\n')
    assert rows.cells == [("3", "2")]


def test_blank_lines_before_the_header_are_skipped() -> None:
    rows = read_bytes(AB, b"\n\r\na,b\n1,2\n3\n", block_size=1)
    assert rows.cells == [("1", "2")]
    assert rows.rejected[0]["reason"].startswith("line 5:")


def test_another_delimiter_is_used() -> None:
    assert read_bytes(with_options(AB, delimiter="|"), b'a|b\n1,0|"2|3"\n').cells == [("1,0", "2|3")]


def test_a_csv_with_one_column_is_read() -> None:
    assert read_bytes(task("csv", ["a"]), b'a\n1\n\n""\n" "\n').cells == [("1",), ("",), (" ",)]


@needs_data
@pytest.mark.parametrize("path", sorted(DATA.glob("dirty/csv-spectrum/csvs/*.csv")), ids=lambda p: p.stem)
def test_csv_spectrum_is_read_as_expected(path: Path) -> None:
    expected = json.loads((path.parents[1] / "json" / f"{path.stem}.json").read_text())
    if path.stem == "location_coordinates":
        # The corpus is inconsistent: this JSON is one object, with another phone number than its CSV.
        expected = [{**expected, "Contact Phone Number": "2095257564"}]
    rows = read_path(task("csv", list(expected[0])), path, block_size=4)
    assert [dict(zip(expected[0], cells, strict=True)) for cells in rows.cells] == expected
    assert rows.rejected == []


@needs_data
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("churn/telecom_customer_churn_maven.csv", 7043),
        ("dirty/raha/beers/dirty.csv", 2410),
        ("dirty/raha/hospital/dirty.csv", 1000),
    ],
)
def test_real_files_are_read_completely(name: str, count: int) -> None:
    with (DATA / name).open(newline="", encoding="utf-8-sig") as file:
        header, *expected = list(csv.reader(file))
    names = [cell.strip() for cell in header]
    rows = read_path(task("csv", names), DATA / name)
    assert (len(rows.good), rows.rejected) == (count, [])
    assert [[cell or "" for cell in cells] for cells in rows.cells] == expected
    assert rows.numbers == list(range(count))
