from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.faults import Fault
from engine.readers import FileNotes
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
def test_a_type_is_widened_if_nothing_is_lost(array: pa.Array, type_: str, value: object, tmp_path: Path) -> None:
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
def test_a_file_that_is_not_parquet_is_a_fault(data: bytes) -> None:
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
def test_a_real_file_is_read_completely() -> None:
    path = DATA / "purchases" / "completejourney_products.parquet"
    assert len(read_path(task("parquet", {"department": "string"}), path).good) == 92_331


AT = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("array", "type_", "value"),
    [
        (pa.array([Decimal("1.25")], pa.decimal128(5, 2)), "decimal(10,3)", Decimal("1.250")),
        (pa.array([5], pa.int32()), "decimal(10,0)", Decimal(5)),
        (pa.array([2**64 - 1], pa.uint64()), "decimal(20,0)", Decimal(2**64 - 1)),
        (pa.array([b"\x00\xff"]), "binary", b"\x00\xff"),
        (pa.array([b"ab"], pa.binary(2)), "binary", b"ab"),
        (pa.array([[1, None], None, []], pa.list_(pa.int16())), "array<bigint>", [1, None]),
        (pa.array([[AT]], pa.large_list(pa.timestamp("ns", "UTC"))), "array<timestamp>", [AT]),
        (pa.array([[1, 2]], pa.list_(pa.int32(), 2)), "array<int>", [1, 2]),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int32())), "map<string,bigint>", [("k", 1)]),
        (
            pa.array([{"zip": 1, "more": 2, "tags": ["x"], "city": "A"}]),
            "struct<city:string,zip:bigint,tags:array<string>>",
            {"city": "A", "zip": 1, "tags": ["x"]},
        ),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else None,
)
def test_decimals_bytes_and_nested_values_are_read(array: pa.Array, type_: str, value: object, tmp_path: Path) -> None:
    rows = read_table({"a": array}, {"a": type_}, tmp_path / "x")
    assert (rows.cells[0], rows.rejected) == ((value,), [])
    assert len(rows.cells) == len(array)


@pytest.mark.parametrize(
    ("array", "type_", "exact"),
    [
        (pa.array([Decimal("1.25")], pa.decimal128(12, 2)), "double", "decimal(12,2)"),
        (pa.array([Decimal("1.25")], pa.decimal128(12, 2)), "decimal(11,2)", "decimal(12,2)"),
        (pa.array([Decimal("1.25")], pa.decimal128(12, 2)), "decimal(12,1)", "decimal(12,2)"),
        (pa.array([1], pa.uint64()), "bigint", "decimal(20,0)"),
        (pa.array([["x"]]), "string", "array<string>"),
        (pa.array([{"a": 1, "b": [1.5]}]), "string", "struct<a:bigint,b:array<double>>"),
        (pa.array([{"a": 1}]), "struct<b:bigint>", "struct<a:bigint>"),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), "array<string>", "map<string,bigint>"),
        (pa.array([b"x"]), "string", "binary"),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else None,
)
def test_the_hint_names_a_type_that_fits_the_column(array: pa.Array, type_: str, exact: str, tmp_path: Path) -> None:
    with pytest.raises(Fault) as e:
        read_table({"a": array}, {"a": type_}, tmp_path / "x")
    assert e.value.hint == f"declare it '{exact}', and cast it in a silver table"
    assert len(read_table({"a": array}, {"a": exact}, tmp_path / "x").cells) == 1


def test_a_type_without_a_contract_type_has_its_own_hint(tmp_path: Path) -> None:
    with pytest.raises(Fault) as e:
        read_table({"a": pa.array([1], pa.time64("us"))}, {"a": "string"}, tmp_path / "x")
    assert e.value.hint == "leave the column out, or write it as text: Millrace has no type for time64[us]"


def test_names_that_are_not_column_names_are_mapped(tmp_path: Path) -> None:
    columns = {"_id": pa.array([1]), "@timestamp": pa.array([AT])}
    of = {"id": "bigint", "at": "timestamp"}
    assert read_table(columns, of, tmp_path / "x", headers={"id": "_id", "at": "@timestamp"}).cells == [(1, AT)]


def times(values: list[Any], unit: str, path: Path, **write: Any) -> tuple[list[Any], list[str]]:
    """The values read from a column of such times, and the rules of the rejected rows."""
    pq.write_table(pa.table({"a": pa.array(values, pa.timestamp(unit))}), path, **write)
    rows = read_path(task("parquet", {"a": "timestamp"}), path)
    return [cells[0] for cells in rows.cells], rows.rules


LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
JULIAN_EPOCH = 2_440_588
DAY_NANOSECONDS = 86_400_000_000_000


def int96_file(path: Path, times: list[tuple[int, int]]) -> None:
    """A file like those of Spark, Hive and Impala: `a` as INT96, a Julian day and its nanoseconds, and `n` from 1 on."""
    sentinels = [datetime(2001, 1, 1) + timedelta(days=i) for i in range(len(times))]
    pq.write_table(
        pa.table({"a": pa.array(sentinels, pa.timestamp("us")), "n": list(range(1, len(times) + 1))}),
        path,
        use_deprecated_int96_timestamps=True,
        use_dictionary=False,
        compression="none",
        write_statistics=False,
    )
    data = path.read_bytes()
    for sentinel, (day, nanoseconds) in zip(sentinels, times, strict=True):
        written = bytes(8) + (JULIAN_EPOCH + (sentinel - datetime(1970, 1, 1)).days).to_bytes(4, "little")
        assert data.count(written) == 1
        data = data.replace(written, nanoseconds.to_bytes(8, "little") + day.to_bytes(4, "little", signed=True))
    path.write_bytes(data)


