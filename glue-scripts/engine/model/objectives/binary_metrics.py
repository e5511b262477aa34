"""Metrics of a binary classifier, from labels (0 and 1) and scores (probabilities of 1)."""

import numpy as np
import numpy.typing as npt

from engine.model.document_types import BinaryCalibrationBin, BinaryConfusion, BinaryMetrics

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]

#: The maximum number of points of a curve.
MAX_POINTS = 500


def cumulative(labels: Labels, scores: Floats) -> tuple[Floats, Floats, Floats]:
    """True positives, false positives and the score, at each distinct score in descending order."""
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], labels[order].astype(np.float64)
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    positives = np.cumsum(hits)[last]
    return positives, last + 1 - positives, ranked[last]


def auc(labels: Labels, scores: Floats) -> float:
    """Area under the ROC curve; rows of equal score count half."""
    tp, fp, _ = cumulative(labels, scores)
    tpr, fpr = np.append(0.0, tp / tp[-1]), np.append(0.0, fp / fp[-1])
    # By rounding, the sum of a thousand steps may exceed 1.
    return min(1.0, float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2)))


def ranked_auc(up: npt.NDArray[np.intp], down: npt.NDArray[np.intp]) -> float:
    """The share of pairs in which the positive row has the greater rank; equal ranks count half."""
    size = int(max(up.max(), down.max())) + 1
    below = np.bincount(down, minlength=size)
    return float((np.cumsum(below) - below / 2)[up].sum() / (len(up) * len(down)))


def average_precision(labels: Labels, scores: Floats) -> float:
    """Sum of precision times step in recall, without interpolation, as scikit-learn defines it."""
    tp, fp, _ = cumulative(labels, scores)
    return min(1.0, float(np.sum(np.diff(np.append(0.0, tp / tp[-1])) * tp / (tp + fp))))


def best_f1_threshold(labels: Labels, scores: Floats) -> float:
    """The threshold with the greatest F1; of equal ones the greatest threshold."""
    tp, fp, at = cumulative(labels, scores)
    f1 = 2 * tp / (tp + fp + tp[-1])
    return float(at[int(np.argmax(f1))])


def confusion(labels: Labels, scores: Floats, threshold: float) -> BinaryConfusion:
    predicted = scores >= threshold
    actual = labels == 1
    return {
        "tp": int(np.sum(predicted & actual)),
        "fp": int(np.sum(predicted & ~actual)),
        "tn": int(np.sum(~predicted & ~actual)),
        "fn": int(np.sum(~predicted & actual)),
    }


def summary(labels: Labels, scores: Floats, threshold: float) -> BinaryMetrics:
    """The `metrics` of `contracts/model.schema.json`."""
    table = confusion(labels, scores, threshold)
    clipped = np.clip(scores, 1e-15, 1 - 1e-15)
    log_loss = -np.mean(np.where(labels == 1, np.log(clipped), np.log(1 - clipped)))
    return {
        "auc": auc(labels, scores),
        "pr_auc": average_precision(labels, scores),
        "accuracy": (table["tp"] + table["tn"]) / len(labels),
        "log_loss": float(log_loss),
        "brier": float(np.mean((scores - labels) ** 2)),
        "threshold": threshold,
        "confusion": table,
    }


def roc_points(labels: Labels, scores: Floats) -> list[list[float]]:
    tp, fp, _ = cumulative(labels, scores)
    return thinned(np.append(0.0, fp / fp[-1]), np.append(0.0, tp / tp[-1]))


def pr_points(labels: Labels, scores: Floats) -> list[list[float]]:
    tp, fp, _ = cumulative(labels, scores)
    precision = tp / (tp + fp)
    return thinned(np.append(0.0, tp / tp[-1]), np.append(precision[0], precision))


def thinned(x: Floats, y: Floats) -> list[list[float]]:
    """At most MAX_POINTS of a curve, both ends among them, evenly spaced along its length."""
    if len(x) > MAX_POINTS:
        length = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
        wanted = np.linspace(0.0, length[-1], MAX_POINTS)
        keep = np.unique(np.append(np.searchsorted(length, wanted), [0, len(x) - 1]).clip(0, len(x) - 1))
        if len(keep) > MAX_POINTS:
            keep = np.append(keep[: MAX_POINTS - 1], len(x) - 1)
        x, y = x[keep], y[keep]
    return [[round(float(a), 6), round(float(b), 6)] for a, b in zip(x, y, strict=True)]


def calibration(labels: Labels, scores: Floats, bins: int = 10) -> list[BinaryCalibrationBin]:
    """Bins with equal numbers of rows, by score: mean score and share of positives."""
    order = np.argsort(scores, kind="stable")
    return [
        {
            "mean_score": float(np.mean(scores[part])),
            "share_positive": float(np.mean(labels[part])),
            "rows": len(part),
        }
        for part in np.array_split(order, bins)
        if len(part)
    ]
