import itertools
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.faults import Fault
from engine.model.distribution import BINS, bins, distribution
from engine.model.encoding import MAX_CATEGORIES
from engine.model.split import ordered_by_key, stratified
from engine.model.train import train
from tests import make_golden
from tests.learning_data import INPUTS, labelled, task
from tests.small_lake import GOLDEN

values = st.lists(st.one_of(st.integers(-3, 3).map(float), st.floats(-1e308, 1e308)), max_size=300)


@given(values)
def test_bins_are_few_and_hold_every_row_once_in_order(given_values: list[float]) -> None:
    array = np.array(given_values, dtype=np.float64)
    found = bins(array)
    assert sum(b["rows"] for b in found) == len(array)
    assert len(found) <= 3 * BINS
    for b in found:
        assert b["rows"] == ((array >= b["from"]) & (array <= b["to"])).sum()
    assert all(b["to"] < after["from"] for b, after in itertools.pairwise(found))


@given(values)
def test_a_frequent_value_has_its_own_bin_and_so_has_each_of_a_few_values(given_values: list[float]) -> None:
    array = np.array(given_values, dtype=np.float64)
    alone = {b["from"]: b["rows"] for b in bins(array) if b["from"] == b["to"]}
    distinct, rows = np.unique(array, return_counts=True)
    for value, count in zip(distinct, rows, strict=True):
        if count * BINS >= len(array) or len(distinct) <= BINS:
            assert alone[value] == count


def test_bins_of_many_values_are_of_about_equal_size() -> None:
    found = bins(np.random.default_rng(2).gamma(2.0, 3.0, 10_000))
    assert [b["rows"] for b in found] == [500] * BINS


def test_the_distribution_covers_the_training_part_and_every_input_even_constant_ones() -> None:
    rows = labelled(900)
    table = rows.set_column(rows.column_names.index("tenure"), "tenure", pa.array([5] * 900, pa.int32()))
    found = train(table, task()).dossier["distribution"]
    ordered, at = ordered_by_key(table, ["id"], 42)
    part = stratified(ordered["label"].to_numpy().astype(np.int8), at, 0.2, 3)
    training = ordered.take(pa.array(np.flatnonzero(part >= 0)))
    assert found["rows"] == training.num_rows
    by_name = {feature["name"]: feature for feature in found["features"]}
    assert list(by_name) == [spec["name"] for spec in INPUTS]
    assert by_name["tenure"]["bins"] == [{"from": 5.0, "to": 5.0, "rows": training.num_rows}]
    assert by_name["charge"]["missing"] == training["charge"].null_count
    plans = {entry["value"]: entry["rows"] for entry in by_name["plan"]["categories"]}
    assert plans == {e["values"]: e["counts"] for e in pc.value_counts(training["plan"].drop_null()).to_pylist()}
    assert sum(b["rows"] for b in found["scores"]) == 900 - training.num_rows


def test_categories_beyond_the_most_frequent_are_counted_together() -> None:
    words = [f"c{i:03d}" for i in range(MAX_CATEGORIES + 10) for _ in range(2 if i < MAX_CATEGORIES else 1)]
    table = pa.table({"c": pa.array([*words, None, None], pa.string())})
    (found,) = distribution(table, [{"name": "c", "type": "string"}], np.zeros(0))["features"]
    assert [len(found["categories"]), found["other"], found["missing"]] == [MAX_CATEGORIES, 10, 2]


def test_a_missing_column_is_a_fault() -> None:
    with pytest.raises(Fault, match="MR403"):
        distribution(pa.table({"a": [1]}), [{"name": "b", "type": "int"}], np.zeros(0))


def test_the_golden_drift_is_up_to_date() -> None:
    kept, made = (GOLDEN / "drift.json").read_text(), make_golden.drift()
    assert kept == made
    assert json.loads(kept)["features"]["plan"] > 0.2
