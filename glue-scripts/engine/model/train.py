"""Training in memory: a grid over stratified folds, the best refitted, judged once on rows that nothing was learned from."""

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.faults import Fault
from engine.model.encoding import encode, encoded_names, learn_features
from engine.model.metrics import auc, best_f1_threshold, calibration, pr_points, roc_points, summary
from engine.model.split import ordered_by_key, stratified
from engine.model.trees import base_margin_of, trees_of

#: A slice of fewer rows has an AUC by chance.
MIN_SLICE_ROWS = 50
MAX_SLICES = 8


@dataclass
class Trained:
    """A candidate, all of it data: `model` and `dossier` lack only name, version and provenance."""

    model: dict[str, Any]
    dossier: dict[str, Any]
    warnings: list[str]


def train(table: pa.Table, task: Mapping[str, Any]) -> Trained:
    """Learn from the labelled rows of a feature table what a `train` task of the plan asks for.

    The outcome depends on the rows, their keys and the seed; not on the order of the rows.
    Raises MR401 for a label of one class, MR402 for no rows, MR403 for a missing input.
    """
    import xgboost as xgb

    rows = ordered_by_key(table, task["key"], task["seed"])
    labels = label_of(rows, task)
    part = stratified(labels, task["testShare"], task["folds"])
    training, held_out = np.flatnonzero(part >= 0), np.flatnonzero(part < 0)

    folds = [fold(rows, labels, part, i, task) for i in range(task["folds"])]
    grid = searched(folds, task)
    best = max(grid, key=lambda point: point["auc"])

    train_rows = rows.take(pa.array(training))
    features, warnings = learn_features(train_rows, task["inputs"])
    if not features:
        raise Fault(
            "MR403", task["features"], "every input is constant, so there is nothing to learn from", "check the SQL"
        )
    matrix = xgb.QuantileDMatrix(encode(train_rows, features), labels[training], nthread=1)
    booster = xgb.train(parameters(best["max_depth"], task), matrix, num_boost_round=best["rounds"])
    test_rows = rows.take(pa.array(held_out))
    scores = booster.inplace_predict(encode(test_rows, features)).astype(np.float64)
    threshold = best_f1_threshold(labels[training], out_of_fold(folds, best, training))
    raw = json.loads(bytes(booster.save_raw("json")))
    metrics = summary(labels[held_out], scores, threshold)
    points = [{key: point[key] for key in ("max_depth", "rounds", "auc", "auc_by_fold")} for point in grid]
    shared = {
        "metrics": metrics,
        "importance": importance(booster, features),
        "grid": points,
        "rows": {
            "train": len(training),
            "test": len(held_out),
            "train_positive": int(labels[training].sum()),
            "test_positive": int(labels[held_out].sum()),
        },
    }
    model = {
        "algorithm": task["algorithm"],
        "label": task["label"],
        "key": list(task["key"]),
        "features": features,
        "encoded": encoded_names(features),
        "base_margin": base_margin_of(raw),
        "trees": trees_of(raw),
        "chosen": {"max_depth": best["max_depth"], "rounds": best["rounds"], "learning_rate": task["learningRate"]},
        "seed": task["seed"],
        "folds": task["folds"],
        "test_share": task["testShare"],
        **shared,
    }
    dossier = {
        "roc": roc_points(labels[held_out], scores),
        "pr": pr_points(labels[held_out], scores),
        "calibration": calibration(labels[held_out], scores),
        "slices": slices(test_rows, labels[held_out], scores, features),
        **shared,
    }
    return Trained(model, dossier, warnings)


def label_of(rows: pa.Table, task: Mapping[str, Any]) -> npt.NDArray[np.int8]:
    """0 and 1. Raises MR402 for no rows, MR401 where a class has fewer rows than there are folds."""
    name = task["label"]
    if rows.num_rows == 0:
        raise Fault(
            "MR402", task["features"], f"no row has a {name}, so there is nothing to learn from", "check the input"
        )
    values = rows[name].cast(pa.float64()).to_numpy()
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
        message = f"{name} has {least} rows of one of its two classes, and {task['folds'] + 1} are needed"
        raise Fault("MR401", task["features"], message, "check the SQL that makes the label, or bring more data")
    return labels


