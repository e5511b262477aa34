"""`show.py` prints a table's rows, their places and its types, at a version or by a condition."""

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from engine.readers.chunk import FileRows
from engine.readers.types import type_name
from show import main


def shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], files: dict[str, str], *arguments: str
) -> dict[str, Any]:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(files)))
    assert main(list(arguments)) == 0
    [table] = json.loads(capsys.readouterr().out)["tables"]
    return dict(table)


def test_a_version_and_a_condition_select_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "a 50% 'odd' place")
    write_deltalake(place, pa.table({"Name": ["a", "b"], "day": [date(2024, 2, 28), date(2024, 2, 29)]}))
    write_deltalake(place, pa.table({"Name": ["c"], "day": [date(2024, 3, 1)]}), mode="append")
    newest = shown(monkeypatch, capsys, {}, "--rows=2", place)
    assert (newest["version"], newest["total"], len(newest["rows"])) == (1, 3, 2)
    first = shown(monkeypatch, capsys, {}, "--rows=9", "--version=0", place)
    assert (first["version"], [row["Name"] for row in first["rows"]]) == (0, ["a", "b"])
    late = shown(monkeypatch, capsys, {}, "--rows=1", "--where=day > '2024-02-28' AND Name <> 'x' -- late", place)
    assert (late["total"], len(late["rows"])) == (2, 1)


@pytest.mark.parametrize(
    ("option", "hint"), [("--version=7", "newest version is 0"), ("--where=no > 1", "columns: id")]
)
def test_an_invalid_version_or_condition_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str, hint: str
) -> None:
    place = str(tmp_path / "t")
    write_deltalake(place, pa.table({"id": [1]}))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main([option, place]) == 1
    fault = json.loads(capsys.readouterr().err)
    assert fault["code"] == "MR162" and hint in fault["hint"]


def test_a_row_has_its_source_file_and_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "t")
    files = {f"in/{n}.csv": f"etag{n}" for n in range(50)}
    numbers = [FileRows("in/7.csv", "etag7").base + 16, FileRows("in/49.csv", "etag49").base, 3, None]
    write_deltalake(place, pa.table({"_row": pa.array(numbers, pa.int64())}))
    assert shown(monkeypatch, capsys, files, "--rows=9", place)["places"] == [
        {"file": "in/7.csv", "record": 17},
        {"file": "in/49.csv", "record": 1},
        None,
        None,
    ]


def test_types_and_values_are_written_as_in_a_definition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "t")
    nested = pa.struct([("a", pa.int32()), ("b", pa.list_(pa.string()))])
    columns = {
        "at": pa.array([datetime(2025, 1, 1, 8, 30, tzinfo=UTC)], pa.timestamp("us", "UTC")),
        "price": pa.array([Decimal("1.50")], pa.decimal128(10, 2)),
        "parts": pa.array([{"a": 1, "b": ["x", None]}], nested),
        "raw": pa.array([b"\x00\xff"]),
    }
    write_deltalake(place, pa.table(columns))
    table = shown(monkeypatch, capsys, {}, "--rows=1", place)
    assert {column["name"]: column["type"] for column in table["columns"]} == {
        "at": "timestamp",
        "price": "decimal(10,2)",
        "parts": "struct<a:int,b:array<string>>",
        "raw": "binary",
    }
    assert table["rows"] == [
        {"at": "2025-01-01T08:30:00+00:00", "price": "1.50", "parts": {"a": 1, "b": ["x", None]}, "raw": "00ff"}
    ]
    assert type_name(pa.map_(pa.string(), pa.int64())) == "map<string,bigint>"
