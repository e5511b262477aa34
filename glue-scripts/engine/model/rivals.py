"""A candidate beside versions that are live or were: scored on the same rows, which neither of the two learned from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.faults import Fault
from engine.model.document_types import Compared, Comparison, Dossier, Model
from engine.model.metrics import auc, summary
from engine.model.score import score
from engine.model.split import Places, places
from engine.plan_types import TrainTask
from engine.words import counted

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]

#: With fewer rows of a class in the hold-out, an interval says nothing.
LEAST = 10

#: Scores that differ by no more than this are the same: no two models differ by so little on every row.
SAME = 1e-6

#: How often the hold-out is drawn again: enough for an interval of 95 %, and never more than some seconds of work.
DRAWS, LEAST_DRAWS, DRAWN_ROWS = 1000, 200, 20_000_000


@dataclass(frozen=True)
class Rival:
    """Another version, as its files have it; `model` is None where they cannot be read."""

    version: int
    model: Model | None
    dossier: Dossier | None = None


def compared(rival: Rival, rows: pa.Table, at: Places, labels: Labels, scores: Floats, task: TrainTask) -> Comparison:
    """An entry of `comparisons` in `contracts/dossier.schema.json`; one with `why_not` where the two cannot be compared.

    `rows`, their places, labels and the candidate's scores are those of the candidate's hold-out.
    """
    if rival.model is None:
        return {"against": rival.version, "why_not": "its files are missing or damaged"}
    if rival.dossier is None or "learned" not in rival.dossier:
        return {"against": rival.version, "why_not": "it was learned by an older engine, which held out other rows"}
    fair = unseen(rival.model, rows, at, task)
    least = int(np.bincount(labels[fair], minlength=2).min()) if fair.any() else 0
    if least < LEAST:
        message = f"both held out only {counted(least, 'row')} of one class, and {LEAST} are needed"
        return {"against": rival.version, "why_not": message}
    try:
        its = score(rival.model, rows.filter(pa.array(fair)))
    except Fault as fault:
        return {"against": rival.version, "why_not": f"it cannot score these features: {fault.message}"}
    truth, own = labels[fair], scores[fair]
    low, high = interval(truth, own, its, task["seed"])
    own_auc, its_auc = auc(truth, own), auc(truth, its)
    found: Compared = {
        "against": rival.version,
        "rows": len(truth),
        "auc": own_auc,
        "difference": own_auc - its_auc,
        "interval": [low, high],
        "metrics": summary(truth, its, rival.model["metrics"]["threshold"]),
    }
    # The library scores the candidate with single precision, we score the other by its file with double.
    if np.allclose(own, its, rtol=0, atol=SAME):
        found["same_scores"] = True
    return found


def unseen(model: Model, rows: pa.Table, at: Places, task: TrainTask) -> npt.NDArray[np.bool_]:
    """Rows of the hold-out that the other version held out as well.

    A row that a version learned from would flatter it. With the same key and seed a row has the same place in both.
    """
    if list(model["key"]) != list(task["key"]):
        return np.zeros(rows.num_rows, dtype=bool)
    its = at if model["seed"] == task["seed"] else places(rows, model["key"], model["seed"])
    return np.asarray((its < model["test_share"]) & (at < task["testShare"]))


def interval(labels: Labels, one: Floats, other: Floats, seed: int) -> tuple[float, float]:
    """95 % interval of auc(one) - auc(other) by a paired bootstrap, each class drawn by itself. The same numbers each time."""
    rng = np.random.default_rng(seed)
    draws = max(LEAST_DRAWS, min(DRAWS, DRAWN_ROWS // len(labels)))
    positive, negative = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    ranks = [np.unique(scores, return_inverse=True)[1] for scores in (one, other)]
    found = np.empty(draws)
    for i in range(draws):
        up = positive[rng.integers(0, len(positive), len(positive))]
        down = negative[rng.integers(0, len(negative), len(negative))]
        found[i] = ranked_auc(ranks[0][up], ranks[0][down]) - ranked_auc(ranks[1][up], ranks[1][down])
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def ranked_auc(up: npt.NDArray[np.intp], down: npt.NDArray[np.intp]) -> float:
    """The share of pairs in which the positive row has the greater rank; equal ranks count half."""
    size = int(max(up.max(), down.max())) + 1
    below = np.bincount(down, minlength=size)
    return float((np.cumsum(below) - below / 2)[up].sum() / (len(up) * len(down)))


def all_compared(
    rivals: Sequence[Rival], rows: pa.Table, at: Places, labels: Labels, scores: Floats, task: TrainTask
) -> list[Comparison]:
    return [compared(rival, rows, at, labels, scores, task) for rival in rivals]
