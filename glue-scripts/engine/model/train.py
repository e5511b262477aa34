"""Training in memory: a grid over stratified folds, the best refitted, judged once on rows that nothing was learned from."""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.faults import Fault
from engine.model.distribution import distribution
from engine.model.document_types import Feature, Importance, Leak, Learned, Slice
from engine.model.encoding import column_of, encode, encoded_names, learn_features
from engine.model.grid import best_of, fitted, folds_of, matrix_of, out_of_fold, predicted, searched
from engine.model.leaks import leaks_of
from engine.model.learned import fingerprints, row_hashes
from engine.model.metrics import auc, best_f1_threshold, calibration, pr_points, roc_points, summary
from engine.model.rivals import Rival, all_compared
from engine.model.split import ordered_by_key, stratified
from engine.model.trees import base_margin_of, trees_of
from engine.plan_types import SliceFloor, TrainTask
from engine.words import counted

#: A slice of fewer rows has an AUC by chance.
MIN_SLICE_ROWS = 50
MAX_SLICES = 8


@dataclass
class Trained:
    """A candidate, all of it data: `model` and `dossier` lack only name, version and provenance."""

    model: dict[str, Any]
    dossier: dict[str, Any]
    warnings: list[str]


def train(table: pa.Table, task: TrainTask, rivals: Sequence[Rival] = (), learned: Learned | None = None) -> Trained:
    """Learn from the labelled rows of a feature table what a `train` task of the plan asks for; rows without a label are ignored.

    The outcome depends on the rows, their keys and the seed; not on the order of the rows. The dossier says how the candidate
    does beside each of the `rivals` on its own hold-out. `learned` has the fingerprints of the rows, where they are known already.
    Raises MR401 for a label of one class, MR402 for no labelled rows, MR403 for an input, key or label that is missing or of
    another type than it should be.
    """
    for name in task["key"]:
        column_of(table, name)
    labelled = table.filter(pc.is_valid(column_of(table, task["label"])))
    rows, at = ordered_by_key(labelled, task["key"], task["seed"])
    labels = label_of(rows, task)
    part = stratified(labels, at, task["testShare"], task["folds"])
    training, held_out = np.flatnonzero(part >= 0), np.flatnonzero(part < 0)

    train_rows = rows.take(pa.array(training))
    features, warnings = learn_features(train_rows, task["inputs"])
    if not features:
        raise Fault(
            "MR403", task["features"], "every input is constant, so there is nothing to learn from", "check the SQL"
        )
    folds = folds_of(part, task["folds"])
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        # The refit's matrix hangs on no outcome of the search, so it is made among the search's fits.
        whole = pool.submit(lambda: matrix_of(encode(train_rows, features), labels[training]))
        points = searched(rows, labels, folds, task, pool)
    best = best_of(points)
    booster = fitted(whole.result(), best.max_depth, best.rounds, task)
    test_rows = rows.take(pa.array(held_out))
    scores = predicted(booster, encode(test_rows, features), best.rounds)
    leaks = leaks_of(train_rows, labels[training], test_rows, labels[held_out], features)
    warnings += [leak_warning(leak) for leak in leaks]
    threshold = best_f1_threshold(labels[training], out_of_fold(folds, best, training))
    raw = json.loads(bytes(booster.save_raw("json")))
    shared = {
        "objective": task["objective"],
        "metrics": summary(labels[held_out], scores, threshold),
        "importance": importance(booster, features),
        "grid": [point.described() for point in points],
        "rows": {
            "train": len(training),
            "test": len(held_out),
            "train_positive": int(labels[training].sum()),
            "test_positive": int(labels[held_out].sum()),
        },
    }
    model = {
        "algorithm": task["algorithm"]["name"],
        "label": task["label"],
        "key": list(task["key"]),
        "features": features,
        "encoded": encoded_names(features),
        "base_margin": base_margin_of(raw),
        "trees": trees_of(raw),
        "chosen": {
            "max_depth": best.max_depth,
            "rounds": best.rounds,
            "learning_rate": task["algorithm"]["learningRate"],
        },
        "seed": task["seed"],
        "folds": task["folds"],
        "test_share": task["testShare"],
        **shared,
    }
    dossier = {
        "roc": roc_points(labels[held_out], scores),
        "pr": pr_points(labels[held_out], scores),
        "calibration": calibration(labels[held_out], scores),
        "slices": slices(test_rows, labels[held_out], scores, features, task.get("gate", {}).get("slices", [])),
        "distribution": distribution(train_rows, task["inputs"], scores),
        "learned": learned or fingerprints(row_hashes(rows, task), task),
        "leaks": leaks,
        "comparisons": all_compared(rivals, test_rows, at[held_out], labels[held_out], scores, task),
        **shared,
    }
    return Trained(model, dossier, warnings)


