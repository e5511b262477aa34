"""Trees grown by XGBoost. A sum adds up one leaf of each tree. Saved as the trees of `contracts/model.schema.json`."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.model.algorithm import Inputs, Point
from engine.model.document_types import Model, Tree
from engine.model.objective import Floats, Labels, Loss

#: Loss -> objective of XGBoost.
OBJECTIVES: dict[Loss, str] = {"log": "binary:logistic", "squared": "reg:squarederror"}


@dataclass(frozen=True)
class Rows:
    """Training rows. `matrix` has the labels as (label - shift) / scale.

    XGBoost computes in float32 and makes no split that gains less than 1e-6, so it would not learn labels that are tiny or far from 0.
    """

    matrix: Any
    shift: float
    scale: float


@dataclass(frozen=True)
class Fit:
    """A booster, whose scores are in the units of its rows."""

    booster: Any
    shift: float
    scale: float


class Trees:
    """The common part of algorithms whose fit is an XGBoost booster."""

    libraries: tuple[tuple[str, str], ...] = (("xgboost", "xgboost-cpu"),)

    def rounds(self, point: Point) -> int:
        """Number of boosting rounds of a point."""
        raise NotImplementedError

    def prepared(self, blocks: Iterable[Inputs], labels: Labels, loss: Loss) -> Rows:
        shift, scale = (float(labels.mean()), float(labels.std())) if loss == "squared" else (0.0, 1.0)
        scale = scale if scale > 0 else 1.0
        return Rows(quantile_matrix(blocks, (labels - shift) / scale), shift, scale)

    def predicted(self, fit: Fit, blocks: Iterable[Inputs], point: Point) -> Floats:
        rounds = (0, self.rounds(point))
        raw = np.concatenate([fit.booster.inplace_predict(block, iteration_range=rounds) for block in blocks])
        return np.asarray(raw, dtype=np.float64) * fit.scale + fit.shift

    def gains(self, fit: Fit) -> dict[int, float]:
        gains = fit.booster.get_score(importance_type="total_gain")
        return {int(column[1:]): float(gain) for column, gain in gains.items()}

    def saved(self, fit: Fit, loss: Loss) -> dict[str, Any]:
        raw = json.loads(bytes(fit.booster.save_raw("json")))
        trees = [{**tree, "value": [value * fit.scale for value in tree["value"]]} for tree in trees_of(raw)]
        return {"base_margin": base_margin_of(raw, loss) * fit.scale + fit.shift, "trees": trees}

    def margins(self, model: Model, inputs: Inputs) -> Floats:
        margins = np.full(len(inputs), model["base_margin"], dtype=np.float64)
        for tree in model["trees"]:
            margins += leaves(tree, inputs)
        return margins


def quantile_matrix(blocks: Iterable[Inputs], labels: Labels) -> Any:
    """One byte per value instead of four. Equal to the matrix of all rows at once, which XGBoost reads in the same order."""
    import xgboost as xgb

    class Batches(xgb.DataIter):
        def __init__(self) -> None:
            super().__init__()
            self.reset()

        def reset(self) -> None:
            self.rest, self.start = iter(blocks), 0

        def next(self, input_data: Any) -> bool:
            block = next(self.rest, None)
            if block is None:
                return False
            end = self.start + len(block)
            input_data(data=block, label=labels[self.start : end])
            self.start = end
            return True

    return xgb.QuantileDMatrix(Batches(), nthread=1)


def grown(rows: Rows, settings: dict[str, Any], rounds: int) -> Fit:
    import xgboost as xgb

    return Fit(xgb.train(settings, rows.matrix, num_boost_round=rounds), rows.shift, rows.scale)


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
