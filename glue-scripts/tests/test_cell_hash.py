"""The hash of rows is one, whether an engine computes it in SQL or this process over Arrow."""

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cell_hash import contents_of, hash_bytes
from engine.contents import Contents, summed, sums
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


def hashed_by(session: Session, table: pa.Table, columns: list[dict[str, Any]], numbered: bool) -> Contents:
    session.view("_hashed", table)
    found = session.arrow(session.spark.sql(f"SELECT {', '.join(sums(columns, numbered))} FROM _hashed"))
    return summed(found.to_pylist())


@pytest.mark.on_engines("sail", "spark")
def test_every_type_and_null_has_the_hash_that_the_engine_gives_it(on_engine: tuple[Session, Tables]) -> None:
    assert hashed_by(on_engine[0], ROWS, COLUMNS, numbered=True) == contents_of(ROWS, COLUMNS)


texts = st.lists(
    st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["", "a", "ab", "abc", "abcd", "x" * 50])), max_size=40
)


@settings(max_examples=40, deadline=None)
@given(texts=texts, offset=st.integers(0, 3))
def test_text_of_any_length_has_the_hash_that_the_engine_gives_it(
    sail: tuple[Session, Tables], texts: list[str | None], offset: int
) -> None:
    session, _ = sail
    whole = pa.table({"s": pa.array(texts, pa.string())})
    rows = pa.table({"s": whole["s"].combine_chunks()[offset:]})
    column = [{"name": "s", "type": "string"}]
    assert contents_of(rows, column, numbered=False) == hashed_by(session, rows, column, numbered=False)


def test_a_few_long_cells_are_hashed_like_many() -> None:
    long = ["y" * n for n in (3_001, 17, 3_001, 4, 9_999)]
    state = np.arange(5, dtype=np.uint32)
    together = hash_bytes(pa.array(long * 4), np.tile(state, 4))
    assert (np.tile(hash_bytes(pa.array(long), state), 4) == together).all()


@pytest.mark.parametrize(
    "other",
    [
        {"a": ["y", "x"], "b": ["p", "q"]},  # two rows swapped a cell
        {"a": ["x", "y"], "b": ["p", "Q"]},  # a cell was changed
        {"a": [None, "y"], "b": ["x", "q"]},  # a value moved to the next column
        {"a": ["x", "x"], "b": ["p", "p"]},  # a row was doubled and another lost
        {"a": ["x", None], "b": ["p", "q"]},
    ],
)
def test_whatever_changes_a_row_changes_the_contents(other: dict[str, list[str | None]]) -> None:
    columns = [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}]
    rows = {"_row": [1, 2], "a": ["x", "y"], "b": ["p", "q"]}
    before = contents_of(pa.table(rows), columns)
    assert before.differs(contents_of(pa.table({**rows, **other}), columns))
    assert not before.differs(contents_of(pa.table({name: list(reversed(v)) for name, v in rows.items()}), columns))
