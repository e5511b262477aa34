"""Trees that XGBoost grows: a score is the sum of one leaf of each. Kept as the trees of `contracts/model.schema.json`."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.model.algorithm import Inputs, Point
from engine.model.document_types import Model, Tree
from engine.model.objective import Floats, Labels, Loss

#: Names of XGBoost.
OBJECTIVES: dict[Loss, str] = {"log": "binary:logistic", "squared": "reg:squarederror"}


class Trees:
    """What an algorithm is made of whose fit is a booster of XGBoost."""

    libraries: tuple[tuple[str, str], ...] = (("xgboost", "xgboost-cpu"),)

    def rounds(self, point: Point) -> int:
        """How many rounds of a fit make up the point."""
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
    """What all fits share."""
    return {"objective": OBJECTIVES[loss], "tree_method": "hist", "seed": seed, "nthread": 1, "verbosity": 0}


def trees_of(raw: Mapping[str, Any]) -> list[Tree]:
    """Parallel arrays a tree. In XGBoost's file a leaf keeps its value where an inner node keeps its threshold."""
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
    """What every sum starts from. XGBoost 3 keeps the score that belongs to it as text, in brackets: "[2.1E-1]"."""
    text = raw["learner"]["learner_model_param"]["base_score"]
    value = json.loads(text)
    score = float(value[0] if isinstance(value, list) else value)
    return math.log(score / (1 - score)) if loss == "log" else score


def leaves(tree: Tree, matrix: Inputs) -> Floats:
    """The value of the leaf that each row comes to; all rows go down together, a level a step."""
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
