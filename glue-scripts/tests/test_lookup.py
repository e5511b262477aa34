"""Looking rows up by key finds the row with that key, for every type of key, and no other row."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from lookup import main

TIME = datetime(2025, 1, 1, 8, 30, 0, 123456, tzinfo=UTC)


def looked_up(tmp_path: Path, capsys: pytest.CaptureFixture[str], keys: pa.Array, *wanted: str) -> list[dict[str, Any]]:
    """Writes a table with these keys, each with its place, and looks keys up in it."""
    table = str(tmp_path / "t")
    write_deltalake(table, pa.table({"key": keys, "place": pa.array(range(len(keys)), pa.int64())}))
    assert main(["--table", table, "--column", "key", "--", *wanted]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        (pa.array(["a", "b "]), "b "),
        (pa.array([1, 2**53 + 1, 2**53 + 2], pa.int64()), str(2**53 + 1)),
        (pa.array([1, -7], pa.int32()), "-7"),
        (pa.array([0.5, 0.1]), "0.1"),
        (pa.array([False, True]), "true"),
        (pa.array([date(2024, 2, 28), date(2024, 2, 29)]), "2024-02-29"),
        (pa.array([datetime(2025, 1, 1, tzinfo=UTC), TIME], pa.timestamp("us", "UTC")), "2025-01-01T08:30:00.123456Z"),
        (pa.array([datetime(2025, 1, 1, tzinfo=UTC), TIME], pa.timestamp("us", "UTC")), "2025-01-01 08:30:00.123456"),
        (pa.array([TIME], pa.timestamp("us", "UTC")), "2025-01-01T10:30:00.123456+02:00"),
        (pa.array([Decimal("1.25"), Decimal("1.50")], pa.decimal128(10, 2)), "1.5"),
        (pa.array([Decimal("1.25"), Decimal("1.50")], pa.decimal128(10, 2)), "1.5000"),
        (pa.array([Decimal("1.25"), Decimal("-70")], pa.decimal128(10, 2)), " -7e1"),
        (pa.array([Decimal(1), Decimal(10**37)], pa.decimal128(38, 0)), str(10**37)),
    ],
)
def test_a_key_is_compared_as_a_value_of_its_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], keys: pa.Array, wanted: str
) -> None:
    found = looked_up(tmp_path, capsys, keys, wanted, "nobody's")
    place = 1 if wanted == str(2**53 + 1) else len(keys) - 1
    assert [(line["key"], line["row"]["place"]) for line in found] == [([wanted], place)]


def test_a_key_of_several_columns_finds_the_row_that_has_them_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = str(tmp_path / "t")
    days, amounts = [date(2024, 1, day) for day in (1, 1, 2)], [Decimal("1.5"), Decimal("2"), Decimal("1.5")]
    columns = {"day": pa.array(days), "amount": pa.array(amounts, pa.decimal128(8, 2)), "place": pa.array([0, 1, 2])}
    write_deltalake(table, pa.table(columns))
    keys = ["2024-01-02", "1.50", "2024-01-02", "2", "2024-01-01", "2", "2024-01-01", "two"]
    assert main(["--table", table, "--column", "day", "--column", "amount", "--", *keys]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["key"], line["row"]["place"]) for line in lines] == [
        (["2024-01-02", "1.50"], 2),
        (["2024-01-01", "2"], 1),
    ]


def test_all_rows_of_each_key_come_in_the_order_of_the_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = looked_up(tmp_path, capsys, pa.array([5, 6, 5], pa.int64()), "6", "5", "9")
    assert [(line["key"], line["row"]["place"]) for line in found] == [(["6"], 1), (["5"], 0), (["5"], 2)]


def test_values_that_json_or_javascript_cannot_hold_are_text_or_null(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = str(tmp_path / "t")
    values = {
        "key": pa.array([2**60], pa.int64()),
        "nan": pa.array([float("nan")]),
        "low": pa.array([float("-inf")]),
        "at": pa.array([TIME], pa.timestamp("us", "UTC")),
        "price": pa.array([Decimal("1.50")], pa.decimal128(10, 2)),
        "list": pa.array([[1.5, float("nan")]]),
    }
    write_deltalake(table, pa.table(values))
    main(["--table", table, "--column", "key", str(2**60)])
    assert json.loads(capsys.readouterr().out)["row"] == {
        "key": "1152921504606846976",
        "nan": None,
        "low": "-Infinity",
        "at": "2025-01-01T08:30:00.123456+00:00",
        "price": "1.50",
        "list": [1.5, None],
    }