def test_times_written_as_int96_are_read_correctly(tmp_path: Path) -> None:
    moments = [LAST, datetime(1, 1, 1, tzinfo=UTC), EPOCH - timedelta(microseconds=1), datetime(2262, 5, 1, tzinfo=UTC)]
    split = [divmod((moment - EPOCH) // timedelta(microseconds=1) * 1000, DAY_NANOSECONDS) for moment in moments]
    finer = (JULIAN_EPOCH - 1, DAY_NANOSECONDS - 1)
    int96_file(tmp_path / "x", [*((JULIAN_EPOCH + days, rest) for days, rest in split), finer])
    assert pq.ParquetFile(tmp_path / "x").schema.column(0).physical_type == "INT96"
    rows = read_path(task("parquet", {"a": "timestamp"}), tmp_path / "x")
    assert [cells[0] for cells in rows.cells] == [*moments, EPOCH - timedelta(microseconds=1)]
    assert rows.rejected == []


def test_an_int96_time_that_overflows_64_bits_rejects_its_row(tmp_path: Path) -> None:
    # So many days that the microseconds overflow 64 bits and look like a time in this century.
    around = JULIAN_EPOCH + 20_000 + round(2**64 / 86_400_000_000)
    int96_file(tmp_path / "x", [(JULIAN_EPOCH, 0), (around, 0), (2**31 - 1, 0), (-(2**31), 0), (JULIAN_EPOCH, 1000)])
    rows = read_path(task("parquet", {"a": "timestamp", "n": "bigint"}), tmp_path / "x")
    assert [cells[1] for cells in rows.cells] == [1, 5]
    assert rows.rules == ["parquet:time:a"] * 3
    assert rows.raw[0].endswith(", n=2")


def test_nanoseconds_are_rounded_towards_the_past(tmp_path: Path) -> None:
    found, _ = times([-1, -1000, -1001, 1, 1999, None], "ns", tmp_path / "x")
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    ticks = [-1, -1, -2, 0, 1]
    assert found == [*(epoch + timedelta(microseconds=tick) for tick in ticks), None]


@pytest.mark.parametrize("unit", ["ms", "us"])
def test_a_time_outside_the_years_1_to_9999_rejects_its_row(unit: str, tmp_path: Path) -> None:
    per_second = {"ms": 1000, "us": 1_000_000}[unit]
    last = (LAST - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    values = [last * per_second, (last + 1) * per_second, 2**63 - 1, -(2**63), 0]
    found, rules = times(values, unit, tmp_path / "x")
    assert found == [LAST, datetime(1970, 1, 1, tzinfo=UTC)]
    assert rules == ["parquet:time:a"] * 3


def test_a_time_inside_a_nested_value_is_treated_the_same(tmp_path: Path) -> None:
    type_ = pa.list_(pa.struct([("t", pa.timestamp("ns"))]))
    array = pa.array([[{"t": -1}], None, [], [{"t": None}, {"t": 1000}]], type_)
    rows = read_table({"a": array}, {"a": "array<struct<t:timestamp>>"}, tmp_path / "x")
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    assert [cells[0] for cells in rows.cells] == [[{"t": epoch - tick}], None, [], [{"t": None}, {"t": epoch + tick}]]
    far = pa.array([[{"t": 0}], [{"t": 2**62}], [{"t": 0}]], pa.list_(pa.struct([("t", pa.timestamp("ms"))])))
    rows = read_table(
        {"a": far, "n": pa.array([1, 2, 3])}, {"a": "array<struct<t:timestamp>>", "n": "bigint"}, tmp_path / "x"
    )
    assert [cells[1] for cells in rows.cells] == [1, 3]
    assert rows.rules == ["parquet:time:a"]


def test_a_date_outside_the_years_1_to_9999_rejects_its_row(tmp_path: Path) -> None:
    rows = read_table({"a": pa.array([0, 2**31 - 1], pa.date32())}, {"a": "date"}, tmp_path / "x")
    assert (rows.cells, rows.rules) == ([(date(1970, 1, 1),)], ["parquet:time:a"])


def test_text_that_is_not_utf8_inside_a_nested_value_rejects_its_row(tmp_path: Path) -> None:
    flat = pa.array([b"x", b"\xff", b"y"], pa.binary()).cast(pa.string(), safe=False)
    array = pa.ListArray.from_arrays([0, 1, 2, 3], flat)
    rows = read_table({"a": array}, {"a": "array<string>"}, tmp_path / "x")
    assert (rows.cells, rows.rules) == ([(["x"],), (["y"],)], ["encoding"])


def test_missing_columns_are_null_and_undeclared_columns_are_noted(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1], "more": [2]}), tmp_path / "x")
    notes = FileNotes()
    of = task("parquet", {"a": "bigint", "b": "array<int>"}, mayLack=["b"])
    assert read_path(of, tmp_path / "x", notes=notes).cells == [(1, None)]
    assert (notes.absent, notes.unlisted) == (["b"], ["more"])
    with pytest.raises(Fault) as e:
        read_path(task("parquet", {"a": "bigint", "zzz": "int"}), tmp_path / "x")
    assert "`mayLack`" in e.value.hint
