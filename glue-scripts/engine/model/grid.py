"""The search: every point of the grid on every fold, each judged on rows that nothing in its fit was learned from."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.model.document_types import TriedPoint
from engine.model.encoding import encode, learn_features
from engine.model.metrics import auc
from engine.plan_types import TrainTask

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


@dataclass
class Point:
    """A point of the grid, with its out-of-fold scores, one array a fold."""

    max_depth: int
    rounds: int
    auc_by_fold: list[float]
    scores: list[Floats]

    @property
    def auc(self) -> float:
        return float(np.mean(self.auc_by_fold))

    def described(self) -> TriedPoint:
        """The entry of `grid` in `contracts/model.schema.json`."""
        return {"max_depth": self.max_depth, "rounds": self.rounds, "auc": self.auc, "auc_by_fold": self.auc_by_fold}


@dataclass
class Fold:
    """A fold: its rows to learn from and to judge by, as positions. The matrices are made once, by its first fit."""

    learn: npt.NDArray[np.intp]
    judge: npt.NDArray[np.intp]
    #: XGBoost does not promise that two fits may read one matrix at a time.
    turn: Lock = field(default_factory=Lock)
    matrix: Any = None
    inputs: Any = None

    def prepare(self, rows: pa.Table, labels: Labels, task: TrainTask) -> None:
        """Encode by what the fold's own training part shows."""
        learn_rows = rows.take(pa.array(self.learn))
        features, _ = learn_features(learn_rows, task["inputs"])
        self.inputs = encode(rows.take(pa.array(self.judge)), features)
        self.matrix = matrix_of(encode(learn_rows, features), labels[self.learn]) if features else None


def folds_of(part: npt.NDArray[np.int8], folds: int) -> list[Fold]:
    return [Fold(np.flatnonzero((part >= 0) & (part != i)), np.flatnonzero(part == i)) for i in range(folds)]


def searched(rows: pa.Table, labels: Labels, folds: Sequence[Fold], task: TrainTask, pool: Executor) -> list[Point]:
    """All points, by depth and then rounds.

    Fits run side by side with one thread each: threads of one fit would wait for each other at every level of every tree,
    which a busy machine makes slow, and their number would show in the last bits of the model.
    """
    depths, rounds = (sorted(set(task["algorithm"]["grid"][name])) for name in ("maxDepth", "rounds"))
    # The longest first, and neighbours on different folds.
    jobs = [(depth, fold) for depth in reversed(depths) for fold in folds]
    found = list(pool.map(lambda job: scored(job[1], job[0], rounds, rows, labels, task), jobs))
    points = []
    for depth in depths:
        own = [by_rounds for (of, _), by_rounds in zip(jobs, found, strict=True) if of == depth]
        for n in rounds:
            scores = [by_rounds[n] for by_rounds in own]
            aucs = [auc(labels[fold.judge], of_fold) for fold, of_fold in zip(folds, scores, strict=True)]
            points.append(Point(depth, n, aucs, scores))
    return points


def best_of(points: Sequence[Point]) -> Point:
    """The greatest AUC; of equal ones the simplest: the fewest rounds, then the smallest depth."""
    return min(points, key=lambda point: (-point.auc, point.rounds, point.max_depth))


def scored(
    fold: Fold, depth: int, rounds: Sequence[int], rows: pa.Table, labels: Labels, task: TrainTask
) -> dict[int, Floats]:
    """Scores of one fold by number of rounds. Boosting adds trees and never changes them: the longest fit holds the shorter."""
    with fold.turn:
        if fold.inputs is None:
            fold.prepare(rows, labels, task)
        if fold.matrix is None:
            # Every input is constant in this fold's training part: all it knows is how frequent the label is.
            return {n: np.full(len(fold.judge), labels[fold.learn].mean()) for n in rounds}
        booster = fitted(fold.matrix, depth, rounds[-1], task)
    return {n: predicted(booster, fold.inputs, n) for n in rounds}


def out_of_fold(folds: Sequence[Fold], point: Point, training: npt.NDArray[np.intp]) -> Floats:
    """Each training row's score by the fit that had not seen it, in the order of `training`."""
    whole = np.empty(int(training.max()) + 1, dtype=np.float64)
    for fold, scores in zip(folds, point.scores, strict=True):
        whole[fold.judge] = scores
    return whole[training]


def matrix_of(inputs: npt.NDArray[np.float32], labels: Labels) -> Any:
    import xgboost as xgb

    return xgb.QuantileDMatrix(inputs, labels, nthread=1)


def fitted(matrix: Any, depth: int, rounds: int, task: TrainTask) -> Any:
    import xgboost as xgb

    return xgb.train(parameters(depth, task), matrix, num_boost_round=rounds)


def predicted(booster: Any, inputs: npt.NDArray[np.float32], rounds: int) -> Floats:
    """Scores of the first `rounds` trees."""
    return np.asarray(booster.inplace_predict(inputs, iteration_range=(0, rounds)), dtype=np.float64)


def parameters(depth: int, task: TrainTask) -> dict[str, Any]:
    return {
        "objective": "binary:logistic",
        "max_depth": depth,
        "eta": task["algorithm"]["learningRate"],
        "tree_method": "hist",
        "seed": task["seed"],
        "nthread": 1,
        "verbosity": 0,
    }
