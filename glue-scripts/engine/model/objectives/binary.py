"""Predicts a label of 0 or 1. A score is the probability of 1."""

from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.faults import Fault
from engine.model.bootstrap import percentiles
from engine.model.document_types import BinaryMetrics
from engine.model.objective import Floats, Loss
from engine.model.objectives.binary_metrics import (
    auc,
    best_f1_threshold,
    calibration,
    pr_points,
    ranked_auc,
    roc_points,
    summary,
)
from engine.model.objectives.roc_picture import draw_roc
from engine.model.part import Part
from engine.plan_types import Field, TrainTask
from engine.words import counted

Labels = npt.NDArray[np.int8]

#: With fewer rows of a class, the AUC is chance.
LEAST = 10


class Settled(TypedDict):
    threshold: float


class Binary:
    judged_by = "auc"
    label = "AUC"
    loss: Loss = "log"
    # The best real features reach 0.7 to 0.9. A copy of the label with one wrong or missing value in thirty reaches 0.97.
    suspect = 0.97
    # The order of the groups matters: a group of few rows must not come first.
    prior = 1.0
    columns: tuple[Field, ...] = ({"name": "score", "type": "double"}, {"name": "predicted", "type": "int"})

    def labels(self, rows: pa.Table | Part, task: TrainTask) -> Labels:
        """0 and 1. Also raises MR401 if a class has too few rows for the folds."""
        name = task["label"]
        try:
            values = rows[name].cast(pa.float64()).to_numpy()
        except pa.ArrowException:
            values = np.array([np.nan])
        if not np.isin(values, (0, 1)).all():
            raise Fault(
                "MR401",
                task["features"],
                f"{name} has values other than 0 and 1",
                "make it 1 for what is to be predicted, else 0",
            )
        labels = np.asarray(values, dtype=np.int8)
        # One row for each fold, and one for the hold-out.
        least = rarest(labels)
        if least <= task["folds"]:
            message = (
                f"{name} has {counted(least, 'row')} of one of its two classes, and {task['folds'] + 1} are needed"
            )
            raise Fault("MR401", task["features"], message, "check the SQL that makes the label, or bring more data")
        return labels

    def strata(self, labels: Labels) -> npt.NDArray[np.int8]:
        return labels

    def counts(self, training: Labels, held_out: Labels) -> dict[str, int]:
        return {"train_positive": int(training.sum()), "test_positive": int(held_out.sum())}

    def link(self, margins: Floats) -> Floats:
        return 1.0 / (1.0 + np.exp(-margins))

    def judge(self, labels: Labels, scores: Floats) -> float:
        return auc(labels, scores)

    def judgeable(self, labels: Labels) -> bool:
        return bool(0 < labels.sum() < len(labels))

    def too_few(self, labels: Labels) -> str | None:
        least = rarest(labels)
        return None if least >= LEAST else f"{counted(least, 'row')} of one class, and {LEAST} are needed"

    def settle(self, labels: Labels, scores: Floats) -> Settled:
        return {"threshold": best_f1_threshold(labels, scores)}

    def metrics(self, labels: Labels, scores: Floats, settled: Settled) -> BinaryMetrics:
        return summary(labels, scores, settled["threshold"])

    def drawn(self, labels: Labels, scores: Floats) -> dict[str, Any]:
        return {
            "roc": roc_points(labels, scores),
            "pr": pr_points(labels, scores),
            "calibration": calibration(labels, scores),
        }

    def interval(self, labels: Labels, one: Floats, other: Floats, seed: int) -> tuple[float, float]:
        """Resamples each class separately."""
        positive, negative = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
        ranks = [np.unique(scores, return_inverse=True)[1] for scores in (one, other)]

        def difference(rng: np.random.Generator) -> float:
            up = positive[rng.integers(0, len(positive), len(positive))]
            down = negative[rng.integers(0, len(negative), len(negative))]
            return ranked_auc(ranks[0][up], ranks[0][down]) - ranked_auc(ranks[1][up], ranks[1][down])

        return percentiles(difference, len(labels), seed)

    def same(self, one: Floats, other: Floats) -> bool:
        return bool(np.allclose(one, other, rtol=0, atol=1e-6))

    def alone(self, labels: Labels, values: Floats) -> float:
        ordered = auc(labels, values)
        return max(ordered, 1 - ordered)

    def picture(self, folder: Path, version: str, drawn: Any) -> None:
        title = f"{version}: ROC from scores, AUC {drawn['metrics']['auc']:.4f}"
        draw_roc(folder / "roc_curve.png", drawn["roc"], title)

    def predictions(self, scores: Floats, metrics: Settled) -> dict[str, pa.Array]:
        return {
            "score": pa.array(scores, pa.float64()),
            "predicted": pa.array((scores >= metrics["threshold"]).astype("int32"), pa.int32()),
        }


def rarest(labels: Labels) -> int:
    """Number of rows of the smaller class."""
    return int(np.bincount(labels, minlength=2).min())
