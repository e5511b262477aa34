from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.faults import Fault
from engine.model.encoding import LARGEST, MAX_CATEGORIES, encode, encoded_names, learn_features
from engine.model.split import ordered_by_key

NUMERIC = [{"name": "x", "type": "double"}]
TEXT = [{"name": "x", "type": "string"}]
NOON = datetime(2024, 1, 1, 12)


def column(values: pa.Array) -> pa.Table:
    return pa.table({"x": values})


def numeric(values: pa.Array, fill: float = 0.0) -> list[float]:
    found: list[float] = encode(column(values), [{"name": "x", "kind": "numeric", "fill": fill}])[:, 0].tolist()
    return found


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([True, False, None]), [1, 0, 9]),
        (pa.array([date(1970, 1, 2), date(1969, 12, 31), None]), [1, -1, 9]),
        (pa.array([date(1970, 1, 2)], pa.date64()), [1]),
        (pa.array([NOON, None], pa.timestamp("s")), [19723.5, 9]),
        (pa.array([NOON], pa.timestamp("us")), [19723.5]),
        (pa.array([NOON.replace(tzinfo=UTC)], pa.timestamp("us", "Europe/Berlin")), [19723.5]),
        (pa.array([NOON.replace(microsecond=1)], pa.timestamp("us")).cast(pa.timestamp("ns")), [19723.5]),
        (pa.array([1, 2**63 - 1]), [1, 2.0**63]),
        (pa.array([1, 2]).cast(pa.decimal128(22, 2)), [1, 2]),
        (pa.array([1.5, float("nan"), None]), [1.5, 9, 9]),
        (pa.array([float("inf"), -1e308]), [LARGEST, -LARGEST]),
        (pa.nulls(2), [9, 9]),
    ],
)
def test_every_kind_of_column_becomes_numbers(values: pa.Array, expected: list[float]) -> None:
    assert numeric(values, fill=9) == expected


@given(st.lists(st.one_of(st.none(), st.floats(width=64)), min_size=1, max_size=30))
def test_neither_a_matrix_nor_the_learned_encoding_contains_nan_or_infinity(values: list[float | None]) -> None:
    table = column(pa.array(values, pa.float64()))
    features, warnings = learn_features(table, NUMERIC)
    assert len(features) + len(warnings) == 1
    assert all(np.isfinite(feature["fill"]) for feature in features)
    assert np.isfinite(encode(table, features)).all()


def test_a_missing_number_becomes_the_median() -> None:
    features, _ = learn_features(column(pa.array([1.0, 2.0, 30.0, None, float("nan")])), NUMERIC)
    assert features == [{"name": "x", "kind": "numeric", "fill": 2.0}]


def test_the_most_frequent_categories_are_kept_in_alphabetical_order() -> None:
    values = [f"c{i:02}" for i in range(70) for _ in range(1 if i < 6 else 2)]
    features, _ = learn_features(column(pa.array(values[::-1])), TEXT)
    assert features[0]["categories"] == [f"c{i:02}" for i in range(6, 70)]
    assert len(features[0]["categories"]) == MAX_CATEGORIES
    assert encoded_names(features)[0] == "x=c06"


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_every_arrow_text_type_is_encoded_alike(kind: pa.DataType) -> None:
    table = column(pa.array(["b", "a", None, "", "b"]).cast(kind))
    features, _ = learn_features(table, TEXT)
    assert features[0]["categories"] == ["", "a", "b"]
    assert encode(table, features).tolist() == [[0, 0, 1], [0, 1, 0], [0, 0, 0], [1, 0, 0], [0, 0, 1]]


def test_an_unseen_category_is_in_no_column() -> None:
    features, _ = learn_features(column(pa.array(["a", "b"])), TEXT)
    assert encode(column(pa.array(["c", "A", "a "])), features).sum() == 0


@pytest.mark.parametrize(
    ("values", "inputs"),
    [(pa.array([[1.0]]), NUMERIC), (pa.array(["1"]), NUMERIC), (pa.array([1]), TEXT), (pa.array([True]), TEXT)],
)
def test_a_column_of_another_type_is_a_fault(values: pa.Array, inputs: list[dict[str, str]]) -> None:
    with pytest.raises(Fault, match="MR403  x"):
        learn_features(column(values), inputs)


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 9)), min_size=1, max_size=30, unique=True), st.data())
def test_the_order_of_rows_depends_only_on_their_keys(keys: list[tuple[str, int]], data: st.DataObject) -> None:
    def ordered(rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
        table = pa.table({"a": pa.array([a for a, _ in rows]), "b": pa.array([b for _, b in rows])})
        return [(row["a"], row["b"]) for row in ordered_by_key(table, ["a", "b"], 5)[0].to_pylist()]

    assert ordered(data.draw(st.permutations(keys))) == ordered(keys)
