"""Columns whose values come from folder names."""

import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.readers import read_file
from engine.readers.partitions import partitioned
from tests.small_lake import SmallLake, golden_plan
from tests.sources import source_of

Tables = tuple[Any, Any]


def source(format_: str, **types: str) -> dict[str, Any]:
    columns = [{"name": "a", "type": "string", "nullable": True}]
    partitions = [{"name": n, "type": t.rstrip("?"), "nullable": t.endswith("?")} for n, t in types.items()]
    return {"source": source_of(format_), "columns": [*columns, *partitions], "partitions": list(types)}


def read(task: dict[str, Any], path: Path, partition: dict[str, str | None]) -> tuple[list[Any], list[Any]]:
    of_file, beside = partitioned(task, partition)
    chunks = [beside(chunk) for chunk in read_file(of_file, str(path), source_file="s/x", etag="e")]
    good = [row for chunk in chunks for row in chunk.good.to_pylist()]
    return good, [row for chunk in chunks for row in chunk.rejected.to_pylist()]


@pytest.mark.parametrize("format_", ["csv", "json", "parquet"])
def test_a_partition_is_a_column_of_each_row_in_any_format(format_: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    if format_ == "parquet":
        pq.write_table(pa.table({"a": ["1", "2"]}), path)
    else:
        path.write_text("a\n1\n2\n" if format_ == "csv" else '{"a":"1"}\n{"a":"2"}\n')
    good, rejected = read(source(format_, dt="date", n="int?"), path, {"dt": "2024-01-31", "n": None})
    assert [(row["a"], row["dt"], row["n"]) for row in good] == [
        ("1", datetime.date(2024, 1, 31), None),
        ("2", datetime.date(2024, 1, 31), None),
    ]
    assert rejected == []


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("string", "", ""),
        ("string", " a/b=ü ", " a/b=ü "),
        ("boolean", "True", True),
        ("int", "007", 7),
        ("int", "-2147483648", -2147483648),
        ("bigint", "9223372036854775807", 9223372036854775807),
        ("double", "1.5e3", 1500.0),
        ("date", "0001-01-01", datetime.date(1, 1, 1)),
        ("timestamp", "2024-01-01 10:00:00", datetime.datetime(2024, 1, 1, 10, tzinfo=datetime.UTC)),
        ("timestamp", "2024-01-01T10:00:00+02:00", datetime.datetime(2024, 1, 1, 8, tzinfo=datetime.UTC)),
    ],
)
def test_a_partition_value_is_read_by_its_type(type_: str, text: str, value: object, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a\n1\n")
    good, _ = read(source("csv", p=type_), tmp_path / "x", {"p": text})
    assert [row["p"] for row in good] == [value]


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("boolean", "1"),
        ("int", "1.0"),
        ("int", " 1"),
        ("int", "\u0661"),
        ("int", "2147483648"),
        ("bigint", "9" * 5000),
        ("double", "nan"),
        ("double", "1,5"),
        ("date", "2024-02-30"),
        ("date", "20240101"),
        ("date", "2024-1-1"),
        ("timestamp", "noon"),
        ("timestamp", "9999-12-31T23:59:59-12:00"),
        ("date", None),
    ],
)
def test_a_folder_with_an_invalid_value_rejects_each_row_once(type_: str, text: str | None, tmp_path: Path) -> None:
    (tmp_path / "x").write_text('a\n1\nx,y\n"ü"\n')
    good, rejected = read(source("csv", p=type_), tmp_path / "x", {"p": text})
    assert good == []
    assert [(row["rule"], row["raw"]) for row in rejected][1:] == [
        ("partition:p", '{"a": "1"}'),
        ("partition:p", '{"a": "ü"}'),
    ]
    assert rejected[0]["rule"] != "partition:p"
    assert len({row["_row"] for row in rejected}) == 3


def test_a_file_outside_of_partition_folders_has_null_if_the_column_is_nullable(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a\n1\n")
    assert [row["dt"] for row in read(source("csv", dt="date?"), tmp_path / "x", {})[0]] == [None]
    _, rejected = read(source("csv", dt="date"), tmp_path / "x", {})
    assert [(row["rule"], row["reason"]) for row in rejected] == [
        ("partition:dt", "the file's path has no folder dt=...")
    ]


@pytest.mark.on_engines("sail", "spark")
def test_partitions_are_columns_of_the_table_and_of_the_sql(tmp_path: Path, on_engine: Tables) -> None:
    plan = golden_plan("small")
    people = next(task for task in plan["tasks"] if task["name"] == "people")
    people["columns"] = [*people["columns"], {"name": "dt", "type": "date", "nullable": False}]
    people["partitions"] = ["dt"]
    clean = next(task for task in plan["tasks"] if task["name"] == "people_clean")
    clean["sql"] = clean["sql"].replace("try_cast(p.born AS DATE) AS born", "p.dt AS born")
    lake = SmallLake(tmp_path / "root", *on_engine, plan)
    lake.begin()
    folder = tmp_path / "people"
    folder.mkdir()
    files = []
    for name, dt in (("1.csv", "2024-01-01"), ("2.csv", "2024-01-02"), ("3.csv", "never")):
        (folder / name).write_text(f"id,town,born\n{name[0]},X,\n")
        files.append({"file": folder / name, "partition": {"dt": dt}})
    outcome = lake.ingest("people", [each["file"] for each in files], partitions=[each["partition"] for each in files])
    assert (outcome["written"], outcome["quarantined"]) == (2, {"partition:dt": 1})
    lake.ingest("towns", [])
    lake.transform("people_clean")
    assert [(row[0], str(row[2])) for row in lake.rows("people_clean")] == [("1", "2024-01-01"), ("2", "2024-01-02")]
