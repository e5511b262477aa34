"""Training in memory: a grid search over folds, a refit of the best point, and one judgement on the hold-out."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.faults import Fault
from engine.model.distribution import distribution
from engine.model.document_types import Feature, Importance, Learned
from engine.model.encoding import Inputs, column_of, encoded_names, learn_features
from engine.model.grid import best_of, folds_of, out_of_fold, searched
from engine.model.leaks import leak_warning, leaks_of
from engine.model.learned import fingerprints, row_hashes
from engine.model.part import Part
from engine.model.records import algorithm_of, objective_of
from engine.model.rivals import Rival, all_compared
from engine.model.slices import slices
from engine.model.split import order_by_key, stratified
from engine.plan_types import TrainTask


@dataclass
class Trained:
    """A candidate as data: `model` and `dossier`, without name, version and provenance."""

    model: dict[str, Any]
    dossier: dict[str, Any]
    warnings: list[str]


def train(table: pa.Table, task: TrainTask, rivals: Sequence[Rival] = (), learned: Learned | None = None) -> Trained:
    """Train a model on the labelled rows of a feature table; ignores rows without a label.

    The result depends on the rows, their keys and the seed, not on the order of the rows. The dossier compares the candidate with
    each of the `rivals` on its hold-out. `learned` are the fingerprints of the rows, if already known.
    Raises MR401 for a label that cannot be learned, MR402 without labelled rows, MR403 for an input, key or label that is missing or
    has a wrong type.
    """
    objective, algorithm, planned = objective_of(task), algorithm_of(task), task["algorithm"]
    for name in task["key"]:
        column_of(table, name)
    label = column_of(table, task["label"])
    # A filter copies the rows, even if it keeps all.
    labelled = table.filter(pc.is_valid(label)) if label.null_count else table
    if labelled.num_rows == 0:
        message = f"no row has a {task['label']}, so there is nothing to learn from"
        raise Fault("MR402", task["features"], message, "check the input")
    order, at = order_by_key(labelled, task["key"], task["seed"])
    rows = Part(labelled, order)
    labels = objective.labels(rows, task)
    part = stratified(objective.strata(labels), at, task["testShare"], task["folds"])
    training, held_out = np.flatnonzero(part >= 0), np.flatnonzero(part < 0)

    train_rows = rows.part(training)
    features, warnings = learn_features(train_rows, task["inputs"])
    if not features:
        raise Fault(
            "MR403", task["features"], "every input is constant, so there is nothing to learn from", "check the SQL"
        )
    folds = folds_of(part, task)
    inputs = Inputs(rows, {spec["name"]: spec["type"] == "string" for spec in task["inputs"]})
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        tried = searched(rows, inputs, labels, folds, task, pool)
    best = best_of(tried, algorithm)
    # Only now: until the search has ended, the folds hold their rows in memory.
    prepared = algorithm.prepared(inputs.encoded(training, features), labels[training], objective.loss)
    fit = algorithm.fitted(prepared, best.point, planned, objective.loss, task["seed"])
    del prepared
    scores = algorithm.predicted(fit, inputs.encoded(held_out, features), best.point)
    del inputs
    test_rows, truth = rows.part(held_out).table(), labels[held_out]
    leaks = leaks_of(objective, train_rows, labels[training], test_rows, truth, features)
    warnings += [leak_warning(objective, leak) for leak in leaks]
    settled = objective.settle(labels[training], out_of_fold(folds, best, training))
    shared = {
        "objective": task["objective"],
        "algorithm": planned["name"],
        "metrics": objective.metrics(truth, scores, settled),
        "importance": importance(algorithm.gains(fit), features),
        "grid": [each.described(objective.judged_by) for each in tried],
        "rows": {"train": len(training), "test": len(held_out), **objective.counts(labels[training], truth)},
    }
    model = {
        "label": task["label"],
        "key": list(task["key"]),
        "features": features,
        "encoded": encoded_names(features),
        "chosen": {**best.point, **algorithm.settings(planned)},
        "seed": task["seed"],
        "folds": task["folds"],
        "test_share": task["testShare"],
        **algorithm.saved(fit, objective.loss),
        **shared,
    }
    dossier = {
        "slices": slices(objective, test_rows, truth, scores, features, task.get("gate", {}).get("slices", [])),
        "distribution": distribution(train_rows, task["inputs"], scores),
        "learned": learned or fingerprints(row_hashes(labelled, task), task),
        "leaks": leaks,
        "comparisons": all_compared(rivals, test_rows, at[held_out], truth, scores, task),
        **objective.drawn(truth, scores),
        **shared,
    }
    return Trained(model, dossier, warnings)


def importance(gains: Mapping[int, float], features: Sequence[Feature]) -> list[Importance]:
    """Share of the gain by input column, summed over the categories of a column. `gains` are by encoded column."""
    owners = [feature["name"] for feature in features for _ in encoded_names([feature])]
    summed = dict.fromkeys((feature["name"] for feature in features), 0.0)
    for column, gain in gains.items():
        summed[owners[column]] += gain
    total = sum(summed.values()) or 1.0
    ranked = sorted(summed.items(), key=lambda entry: (-entry[1], entry[0]))
    return [{"feature": name, "share": min(1.0, gain / total)} for name, gain in ranked]