def fold(
    rows: pa.Table, labels: npt.NDArray[np.int8], part: npt.NDArray[np.int8], i: int, task: Mapping[str, Any]
) -> dict[str, Any]:
    """One fold's matrices, encoded by what its own training part shows."""
    learn = np.flatnonzero((part >= 0) & (part != i))
    judge = np.flatnonzero(part == i)
    learn_rows = rows.take(pa.array(learn))
    features, _ = learn_features(learn_rows, task["inputs"])
    return {
        "matrix": encode(learn_rows, features),
        "targets": labels[learn],
        "judge": judge,
        "inputs": encode(rows.take(pa.array(judge)), features),
        "labels": labels[judge],
    }


def searched(folds: list[dict[str, Any]], task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The grid's points, each with its AUC by fold and its out-of-fold scores.

    Fits run side by side with one thread each: threads of one fit would wait for each other at every level of every tree,
    which a busy machine makes slow, and their number would show in the last bits of the model.
    """
    depths, rounds = sorted(task["grid"]["maxDepth"]), sorted(task["grid"]["rounds"])
    jobs = [(depth, each) for depth in reversed(depths) for each in folds]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        scores = list(pool.map(lambda job: scored(job[1], job[0], rounds, task), jobs))
    points = []
    for depth in depths:
        own = [by_rounds for (of, _), by_rounds in zip(jobs, scores, strict=True) if of == depth]
        for n in rounds:
            by_fold = [by_rounds[n] for by_rounds in own]
            aucs = [auc(each["labels"], fold_scores) for each, fold_scores in zip(folds, by_fold, strict=True)]
            points.append(
                {"max_depth": depth, "rounds": n, "auc": float(np.mean(aucs)), "auc_by_fold": aucs, "scores": by_fold}
            )
    return points


def scored(
    each: dict[str, Any], depth: int, rounds: list[int], task: Mapping[str, Any]
) -> dict[int, npt.NDArray[np.float64]]:
    """Scores of one fold by number of rounds. Boosting adds trees and never changes them: the longest fit holds the shorter."""
    import xgboost as xgb

    matrix = xgb.QuantileDMatrix(each["matrix"], each["targets"], nthread=1)
    booster = xgb.train(parameters(depth, task), matrix, num_boost_round=rounds[-1])
    return {n: booster.inplace_predict(each["inputs"], iteration_range=(0, n)).astype(np.float64) for n in rounds}


def out_of_fold(
    folds: list[dict[str, Any]], point: dict[str, Any], training: npt.NDArray[np.intp]
) -> npt.NDArray[np.float64]:
    """Each training row's score by the fit that had not seen it, in the order of `training`."""
    whole = np.empty(int(training.max()) + 1, dtype=np.float64)
    for each, scores in zip(folds, point["scores"], strict=True):
        whole[each["judge"]] = scores
    return whole[training]


def parameters(depth: int, task: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "objective": "binary:logistic",
        "max_depth": depth,
        "eta": task["learningRate"],
        "tree_method": "hist",
        "seed": task["seed"],
        "nthread": 1,
        "verbosity": 0,
    }


def importance(booster: Any, features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Share of the gain by input column; those of a column's categories are summed."""
    owners = [feature["name"] for feature in features for _ in encoded_names([feature])]
    gains = dict.fromkeys((feature["name"] for feature in features), 0.0)
    for column, gain in booster.get_score(importance_type="total_gain").items():
        gains[owners[int(column[1:])]] += float(gain)
    total = sum(gains.values()) or 1.0
    ranked = sorted(gains.items(), key=lambda entry: (-entry[1], entry[0]))
    return [{"feature": name, "share": min(1.0, gain / total)} for name, gain in ranked]


def slices(
    rows: pa.Table, labels: npt.NDArray[np.int8], scores: npt.NDArray[np.float64], features: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Hold-out AUC by the most frequent values of each categorical input, where there are rows enough to say anything."""
    found = []
    for feature in features:
        if feature["kind"] != "categorical":
            continue
        values = np.asarray(rows[feature["name"]].to_pylist(), dtype=object)
        sized = sorted(((int((values == c).sum()), c) for c in feature["categories"]), key=lambda e: (-e[0], e[1]))
        for count, category in sized[:MAX_SLICES]:
            chosen = values == category
            if count >= MIN_SLICE_ROWS and 0 < labels[chosen].sum() < count:
                entry = {"feature": feature["name"], "value": category, "rows": count}
                found.append({**entry, "auc": auc(labels[chosen], scores[chosen])})
    return found
