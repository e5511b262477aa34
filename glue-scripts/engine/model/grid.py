"""The grid search: fits every grid point on every fold and judges it on rows that the fit has not seen."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from engine.model.algorithm import Algorithm, Point
from engine.model.document_types import Feature, TriedPoint
from engine.model.encoding import Inputs, learn_features
from engine.model.objective import Floats, Labels
from engine.model.part import Part, Positions
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
    """A fold: positions of the rows to learn from and to judge by. The first fit prepares them, the last one drops them."""

    learn: Positions
    judge: Positions
    #: How many fits are still to come.
    left: int
    #: Libraries do not guarantee that two fits may read the same rows at once.
    turn: Lock = field(default_factory=Lock)
    prepared: Any = None
    features: list[Feature] | None = None

    def prepare(self, rows: Part, inputs: Inputs, labels: Labels, task: TrainTask) -> list[Feature]:
        """Learn the features and encode the rows, from the fold's training part only."""
        if self.features is None:
            self.features, _ = learn_features(rows.part(self.learn), task["inputs"])
            if self.features:
                learn = inputs.encoded(self.learn, self.features)
                self.prepared = algorithm_of(task).prepared(learn, labels[self.learn], objective_of(task).loss)
        return self.features


def folds_of(part: npt.NDArray[np.int8], task: TrainTask) -> list[Fold]:
    fits = len(algorithm_of(task).searches(task["algorithm"]))
    return [
        Fold(np.flatnonzero((part >= 0) & (part != i)), np.flatnonzero(part == i), fits) for i in range(task["folds"])
    ]


def searched(
    rows: Part, inputs: Inputs, labels: Labels, folds: Sequence[Fold], task: TrainTask, pool: Executor
) -> list[Tried]:
    """All points, in grid order. `inputs` are those of the rows."""
    objective = objective_of(task)
    groups = algorithm_of(task).searches(task["algorithm"])
    # Longest fits first, and neighbouring jobs on different folds.
    jobs = [(group, fold) for group in reversed(range(len(groups))) for fold in folds]
    found = dict(
        zip(
            [(group, id(fold)) for group, fold in jobs],
            pool.map(lambda job: scored(job[1], groups[job[0]], rows, inputs, labels, task), jobs),
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


def scored(
    fold: Fold, points: Sequence[Point], rows: Part, inputs: Inputs, labels: Labels, task: TrainTask
) -> list[Floats]:
    """Scores of one fold for each point, from one fit."""
    algorithm = algorithm_of(task)
    with fold.turn:
        features = fold.prepare(rows, inputs, labels, task)
        if not features:
            # Every input is constant in this fold's training part, so only the mean label is known.
            return [np.full(len(fold.judge), labels[fold.learn].mean()) for _ in points]
        fit = algorithm.fitted(fold.prepared, points[-1], task["algorithm"], objective_of(task).loss, task["seed"])
        fold.left -= 1
        if fold.left == 0:
            fold.prepared = None
    judged = inputs.encoded(fold.judge, features)
    return [algorithm.predicted(fit, judged, point) for point in points]


def out_of_fold(folds: Sequence[Fold], tried: Tried, training: Positions) -> Floats:
    """The score of each training row by the fit that has not seen it, in the order of `training`."""
    whole = np.empty(int(training.max()) + 1, dtype=np.float64)
    for fold, scores in zip(folds, tried.scores, strict=True):
        whole[fold.judge] = scores
    return whole[training]
