"""The scorer in numpy gives the same result as XGBoost, even on extreme rows."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.algorithms.gradient_boosted_trees import GradientBoostedTrees
from engine.model.artefact import canonical
from engine.model.encoding import encode, learn_features
from engine.model.score import score
from engine.model.train import train
from tests.learning_data import task

INPUTS = [{"name": "x", "type": "double"}, {"name": "n", "type": "bigint"}, {"name": "c", "type": "string"}]
EXTREMES = [
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    1e-45,
    1e-38,
    1e308,
    -1e308,
    float("inf"),
    float("-inf"),
    float("nan"),
    16777217.0,
]

numbers = st.one_of(st.none(), st.sampled_from(EXTREMES), st.floats(-5, 5), st.floats(width=64))
rows = st.tuples(numbers, st.integers(-(2**63), 2**63 - 1), st.one_of(st.none(), st.sampled_from("abcd"), st.text()))


def table_of(values: list[tuple[Any, ...]]) -> pa.Table:
    types = {"x": pa.float64(), "n": pa.int64(), "c": pa.string()}
    return pa.table({name: pa.array([v[i] for v in values], kind) for i, (name, kind) in enumerate(types.items())})


def learning_rows(count: int = 800) -> tuple[pa.Table, npt.NDArray[np.int8]]:
    """Rows of which one third is extreme, so that thresholds are extreme too."""
    rng = np.random.default_rng(4)
    x = np.where(rng.random(count) < 0.3, rng.choice(EXTREMES, count), rng.normal(size=count))
    n = np.where(
        rng.random(count) < 0.3, rng.choice([-(2**63), 2**63 - 1, 2**24 + 1], count), rng.integers(0, 9, count)
    )
    c = rng.choice(["a", "b", "c"], count)
    labels = (rng.random(count) < np.where(x > 0, 0.8, 0.2) * np.where(c == "a", 0.4, 1.0)).astype(np.int8)
    return table_of(list(zip(x.tolist(), n.tolist(), c.tolist(), strict=True))), labels


def learned() -> tuple[dict[str, Any], Any]:
    table, labels = learning_rows()
    features, _ = learn_features(table, INPUTS)
    fit = TREES.fitted(TREES.prepared([encode(table, features)], labels, "log"), POINT, task()["algorithm"], "log", 42)
    return {"algorithm": "gradient-boosted-trees", "features": features, **TREES.saved(fit, "log")}, fit


TREES, POINT = GradientBoostedTrees(), {"max_depth": 5, "rounds": 30}
MODEL, FIT = learned()


@given(st.lists(rows, min_size=1, max_size=40))
def test_the_scorer_agrees_with_xgboost_on_any_row(values: list[tuple[Any, ...]]) -> None:
    table = table_of(values)
    found = score(MODEL, table)
    assert np.abs(found - TREES.predicted(FIT, [encode(table, MODEL["features"])], POINT)).max() < 1e-6
    assert ((found > 0) & (found < 1)).all()


def test_the_scorer_agrees_at_thresholds_and_next_to_them() -> None:
    of_x = [
        np.float32(threshold)
        for tree in MODEL["trees"]
        for threshold, feature, left in zip(tree["threshold"], tree["feature"], tree["left"], strict=True)
        if feature == 0 and left != -1
    ]
    with np.errstate(over="ignore"):
        near = [float(x) for cut in set(of_x) for x in (np.nextafter(cut, -np.inf), cut, np.nextafter(cut, np.inf))]
    assert len(near) >= 30
    table = table_of([(x, 3, c) for x in near for c in "ab"])
    assert np.abs(score(MODEL, table) - TREES.predicted(FIT, [encode(table, MODEL["features"])], POINT)).max() < 1e-6


def test_extreme_rows_give_a_model_without_nan_or_infinity() -> None:
    canonical(MODEL)
    table, labels = learning_rows()
    ids = pa.array([f"K-{i}" for i in range(table.num_rows)])
    rows = table.append_column("id", ids).append_column("label", pa.array(labels))
    trained = train(rows, task(inputs=INPUTS))
    canonical(trained.model)
    canonical(trained.dossier)


def test_a_tree_with_one_leaf_and_a_table_without_rows_can_be_scored() -> None:
    leaf = {"feature": [0], "threshold": [0.0], "left": [-1], "right": [-1], "value": [1.0]}
    model = {**MODEL, "trees": [leaf], "base_margin": -1.0}
    assert score(model, table_of([(1.0, 1, "a")])).tolist() == [pytest.approx(0.5)]
    assert len(score(MODEL, table_of([]))) == 0
