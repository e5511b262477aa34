"""The hash of rows is the same whether an engine computes it in SQL or this process computes it on Arrow columns."""

import datetime
from decimal import Decimal as D
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cell_hash import contents_of
from engine.contents import Contents, summed, sums
from engine.murmur import hash_bytes, mixed_one
from engine.readers.types import arrow_type
from engine.session import Session
from engine.tables import Tables

COLUMNS = [
    {"name": "s", "type": "string"},
    {"name": "b", "type": "boolean"},
    {"name": "i", "type": "int"},
    {"name": "n", "type": "bigint"},
    {"name": "d", "type": "double"},
    {"name": "t", "type": "date"},
    {"name": "u", "type": "timestamp"},
]
ROWS = pa.table(
    {
        "_row": pa.array([0, -1, 2**62 + 3, 7, 8], pa.int64()),
        "s": pa.array(["", "größe 12345 €", "x" * 100, None, "abc"]),
        "b": pa.array([True, False, None, True, True]),
        "i": pa.array([1, None, -(2**31), 2**31 - 1, 0], pa.int32()),
        "n": pa.array([None, 2**63 - 1, -(2**63), 5, 0], pa.int64()),
        "d": pa.array([0.0, -0.0, float("nan"), 1e300, None]),
        "t": pa.array([datetime.date(1, 1, 1), None, datetime.date(9999, 12, 31), datetime.date(1970, 1, 1), None]),
        "u": pa.array([-62135596800000000, 253402300799999999, None, 0, 1], pa.timestamp("us", tz="UTC")),
    }
)

DEEP_COLUMNS = [
    {"name": "small", "type": "decimal(4,2)"},
    {"name": "whole", "type": "decimal(38,0)"},
    {"name": "fine", "type": "decimal(38,38)"},
    {"name": "lists", "type": "array<array<string>>"},
    {"name": "times", "type": "map<int,timestamp>"},
    {"name": "deep", "type": "struct<a:array<decimal(9,2)>,m:map<string,struct<d:date,b:binary>>,s:string,x:double>"},
    {"name": "bytes", "type": "binary"},
]
TINY = D("1e-38")
AT = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)
DEEP: dict[str, list[Any]] = {
    "small": [D("-0.05"), D("99.99"), D(0), None, D("1.50")],
    "whole": [D(-1), D("9" * 38), D(0), None, D(10)],
    "fine": [-TINY, D("0." + "9" * 38), D(0), None, D("0.1")],
    "lists": [[["a", None], None, []], [], None, [[]], [["größe"]]],
    "times": [[(2, None), (1, AT)], [], None, [(1, AT), (2, None)], [(-1, AT)]],
    "deep": [
        {"a": [D("1.50"), None], "m": [("k", {"d": AT.date(), "b": b"\xff"}), ("", None)], "s": "", "x": float("nan")},
        {"a": [], "m": [], "s": None, "x": -0.0},
        None,
        {"a": None, "m": None, "s": "n", "x": None},
        {"a": [None], "m": [("n", {"d": None, "b": b""})], "s": "x,y", "x": 0.0},
    ],
    "bytes": [b"", b"\x00\xff", None, b"abcde", b"ab"],
}


def deep_rows(cells: dict[str, list[Any]]) -> pa.Table:
    arrays = {c["name"]: pa.array(cells[c["name"]], arrow_type(c["type"])) for c in DEEP_COLUMNS}
    return pa.table({"_row": pa.array(range(len(cells["small"])), pa.int64()), **arrays})


def hashed_by(session: Session, table: pa.Table, columns: list[dict[str, Any]], numbered: bool) -> Contents:
    session.view("_hashed", table)
    found = session.arrow(session.spark.sql(f"SELECT {', '.join(sums(columns, numbered))} FROM _hashed"))
    return summed(found.to_pylist())


@pytest.mark.on_engines("sail", "spark")
def test_every_type_and_null_has_the_same_hash_as_on_the_engine(on_engine: tuple[Session, Tables]) -> None:
    assert hashed_by(on_engine[0], ROWS, COLUMNS, numbered=True) == contents_of(ROWS, COLUMNS)


@pytest.mark.on_engines("sail", "spark")
@pytest.mark.parametrize("offset", [0, 1, 2])
def test_decimals_and_nested_cells_have_the_same_hash_as_on_the_engine(
    on_engine: tuple[Session, Tables], offset: int
) -> None:
    rows = deep_rows(DEEP).slice(offset)
    assert hashed_by(on_engine[0], rows, DEEP_COLUMNS, numbered=True) == contents_of(rows, DEEP_COLUMNS)


