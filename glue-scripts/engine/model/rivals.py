"""Compares a candidate with versions that are or were live, on the same rows, which neither of the two learned from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.faults import Fault
from engine.model.document_types import Compared, Dossier, Model, NotCompared
from engine.model.objective import Floats, Labels
from engine.model.records import objective_of
from engine.model.score import score
from engine.model.split import Places, places
from engine.plan_types import TrainTask


@dataclass(frozen=True)
class Rival:
    """Another version; `model` is None if its files cannot be read."""

    version: int
    model: Model | None
    dossier: Dossier | None = None


def compared(
    rival: Rival, rows: pa.Table, at: Places, labels: Labels, scores: Floats, task: TrainTask
) -> Compared | NotCompared:
    """An entry of `comparisons` in `contracts/dossier.schema.json`, with `why_not` if the two cannot be compared.

    `rows`, their places, their labels and the candidate's scores are those of its hold-out.
    """
    if rival.model is None:
        return {"against": rival.version, "why_not": "its files are missing or damaged"}
    if rival.dossier is None or "learned" not in rival.dossier:
        return {"against": rival.version, "why_not": "it was learned by an older engine, which held out other rows"}
    objective = objective_of(task)
    if objective_of(rival.model) is not objective:
        return {"against": rival.version, "why_not": "it predicts another kind of label"}
    if rival.model["label"] != task["label"]:
        return {"against": rival.version, "why_not": f"it predicts another column, {rival.model['label']}"}
    fair = unseen(rival.model, rows, at, task)
    few = objective.too_few(labels[fair])
    if few is not None:
        return {"against": rival.version, "why_not": f"both held out only {few}"}
    try:
        its = score(rival.model, rows.filter(pa.array(fair)))
    except Fault as fault:
        return {"against": rival.version, "why_not": f"it cannot score these features: {fault.message}"}
    truth, these = labels[fair], scores[fair]
    low, high = objective.interval(truth, these, its, task["seed"])
    this_figure, its_figure = objective.judge(truth, these), objective.judge(truth, its)
    found = {
        "against": rival.version,
        "rows": len(truth),
        objective.judged_by: this_figure,
        "difference": this_figure - its_figure,
        "interval": [low, high],
        "metrics": objective.metrics(truth, its, rival.model["metrics"]),
    }
    # The library scored the candidate in float32; the other version is scored from its file in float64.
    if objective.same(these, its):
        found["same_scores"] = True
    return cast(Compared, found)


def unseen(model: Model, rows: pa.Table, at: Places, task: TrainTask) -> npt.NDArray[np.bool_]:
    """Rows of the hold-out that the other version held out too.

    A version looks too good on rows that it learned from. With the same key and seed, a row has the same place in both.
    """
    if list(model["key"]) != list(task["key"]):
        return np.zeros(rows.num_rows, dtype=bool)
    its = at if model["seed"] == task["seed"] else places(rows, model["key"], model["seed"])
    return np.asarray((its < model["test_share"]) & (at < task["testShare"]))


def all_compared(
    rivals: Sequence[Rival], rows: pa.Table, at: Places, labels: Labels, scores: Floats, task: TrainTask
) -> list[Compared | NotCompared]:
    return [compared(rival, rows, at, labels, scores, task) for rival in rivals]
