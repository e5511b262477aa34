from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.faults import Fault
from tests.test_readers_files import DATA, Rows, needs_data, read_bytes, read_path, task


def read_table(columns: dict[str, pa.Array], types: dict[str, str], path: Path, **more: Any) -> Rows:
    pq.write_table(pa.table(columns), path)
    return read_path(task("parquet", types, **more), path)


MOMENT = datetime(2024, 1, 1, 10, 0, 0, 123456)


@pytest.mark.parametrize(
    ("array", "type_", "value"),
    [
        (pa.array(["x"]), "string", "x"),
        (pa.array(["x"], pa.large_string()), "string", "x"),
        (pa.array(["x"]).dictionary_encode(), "string", "x"),
        (pa.array([True]), "boolean", True),
        (pa.array([-5], pa.int8()), "int", -5),
        (pa.array([5], pa.uint16()), "int", 5),
        (pa.array([5], pa.int32()), "bigint", 5),
        (pa.array([2**32 - 1], pa.uint32()), "bigint", 2**32 - 1),
        (pa.array([1.5], pa.float32()), "double", 1.5),
        (pa.array([7], pa.int32()), "double", 7.0),
        (pa.array([date(2024, 2, 29)]), "date", date(2024, 2, 29)),
        (pa.array([MOMENT]), "timestamp", MOMENT.replace(tzinfo=UTC)),
        (pa.array([MOMENT], pa.timestamp("us", "Europe/Berlin")), "timestamp", MOMENT.replace(tzinfo=UTC)),
        (pa.array([1704103200123456789], pa.timestamp("ns")), "timestamp", MOMENT.replace(tzinfo=UTC)),
        (pa.array([1704103200000], pa.timestamp("ms")), "timestamp", datetime(2024, 1, 1, 10, tzinfo=UTC)),
        (pa.array([None]), "bigint", None),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else None,
)
def test_a_type_that_loses_nothing_is_widened(array: pa.Array, type_: str, value: object, tmp_path: Path) -> None:
    rows = read_table({"a": array}, {"a": type_}, tmp_path / "x")
    assert (rows.cells, rows.rejected) == ([(value,)], [])


@pytest.mark.parametrize(
    ("array", "type_"),
    [
        (pa.array([1], pa.int64()), "int"),
        (pa.array([1], pa.int64()), "double"),
        (pa.array([1], pa.uint32()), "int"),
        (pa.array([1], pa.uint64()), "bigint"),
        (pa.array([1.0]), "bigint"),
        (pa.array(["1"]), "bigint"),
        (pa.array([1]), "string"),
        (pa.array([b"x"]), "string"),
        (pa.array(["2024-01-01"]), "date"),
        (pa.array([date(2024, 1, 1)]), "timestamp"),
        (pa.array([MOMENT]), "date"),
        (pa.array([[1]]), "bigint"),
        (pa.array([1]), "boolean"),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else None,
)
def test_a_type_that_could_lose_something_is_a_fault(array: pa.Array, type_: str, tmp_path: Path) -> None:
    with pytest.raises(Fault) as e:
        read_table({"a": array}, {"a": type_}, tmp_path / "x")
    assert e.value.code == "MR205"
    assert f"which does not fit {type_}" in e.value.message


def test_columns_are_found_by_name_among_others(tmp_path: Path) -> None:
    columns = {"c": pa.array([1]), "The B": pa.array(["x"]), "a.b": pa.array([2])}
    rows = read_table(columns, {"a.b": "bigint", "b": "string"}, tmp_path / "x", headers={"b": "The B"})
    assert rows.cells == [(2, "x")]


def test_all_missing_columns_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(Fault) as e:
        read_table({"custmer_id": pa.array([1])}, {"customer_id": "bigint", "x": "string"}, tmp_path / "x")
    assert (e.value.code, e.value.path) == ("MR205", "in/file")
    assert e.value.message == 'column "customer_id" is missing; column "x" is missing'
    assert e.value.hint == 'did you mean "custmer_id"? Map it with `headers`'


def test_a_file_without_rows_has_no_records(tmp_path: Path) -> None:
    assert read_table({"a": pa.array([], pa.int64())}, {"a": "bigint"}, tmp_path / "x") == ([], [])


def test_text_that_is_not_utf8_rejects_its_row_only(tmp_path: Path) -> None:
    text = pa.array([b"x", b"\xff", None], pa.binary()).cast(pa.string(), safe=False)
    rows = read_table({"a": text, "n": pa.array([1, 2, 3])}, {"n": "bigint", "a": "string"}, tmp_path / "x")
    assert rows.cells == [(1, "x"), (3, None)]
    assert rows.rules == ["encoding"]
    assert rows.raw == ["n=2, a=\\xff"]
    assert rows.rejected[0]["reason"] == 'row 2: "a": byte 0xff at position 1 is not UTF-8'
    assert rows.numbers == [0, 1, 2]


def test_rows_are_numbered_across_row_groups(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array(range(150_000))}), tmp_path / "x", row_group_size=40_000)
    rows = read_path(task("parquet", {"a": "bigint"}), tmp_path / "x")
    assert rows.numbers == [cells[0] for cells in rows.cells] == list(range(150_000))


@pytest.mark.parametrize("data", [b"a", b"a,b\n1,2\n", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"\xff" * 1000])
def test_a_file_that_is_no_parquet_is_a_fault(data: bytes) -> None:
    with pytest.raises(Fault) as e:
        read_bytes(task("parquet", {"a": "bigint"}), data)
    assert e.value.code == "MR207"


def test_a_damaged_file_is_a_fault_or_is_read_and_never_a_crash(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array(range(1000)), "s": pa.array(["text"] * 1000)}), tmp_path / "x")
    whole = (tmp_path / "x").read_bytes()
    for at in range(0, len(whole), 7):
        damaged = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        try:
            read_bytes(task("parquet", {"a": "bigint", "s": "string"}), damaged)
        except Fault as e:
            assert e.code in ("MR205", "MR207")
    for length in range(1, len(whole), 97):
        with pytest.raises(Fault, match="MR207"):
            read_bytes(task("parquet", {"a": "bigint"}), whole[:length])


@needs_data
def test_a_real_file_is_read_whole() -> None:
    path = DATA / "purchases" / "completejourney_products.parquet"
    assert len(read_path(task("parquet", {"department": "string"}), path).good) == 92_331
