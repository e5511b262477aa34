"""A reader of a partitioned table sees each row that was added, removed or changed, whatever the partition's name."""

import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.transaction import AddAction

from engine.faults import Fault
from engine.session import Session
from engine.tables import Commit, Tables

ODD = [
    "north",
    "a=b",
    "50%",
    "o'clock",
    "a/b",
    "a b",
    "Süd",
    "?",
    "#",
    '"',
    "%2F",
    "\u2028",
    "a\u000bb",
    "é",
    "{x}",
    "..",
    "~",
]


def rows(keys: list[str], values: list[Any], type_: pa.DataType) -> pa.Table:
    return pa.table({"id": pa.array(keys, pa.string()), "g": pa.array(values, type_)})


def changes(tables: Tables, session: Session, path: str, since: int) -> list[tuple[Any, ...]]:
    found = session.arrow(tables.feed(path, ["id", "g"], since)).to_pylist()
    return sorted((row["_commit_version"], row["_change_type"], row["id"], row["g"]) for row in found)


@pytest.mark.parametrize("value", ODD)
def test_a_partition_of_any_name_is_found(tmp_path: Path, sail: tuple[Session, Tables], value: str) -> None:
    session, tables = sail
    path = str(tmp_path / "table")
    tables.write(path, rows(["a"], [value], pa.string()), Commit("overwrite", "t", 1, partition_by=["g"]))
    tables.write(path, rows(["b"], [value], pa.string()), Commit("append", "t", 2, partition_by=["g"]))
    merged = rows(["a", "b"], [value, value], pa.string()).append_column("_delete", pa.array([True, False]))
    tables.write(path, merged, Commit("merge", "t", 3, key=["id"]))
    tables.write(path, rows(["c"], [value], pa.string()), Commit("overwrite", "t", 4, partition_by=["g"]))
    found = changes(tables, session, path, 0)
    assert [each for each in found if each[0] == 1] == [(1, "insert", "b", value)]
    assert (2, "delete", "a", value) in found
    assert [each[1:] for each in found if each[0] == 3] == [("delete", "b", value), ("insert", "c", value)]
    assert {each[3] for each in found} == {value}


def test_a_commit_switches_on_the_feed_of_a_table_that_another_program_made(
    tmp_path: Path, sail: tuple[Session, Tables]
) -> None:
    session, tables = sail
    for how in ("overwrite", "append", "merge"):
        path = str(tmp_path / how)
        write_deltalake(path, rows(["a"], ["x"], pa.string()))
        new = rows(["b"], ["y"], pa.string())
        merged = new.append_column("_delete", pa.array([False]))
        tables.write(path, merged if how == "merge" else new, Commit(how, "t", 1, key=["id"]))
        first = tables.version(path)
        tables.write(path, rows(["c"], ["z"], pa.string()), Commit("append", "t", 2))
        assert tables.version(path) == first + 1
        found = changes(tables, session, path, first - 1)
        assert [each[1:] for each in found if each[1] == "insert"] == [("insert", "b", "y"), ("insert", "c", "z")]


def test_a_gap_in_the_feed_is_a_fault_with_one_thing_to_do(tmp_path: Path, sail: tuple[Session, Tables]) -> None:
    session, tables = sail
    path = str(tmp_path / "table")
    tables.write(path, rows(["a"], ["x"], pa.string()), Commit("overwrite", "t", 1))
    DeltaTable(path).alter.set_table_properties({"delta.enableChangeDataFeed": "false"})
    write_deltalake(path, rows(["b"], ["y"], pa.string()), mode="append")
    with pytest.raises(Fault, match=r"MR327.*another program switched the change feed off") as e:
        changes(tables, session, path, 0)
    assert "--force transform" in e.value.hint


TYPED = [
    (pa.int32(), 7),
    (pa.int64(), 1 << 60),
    (pa.float64(), 0.1),
    (pa.bool_(), False),
    (pa.date32(), datetime.date(2024, 2, 29)),
    (pa.timestamp("us", tz="UTC"), datetime.datetime(2025, 3, 30, 1, 30, 0, 1, tzinfo=datetime.UTC)),
]


@pytest.mark.parametrize(("type_", "value"), TYPED)
def test_a_partition_keeps_its_type(
    tmp_path: Path, sail: tuple[Session, Tables], type_: pa.DataType, value: Any
) -> None:
    session, tables = sail
    path = str(tmp_path / "table")
    tables.write(path, rows(["a"], [value], type_), Commit("overwrite", "t", 1, partition_by=["g"]))
    tables.write(path, rows(["b", "c"], [value, None], type_), Commit("append", "t", 2, partition_by=["g"]))
    found = session.arrow(tables.appended(path, 0)).to_pylist()
    assert sorted((row["id"], row["g"]) for row in found) == [("b", value), ("c", None)]


def test_a_double_that_is_the_only_value_in_its_file_keeps_its_last_digit(
    tmp_path: Path, sail: tuple[Session, Tables]
) -> None:
    session, tables = sail
    path = str(tmp_path / "table")
    rows = pa.table({"place": ["a", "b"], "mean": [0.20716666666666667, 0.1 + 0.2]})
    tables.write(path, rows, Commit("overwrite", "t", 1, partition_by=["place"]))
    found = session.arrow(tables.frame(path)).sort_by("place")
    assert found["mean"].to_pylist() == [0.20716666666666667, 0.1 + 0.2]


def test_a_change_feed_column_in_a_file_is_not_read(tmp_path: Path, sail: tuple[Session, Tables]) -> None:
    """Spark's MERGE leaves such a column, and a laptop may continue with the lake of a Glue job."""
    session, tables = sail
    path = tmp_path / "table"
    tables.write(str(path), rows(["a"], ["g"], pa.string()), Commit("append", "t", 1))
    merged = rows(["b"], ["h"], pa.string()).append_column("_change_type", pa.nulls(1, pa.string()))
    pq.write_table(merged, path / "merged.parquet")
    table = DeltaTable(path)
    size = (path / "merged.parquet").stat().st_size
    added = AddAction("merged.parquet", size, {}, 0, True, '{"numRecords":1}')
    table.create_write_transaction([added], "append", table.schema())
    for frame in (tables.frame(str(path)), tables.added_by(str(path), 1)):
        assert session.arrow(frame).column_names == ["id", "g"]
    assert sorted(session.arrow(tables.frame(str(path)))["id"].to_pylist()) == ["a", "b"]
