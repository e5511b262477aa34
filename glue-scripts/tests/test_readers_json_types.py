"""JSON values as decimals, bytes and nested values."""

import json
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.readers import FileNotes
from tests.test_readers_files import read_bytes, task


def read(type_: str, values: list[str]) -> tuple[list[Any], list[str]]:
    """The accepted values, and the texts of the rejected ones."""
    rows = read_bytes(task("json", {"v": type_}), "".join(f'{{"v":{value}}}\n' for value in values).encode())
    assert set(rows.rules) <= {"json:type:v"}
    return [cells[0] for cells in rows.cells], [raw.removeprefix('{"v":').removesuffix("}") for raw in rows.raw]


def test_decimals_keep_all_digits_or_are_rejected() -> None:
    digits = "12345678901234567890.123456789012345678"
    assert read("decimal(38,18)", [digits, f'"{digits}"']) == ([Decimal(digits)] * 2, [])
    values = ["1.10", "2", "-3e1", "null", '"4.5"', "1.234", "100000", '"x"', "true", "[1]", "0.000"]
    assert read("decimal(5,2)", values) == (
        [Decimal("1.10"), Decimal(2), Decimal(-30), None, Decimal("4.5"), Decimal(0)],
        ["1.234", "100000", '"x"', "true", "[1]"],
    )


def test_bytes_are_base64() -> None:
    assert read("binary", ['"AP8="', "null", '"!"', "1"]) == ([b"\x00\xff", None], ['"!"', "1"])


def test_structs_take_their_keys_and_ignore_others() -> None:
    values = ['{"a":1,"b":"x","c":2}', '{"b":"x"}', "{}", "null", '{"a":"1"}', "[]", "1"]
    assert read("struct<a:int,b:string>", values) == (
        [{"a": 1, "b": "x"}, {"a": None, "b": "x"}, {"a": None, "b": None}, None],
        ['{"a":"1"}', "[]", "1"],
    )


def test_arrays_and_maps_hold_one_type() -> None:
    assert read("array<bigint>", ["[1,null]", "[]", "[1,2.5]", '{"a":1}']) == ([[1, None], []], ["[1,2.5]", '{"a":1}'])
    assert read("map<string,double>", ['{"a":1,"b":null}', '{"a":"1"}', "[]"]) == (
        [[("a", 1.0), ("b", None)]],
        ['{"a":"1"}', "[]"],
    )
    assert read("map<int,date>", ['{"7":"2024-02-29"}', '{"x":"2024-02-29"}', '{"7":"2023-02-29"}']) == (
        [[(7, date(2024, 2, 29))]],
        ['{"x":"2024-02-29"}', '{"7":"2023-02-29"}'],
    )
    assert read("map<int,int>", ['{"1":1,"01":2}', '{"1":1,"-1":2}']) == ([[(1, 1), (-1, 2)]], ['{"1":1,"01":2}'])


def test_integers_inside_nested_values_are_exact_too() -> None:
    wrong = ["[9007199254740993.0]", "[0.99999999999999999999]"]
    assert read("array<bigint>", ["[3.0,3e2]", "[9007199254740992.0]", *wrong]) == ([[3, 300], [2**53]], wrong)
    priced = ['{"n":3.0,"price":0.10}', '{"n":0.99999999999999999999,"price":1}']
    assert read("struct<n:int,price:decimal(5,2)>", priced) == ([{"n": 3, "price": Decimal("0.10")}], priced[1:])


def test_decimals_and_times_inside_nested_values_are_exact_too() -> None:
    price = "12345678901234567890.12"
    type_ = "array<struct<price:decimal(22,2),at:timestamp>>"
    good = f'[{{"price":{price},"at":"2024-01-01T00:00:00+01:00"}},null]'
    bad = '[{"price":1.001}]'
    at = datetime(2023, 12, 31, 23, tzinfo=UTC)
    assert read(type_, [good, bad]) == ([[{"price": Decimal(price), "at": at}, None]], [bad])


def test_a_time_outside_the_years_1_to_9999_rejects_its_line() -> None:
    wrong = ['"0000-01-01T00:00:00Z"', '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-12:00"']
    assert read("timestamp", ['"9999-12-31T23:59:59.999999Z"', *wrong])[1] == wrong
    assert read("date", ['"0001-01-01"', '"0000-12-31"'])[1] == ['"0000-12-31"']


def test_names_that_are_not_column_names_are_mapped() -> None:
    of = task("json", {"id": "int", "at": "string"}, headers={"id": "_id", "at": "@timestamp"})
    rows = read_bytes(of, b'{"_id":1,"@timestamp":"x"}\n{"id":2}\n')
    assert rows.cells == [(1, "x")]
    assert rows.rules == ["json:object"]


def test_undeclared_keys_are_noted() -> None:
    notes = FileNotes()
    read_bytes(task("json", {"a": "int"}), b'{"a":1,"b":2}\n{"c":1,"a":2,"b":3}\n', notes=notes)
    assert notes.unlisted == ["b", "c"]


EXACT = Context(prec=5000)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=None)


@settings(max_examples=300, deadline=None)
@given(st.lists(numbers, max_size=5), st.integers(1, 38), st.data())
def test_a_decimal_is_exact_or_rejected(values: list[Decimal], precision: int, data: Any) -> None:
    scale = data.draw(st.integers(0, precision))
    fitting = [
        value
        for value in values
        if value == 0
        or (abs(value) < Decimal(10) ** (precision - scale) and EXACT.normalize(value).as_tuple().exponent >= -scale)
    ]
    found, rejected = read(f"decimal({precision},{scale})", [str(value) for value in values])
    assert found == fitting
    assert len(rejected) == len(values) - len(fitting)


nested = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(nested, max_size=4),
    st.sampled_from(["array<int>", "struct<a:array<bigint>,b:string>", "map<string,array<string>>"]),
)
def test_any_value_is_accepted_unchanged_or_rejected(values: list[Any], type_: str) -> None:
    texts = [json.dumps(value) for value in values]
    found, rejected = read(type_, texts)
    kept = [value for value, text in zip(values, texts, strict=True) if text not in rejected]
    assert len(found) + len(rejected) == len(values)
    for value, given_ in zip(found, kept, strict=True):
        if value is None or type_.startswith("array"):
            assert value == given_
        elif type_.startswith("map"):
            assert dict(value) == given_
        else:
            assert value == {"a": given_.get("a"), "b": given_.get("b")}


@pytest.mark.parametrize("depth", [100, 900])
def test_a_deeply_nested_value_is_rejected_without_a_crash(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    assert read("array<decimal(3,1)>", [deep, "[1.5]"]) == ([[Decimal("1.5")]], [deep])
