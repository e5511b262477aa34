"""The search: every point of the grid on every fold, each judged on rows that nothing in its fit was learned from."""

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
    """A point of the grid: the figure that it is judged by and its out-of-fold scores, one array a fold."""

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
    """A fold: its rows to learn from and to judge by, as positions. What fits learn from is made once, by its first fit."""

    learn: npt.NDArray[np.intp]
    judge: npt.NDArray[np.intp]
    #: A library does not promise that two fits may read the same rows at a time.
    turn: Lock = field(default_factory=Lock)
    prepared: Any = None
    inputs: Inputs | None = None

    def prepare(self, rows: pa.Table, labels: Labels, task: TrainTask) -> Inputs:
        """Encode by what the fold's own training part shows. Returns the rows to judge by."""
        if self.inputs is None:
            learn_rows = rows.take(pa.array(self.learn))
            features, _ = learn_features(learn_rows, task["inputs"])
            self.inputs = encode(rows.take(pa.array(self.judge)), features)
            if features:
                self.prepared = algorithm_of(task).prepared(encode(learn_rows, features), labels[self.learn])
        return self.inputs


def folds_of(part: npt.NDArray[np.int8], folds: int) -> list[Fold]:
    return [Fold(np.flatnonzero((part >= 0) & (part != i)), np.flatnonzero(part == i)) for i in range(folds)]


def searched(rows: pa.Table, labels: Labels, folds: Sequence[Fold], task: TrainTask, pool: Executor) -> list[Tried]:
    """All points, in the order of the grid."""
    objective = objective_of(task)
    groups = algorithm_of(task).searches(task["algorithm"])
    # The longest first, and neighbours on different folds.
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
    """The greatest figure; of equal ones what costs least."""
    return min(tried, key=lambda each: (-each.figure, algorithm.cost(each.point)))


def scored(fold: Fold, points: Sequence[Point], rows: pa.Table, labels: Labels, task: TrainTask) -> list[Floats]:
    """Scores of one fold for each of the points, by one fit."""
    algorithm = algorithm_of(task)
    with fold.turn:
        inputs = fold.prepare(rows, labels, task)
        if fold.prepared is None:
            # Every input is constant in this fold's training part: all it knows is the mean of the label.
            return [np.full(len(fold.judge), labels[fold.learn].mean()) for _ in points]
        fit = algorithm.fitted(fold.prepared, points[-1], task["algorithm"], objective_of(task).loss, task["seed"])
    return [algorithm.predicted(fit, inputs, point) for point in points]


def out_of_fold(folds: Sequence[Fold], tried: Tried, training: npt.NDArray[np.intp]) -> Floats:
    """Each training row's score by the fit that had not seen it, in the order of `training`."""
    whole = np.empty(int(training.max()) + 1, dtype=np.float64)
    for fold, scores in zip(folds, tried.scores, strict=True):
        whole[fold.judge] = scores
    return whole[training]
