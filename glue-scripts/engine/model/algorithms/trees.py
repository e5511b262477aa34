"""Trees grown by XGBoost. A sum adds up one leaf of each tree. Saved as the trees of `contracts/model.schema.json`."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.model.algorithm import Inputs, Point
from engine.model.document_types import Model, Tree
from engine.model.objective import Floats, Labels, Loss

#: Loss -> objective of XGBoost.
OBJECTIVES: dict[Loss, str] = {"log": "binary:logistic", "squared": "reg:squarederror"}


class Trees:
    """The common part of algorithms whose fit is an XGBoost booster."""

    libraries: tuple[tuple[str, str], ...] = (("xgboost", "xgboost-cpu"),)

    def rounds(self, point: Point) -> int:
        """Number of boosting rounds of a point."""
        raise NotImplementedError

    def prepared(self, inputs: Inputs, labels: Labels) -> Any:
        import xgboost as xgb

        return xgb.QuantileDMatrix(inputs, labels, nthread=1)

    def predicted(self, fit: Any, inputs: Inputs, point: Point) -> Floats:
        return np.asarray(fit.inplace_predict(inputs, iteration_range=(0, self.rounds(point))), dtype=np.float64)

    def gains(self, fit: Any) -> dict[int, float]:
        gains = fit.get_score(importance_type="total_gain")
        return {int(column[1:]): float(gain) for column, gain in gains.items()}

    def saved(self, fit: Any, loss: Loss) -> dict[str, Any]:
        raw = json.loads(bytes(fit.save_raw("json")))
        return {"base_margin": base_margin_of(raw, loss), "trees": trees_of(raw)}

    def margins(self, model: Model, inputs: Inputs) -> Floats:
        margins = np.full(len(inputs), model["base_margin"], dtype=np.float64)
        for tree in model["trees"]:
            margins += leaves(tree, inputs)
        return margins


def parameters(loss: Loss, seed: int) -> dict[str, Any]:
    """Parameters of every fit."""
    return {"objective": OBJECTIVES[loss], "tree_method": "hist", "seed": seed, "nthread": 1, "verbosity": 0}


def trees_of(raw: Mapping[str, Any]) -> list[Tree]:
    """Each tree as parallel arrays. XGBoost stores a leaf's value in the field where an inner node stores its threshold."""
    return [flattened(tree) for tree in raw["learner"]["gradient_booster"]["model"]["trees"]]


def flattened(tree: Mapping[str, Any]) -> Tree:
    left, right = tree["left_children"], tree["right_children"]
    inner = [child != -1 for child in left]
    conditions = [float(value) for value in tree["split_conditions"]]
    return {
        "left": left,
        "right": [child if has else -1 for child, has in zip(right, inner, strict=True)],
        "feature": [index if has else 0 for index, has in zip(tree["split_indices"], inner, strict=True)],
        "threshold": [value if has else 0.0 for value, has in zip(conditions, inner, strict=True)],
        "value": [0.0 if has else value for value, has in zip(conditions, inner, strict=True)],
    }


def base_margin_of(raw: Mapping[str, Any], loss: Loss) -> float:
    """The start of every sum. XGBoost 3 stores it as a score, as text in brackets: "[2.1E-1]"."""
    text = raw["learner"]["learner_model_param"]["base_score"]
    value = json.loads(text)
    score = float(value[0] if isinstance(value, list) else value)
    return math.log(score / (1 - score)) if loss == "log" else score


def leaves(tree: Tree, matrix: Inputs) -> Floats:
    """The value of each row's leaf. All rows descend together, one level per step."""
    left, right = np.asarray(tree["left"]), np.asarray(tree["right"])
    feature = np.asarray(tree["feature"])
    threshold = np.asarray(tree["threshold"], dtype=np.float32)
    node: npt.NDArray[np.intp] = np.zeros(len(matrix), dtype=np.intp)
    rows = np.arange(len(matrix))
    while rows.size:
        at = node[rows]
        inner = left[at] != -1
        rows, at = rows[inner], at[inner]
        goes_left = matrix[rows, feature[at]] < threshold[at]
        node[rows] = np.where(goes_left, left[at], right[at])
    return np.asarray(tree["value"], dtype=np.float64)[node]
