"""Forests beside those of scikit-learn: the same rows to learn from, the same encoding, depth, trees and share of columns."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pytest
from sklearn import metrics as reference
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from engine.model.encoding import encode, learn_features
from engine.model.records import objective_of
from engine.model.split import ordered_by_key, stratified
from engine.model.train import train
from tests.learning_data import labelled, priced, task

HOUSES = Path(__file__).parents[3] / "shared" / "data" / "housing" / "housing_california.csv"


def spec(depth: int, **changes: Any) -> dict[str, Any]:
    forest = {"name": "random-forest", "grid": {"maxDepth": [depth], "trees": [50]}, "columnShare": 0.5}
    return task(algorithm=forest, **changes)


def of_peer(table: pa.Table, asked: dict[str, Any], peer: Any) -> tuple[Any, Any]:
    """The labels of the hold-out, and what scikit-learn predicts for them."""
    objective = objective_of(asked)
    rows, at = ordered_by_key(table, asked["key"], asked["seed"])
    labels = objective.labels(rows, asked)
    part = stratified(objective.strata(labels), at, asked["testShare"], asked["folds"])
    training, held_out = (rows.take(pa.array(np.flatnonzero(chosen))) for chosen in (part >= 0, part < 0))
    features, _ = learn_features(training, asked["inputs"])
    peer.set_params(max_features=0.5, n_estimators=50, random_state=1)
    peer.fit(encode(training, features), labels[part >= 0])
    inputs = encode(held_out, features)
    found = peer.predict_proba(inputs)[:, 1] if hasattr(peer, "predict_proba") else peer.predict(inputs)
    return labels[part < 0], found


def houses() -> tuple[pa.Table, list[dict[str, str]]]:
    if not HOUSES.exists():
        pytest.skip("the shared data are absent")
    table = csv.read_csv(HOUSES)
    inputs = [name for name in table.column_names if name != "median_house_value"]
    types = {name: "string" if name == "ocean_proximity" else "double" for name in inputs}
    keyed = table.append_column("id", pa.array([f"b{i}" for i in range(table.num_rows)]))
    return keyed, [{"name": name, "type": kind} for name, kind in types.items()]


@pytest.mark.parametrize("real", [False, True], ids=["generated", "houses"])
def test_the_error_of_a_regression_is_within_5_percent_of_that_of_scikit_learn(real: bool) -> None:
    if real:
        table, inputs = houses()
        asked = spec(12, objective="regression", label="median_house_value", inputs=inputs)
    else:
        table, asked = priced(3000), spec(6, objective="regression")
    metrics = train(table, asked).model["metrics"]
    depth = asked["algorithm"]["grid"]["maxDepth"][0]
    labels, predicted = of_peer(table, asked, RandomForestRegressor(max_depth=depth))
    assert metrics["rmse"] == pytest.approx(reference.root_mean_squared_error(labels, predicted), rel=0.05)
    assert metrics["r2"] == pytest.approx(reference.r2_score(labels, predicted), abs=0.02)


def test_the_auc_of_two_classes_is_within_0_01_of_that_of_scikit_learn() -> None:
    table, asked = labelled(3000), spec(6)
    metrics = train(table, asked).model["metrics"]
    labels, predicted = of_peer(table, asked, RandomForestClassifier(max_depth=6))
    assert metrics["auc"] == pytest.approx(reference.roc_auc_score(labels, predicted), abs=0.01)