def test_any_change_in_a_decimal_or_a_nested_cell_changes_the_contents() -> None:
    before = contents_of(deep_rows(DEEP), DEEP_COLUMNS)
    others: list[tuple[str, Any]] = [
        ("small", D("0.05")),
        ("whole", D(1)),
        ("fine", TINY),
        ("lists", [["a", None], None]),
        ("lists", [["a", None], [], None]),
        ("lists", [["a"], [None], []]),
        ("times", [(2, AT), (1, None)]),
        ("times", [(2, None)]),
        ("deep", {**DEEP["deep"][0], "a": [None, D("1.50")]}),
        ("deep", {**DEEP["deep"][0], "m": [("k", {"d": AT.date(), "b": b"\xfe"}), ("", None)]}),
        ("deep", {**DEEP["deep"][0], "m": [("k", None), ("", {"d": AT.date(), "b": b"\xff"})]}),
        ("deep", {**DEEP["deep"][0], "s": None}),
        ("deep", {"a": None, "m": None, "s": None, "x": None}),
        ("bytes", b"\0"),
    ]
    for name, cell in others:
        changed = deep_rows({**DEEP, name: [cell, *DEEP[name][1:]]})
        assert before.differs(contents_of(changed, DEEP_COLUMNS)), (name, cell)
    turned = deep_rows({**DEEP, "times": [DEEP["times"][0][::-1], *DEEP["times"][1:]]})
    assert not before.differs(contents_of(turned, DEEP_COLUMNS)), "the entries of a map have no order"


decimals = st.one_of(st.none(), st.decimals(-(10**9), 10**9, places=9, allow_nan=False))


@settings(max_examples=40, deadline=None)
@given(
    cells=st.lists(st.tuples(decimals, st.lists(st.one_of(st.none(), st.text(max_size=6)), max_size=4)), max_size=30)
)
def test_any_decimal_and_list_have_the_same_hash_as_on_the_engine(
    sail: tuple[Session, Tables], cells: list[tuple[D | None, list[str | None]]]
) -> None:
    columns = [{"name": "d", "type": "decimal(20,9)"}, {"name": "l", "type": "array<string>"}]
    arrays = {c["name"]: pa.array([row[i] for row in cells], arrow_type(c["type"])) for i, c in enumerate(columns)}
    rows = pa.table(arrays)
    assert contents_of(rows, columns, numbered=False) == hashed_by(sail[0], rows, columns, numbered=False)


texts = st.lists(
    st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["", "a", "ab", "abc", "abcd", "x" * 50, "y" * 65])),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(texts=texts, offset=st.integers(0, 3))
def test_text_of_any_length_has_the_same_hash_as_on_the_engine(
    sail: tuple[Session, Tables], texts: list[str | None], offset: int
) -> None:
    session, _ = sail
    whole = pa.table({"s": pa.array(texts, pa.string())})
    rows = pa.table({"s": whole["s"].combine_chunks()[offset:]})
    column = [{"name": "s", "type": "string"}]
    assert contents_of(rows, column, numbered=False) == hashed_by(session, rows, column, numbered=False)


def plain_hash(cell: bytes, seed: int) -> int:
    """Spark's Murmur3 of one cell."""
    words = np.frombuffer(cell[: len(cell) // 4 * 4], "<u4").tolist()
    tail = [byte - 256 * (byte > 127) for byte in cell[len(cell) // 4 * 4 :]]
    found = mixed_one(seed, [word & 0xFFFFFFFF for word in [*words, *tail]]) ^ len(cell)
    found = (found ^ found >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    found = (found ^ found >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return found ^ found >> 16


cells = st.lists(st.one_of(st.binary(max_size=9), st.binary(max_size=70), st.just(b"z" * 64)), min_size=1, max_size=40)


@settings(max_examples=300, deadline=None)
@given(cells=cells, offset=st.integers(0, 3), type=st.sampled_from([pa.binary(), pa.large_binary()]))
def test_many_cells_have_the_hash_of_each_alone(cells: list[bytes], offset: int, type: pa.DataType) -> None:
    array = pa.array(cells, type)[offset:]
    seeds = np.arange(len(array), dtype=np.uint32) * np.uint32(0x9E3779B9)
    before = seeds.copy()
    alone = [plain_hash(cell, int(seed)) for cell, seed in zip(cells[offset:], seeds, strict=True)]
    assert hash_bytes(array, seeds).tolist() == alone
    assert (seeds == before).all()


def test_a_few_long_cells_have_the_same_hash_as_among_many() -> None:
    long = ["y" * n for n in (3_001, 17, 3_001, 4, 9_999)]
    state = np.arange(5, dtype=np.uint32)
    together = hash_bytes(pa.array(long * 4), np.tile(state, 4))
    assert (np.tile(hash_bytes(pa.array(long), state), 4) == together).all()


@pytest.mark.parametrize(
    "other",
    [
        {"a": ["y", "x"], "b": ["p", "q"]},  # two rows swapped a cell
        {"a": ["x", "y"], "b": ["p", "Q"]},  # a cell changed
        {"a": [None, "y"], "b": ["x", "q"]},  # a value moved to the next column
        {"a": ["x", "x"], "b": ["p", "p"]},  # one row was doubled and another lost
        {"a": ["x", None], "b": ["p", "q"]},
    ],
)
def test_any_change_of_a_row_changes_the_contents(other: dict[str, list[str | None]]) -> None:
    columns = [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}]
    rows = {"_row": [1, 2], "a": ["x", "y"], "b": ["p", "q"]}
    before = contents_of(pa.table(rows), columns)
    assert before.differs(contents_of(pa.table({**rows, **other}), columns))
    assert not before.differs(contents_of(pa.table({name: list(reversed(v)) for name, v in rows.items()}), columns))