def label_of(rows: pa.Table, task: TrainTask) -> npt.NDArray[np.int8]:
    """0 and 1. Raises MR402 for no rows, MR401 for other values, or where a class has fewer rows than there are folds."""
    name = task["label"]
    if rows.num_rows == 0:
        raise Fault(
            "MR402", task["features"], f"no row has a {name}, so there is nothing to learn from", "check the input"
        )
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
    # One more than the folds: one for the hold-out as well.
    least = int(np.bincount(labels, minlength=2).min())
    if least <= task["folds"]:
        message = f"{name} has {counted(least, 'row')} of one of its two classes, and {task['folds'] + 1} are needed"
        raise Fault("MR401", task["features"], message, "check the SQL that makes the label, or bring more data")
    return labels


def importance(booster: Any, features: list[Feature]) -> list[Importance]:
    """Share of the gain by input column; those of a column's categories are summed."""
    owners = [feature["name"] for feature in features for _ in encoded_names([feature])]
    gains = dict.fromkeys((feature["name"] for feature in features), 0.0)
    for column, gain in booster.get_score(importance_type="total_gain").items():
        gains[owners[int(column[1:])]] += float(gain)
    total = sum(gains.values()) or 1.0
    ranked = sorted(gains.items(), key=lambda entry: (-entry[1], entry[0]))
    return [{"feature": name, "share": min(1.0, gain / total)} for name, gain in ranked]


def leak_warning(leak: Leak) -> str:
    """What a person should know of a feature that explains the label alone."""
    return (
        f"MR410 {leak['feature']} alone explains the label (AUC {leak['auc']:.4f}): see that it is known before the label is, "
        "or leave it out of the model's inputs"
    )


def slices(
    rows: pa.Table,
    labels: npt.NDArray[np.int8],
    scores: npt.NDArray[np.float64],
    features: list[Feature],
    floors: Sequence[SliceFloor],
) -> list[Slice]:
    """Hold-out AUC by the most frequent values of each categorical input, where there are rows enough to say anything.

    A column that the gate has a floor for, input or not, is there with each of its values that has as many rows as the floor asks.
    """
    asked = {floor["column"]: floor["minRows"] for floor in floors}
    found: list[Slice] = []
    for feature in features:
        if feature["kind"] == "categorical" and feature["name"] not in asked:
            sized = sizes(rows, feature["name"], feature["categories"])[:MAX_SLICES]
            found += sliced(rows, labels, scores, feature["name"], [value for value, n in sized if n >= MIN_SLICE_ROWS])
    for column, least in asked.items():
        values = [value for value, n in sizes(rows, column, None) if n >= least]
        found += sliced(rows, labels, scores, column, values)
    return found


def sizes(rows: pa.Table, column: str, among: Sequence[str] | None) -> list[tuple[str, int]]:
    """Values as texts with their rows, the most frequent first."""
    counts = pc.value_counts(as_texts(rows, column).drop_null()).to_pylist()
    known = [(entry["values"], entry["counts"]) for entry in counts if among is None or entry["values"] in among]
    return sorted(known, key=lambda entry: (-entry[1], entry[0]))


def sliced(
    rows: pa.Table,
    labels: npt.NDArray[np.int8],
    scores: npt.NDArray[np.float64],
    column: str,
    values: Sequence[str],
) -> list[Slice]:
    """An entry for each value whose rows are of both classes."""
    own = np.asarray(as_texts(rows, column).to_pylist(), dtype=object)
    found: list[Slice] = []
    for value in values:
        chosen = own == value
        count = int(chosen.sum())
        if 0 < labels[chosen].sum() < count:
            of_slice = auc(labels[chosen], scores[chosen])
            found.append({"feature": column, "value": value, "rows": count, "auc": of_slice})
    return found


def as_texts(rows: pa.Table, column: str) -> pa.ChunkedArray:
    return column_of(rows, column).cast(pa.string())
