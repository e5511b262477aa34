"""The grid search: fits every grid point on every fold and judges it on rows that the fit has not seen."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.model.algorithm import Algorithm, Inputs, Point
from engine.model.document_types import TriedPoint
from engine.model.encoding import encode, learn_features
from engine.model.objective import Floats, Labels
from engine.model.records import algorithm_of, objective_of
from engine.plan_types import TrainTask


@dataclass
class Tried:
    """A grid point with its metric and its out-of-fold scores, one array per fold."""

    point: Point
    by_fold: list[float]
    scores: list[Floats]

    @property
    def figure(self) -> float:
        return float(np.mean(self.by_fold))

    def described(self, judged_by: str) -> TriedPoint:
        """The entry of `grid` in `contracts/model.schema.json`."""
        return cast(TriedPoint, {**self.point, judged_by: self.figure, f"{judged_by}_by_fold": self.by_fold})


@dataclass
class Fold:
    """A fold: positions of the rows to learn from and to judge by. The first fit encodes them; later fits reuse that."""

    learn: npt.NDArray[np.intp]
    judge: npt.NDArray[np.intp]
    #: Libraries do not guarantee that two fits may read the same rows at once.
    turn: Lock = field(default_factory=Lock)
    prepared: Any = None
    inputs: Inputs | None = None

    def prepare(self, rows: pa.Table, labels: Labels, task: TrainTask) -> Inputs:
        """Encode the rows, learning from the fold's training part only. Returns the rows to judge by."""
        if self.inputs is None:
            learn_rows = rows.take(pa.array(self.learn))
            features, _ = learn_features(learn_rows, task["inputs"])
            self.inputs = encode(rows.take(pa.array(self.judge)), features)
            if features:
                self.prepared = algorithm_of(task).prepared(
                    encode(learn_rows, features), labels[self.learn], objective_of(task).loss
                )
        return self.inputs


def folds_of(part: npt.NDArray[np.int8], folds: int) -> list[Fold]:
    return [Fold(np.flatnonzero((part >= 0) & (part != i)), np.flatnonzero(part == i)) for i in range(folds)]


def searched(rows: pa.Table, labels: Labels, folds: Sequence[Fold], task: TrainTask, pool: Executor) -> list[Tried]:
    """All points, in grid order."""
    objective = objective_of(task)
    groups = algorithm_of(task).searches(task["algorithm"])
    # Longest fits first, and neighbouring jobs on different folds.
    jobs = [(group, fold) for group in reversed(range(len(groups))) for fold in folds]
    found = dict(
        zip(
            [(group, id(fold)) for group, fold in jobs],
            pool.map(lambda job: scored(job[1], groups[job[0]], rows, labels, task), jobs),
            strict=True,
        )
    )
    tried = []
    for group, points in enumerate(groups):
        for i, point in enumerate(points):
            scores = [found[group, id(fold)][i] for fold in folds]
            figures = [
                objective.judge(labels[fold.judge], of_fold) for fold, of_fold in zip(folds, scores, strict=True)
            ]
            tried.append(Tried(point, figures, scores))
    return tried


def best_of(tried: Sequence[Tried], algorithm: Algorithm) -> Tried:
    """The best point; of equally good ones, the one with the least cost."""
    return min(tried, key=lambda each: (-each.figure, algorithm.cost(each.point)))


def scored(fold: Fold, points: Sequence[Point], rows: pa.Table, labels: Labels, task: TrainTask) -> list[Floats]:
    """Scores of one fold for each point, from one fit."""
    algorithm = algorithm_of(task)
    with fold.turn:
        inputs = fold.prepare(rows, labels, task)
        if fold.prepared is None:
            # Every input is constant in this fold's training part, so only the mean label is known.
            return [np.full(len(fold.judge), labels[fold.learn].mean()) for _ in points]
        fit = algorithm.fitted(fold.prepared, points[-1], task["algorithm"], objective_of(task).loss, task["seed"])
    return [algorithm.predicted(fit, inputs, point) for point in points]


def out_of_fold(folds: Sequence[Fold], tried: Tried, training: npt.NDArray[np.intp]) -> Floats:
    """The score of each training row by the fit that has not seen it, in the order of `training`."""
    whole = np.empty(int(training.max()) + 1, dtype=np.float64)
    for fold, scores in zip(folds, tried.scores, strict=True):
        whole[fold.judge] = scores
    return whole[training]
