"""A random forest: of either kind of label, the same each time, and the mean of its trees."""

import numpy as np
import pytest

from engine.model.algorithms.random_forest import RandomForest
from engine.model.encoding import encode, learn_features
from engine.model.train import train
from tests.learning_data import FOREST, INPUTS, labelled, priced, task

FOREST_OF = RandomForest()


def test_it_tells_two_classes_apart_as_well() -> None:
    model = train(labelled(3000), task(algorithm=FOREST)).model
    assert model["objective"] == "binary" and model["metrics"]["auc"] > 0.7
    assert {tuple(point)[:2] for point in model["grid"]} == {("max_depth", "trees")}
    assert len(model["trees"]) == 20 and model["chosen"]["column_share"] == 0.5


def test_more_trees_are_no_greater_sum_but_a_steadier_mean() -> None:
    table = priced(1500)
    features, _ = learn_features(table, INPUTS)
    inputs, labels = encode(table, features), table["label"].to_numpy()
    prepared = FOREST_OF.prepared([inputs], labels, "squared")
    means, spreads = [], []
    for trees in (5, 80):
        point = {"max_depth": 5, "trees": trees}
        fits = [FOREST_OF.fitted(prepared, point, FOREST, "squared", seed) for seed in (1, 2)]
        scores = [FOREST_OF.predicted(fit, [inputs], point) for fit in fits]
        means.append(float(scores[0].mean()))
        spreads.append(float(np.abs(scores[0] - scores[1]).mean()))
    assert means == pytest.approx([labels.mean()] * 2, rel=0.02) and spreads[1] < spreads[0] / 2


def test_each_point_of_the_grid_is_a_fit_and_equal_ones_cost_by_depth() -> None:
    asked = {**FOREST, "grid": {"maxDepth": [5, 3, 5], "trees": [20, 10]}}
    groups = FOREST_OF.searches(asked)
    assert [(p["max_depth"], p["trees"]) for (p,) in groups] == [(3, 10), (3, 20), (5, 10), (5, 20)]
    assert sorted((p for (p,) in groups), key=FOREST_OF.cost)[0] == {"max_depth": 3, "trees": 10}
    assert FOREST_OF.plain(asked)["grid"] == {"maxDepth": [3, 5], "trees": [10, 20]}
