"""Regenerates the model files in contracts/golden/: model.json, vectors.json (rows with XGBoost's own score), the same of a
forest that predicts numbers, drift.json (the distributions of two populations, and the distance between their rows) and missing.json
(rows with a missing value).

Run from glue-scripts: `python -m tests.make_golden`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.model.algorithm import Algorithm
from engine.model.artefact import canonical, libraries
from engine.model.distribution import distribution
from engine.model.encoding import encode, learn_features
from engine.model.records import algorithm_of, objective_of
from engine.model.score import score
from engine.model.split import ordered_by_key, stratified
from engine.model.train import Trained, train
from tests.learning_data import FOREST, INPUTS, labelled, priced, task

GOLDEN = Path(__file__).parent.parent.parent / "contracts" / "golden"
EXTREMES = [0.0, -0.0, 1e-310, -1e-310, 3.4028234663852886e38, 1e308, -1e308, 1e-45, 80.0, 79.99999999, 16777217.0]


def vectors(rows: int = 1300) -> pa.Table:
    """Rows that no model has seen: with missing values, unseen categories, and numbers at the limits of floats."""
    rng = np.random.default_rng(11)
    table = labelled(rows, seed=12).drop_columns(["label"])
    charge = [
        None if rng.random() < 0.1 else float(rng.choice(EXTREMES)) if rng.random() < 0.2 else value
        for value in table["charge"].to_pylist()
    ]
    plan = [
        None
        if rng.random() < 0.1
        else str(rng.choice(["", "gold", "Basic", "basic "]))
        if rng.random() < 0.1
        else value
        for value in table["plan"].to_pylist()
    ]
    tenure = [
        None if rng.random() < 0.1 else int(rng.choice([-(2**31), 2**31 - 1, value]))
        for value in table["tenure"].to_pylist()
    ]
    columns = {
        "charge": pa.array(charge, pa.float64()),
        "plan": pa.array(plan, pa.string()),
        "tenure": pa.array(tenure, pa.int32()),
    }
    for name, column in columns.items():
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def moved(rows: int) -> pa.Table:
    """The same population later: higher charges, a new plan, more missing values, and the rest unchanged."""
    rng = np.random.default_rng(5)
    table = labelled(rows, seed=21)
    charge = pc.multiply(table["charge"], 1.3)
    plan = ["student" if rng.random() < 0.2 else value for value in table["plan"].to_pylist()]
    tenure = [None if rng.random() < 0.1 else value for value in table["tenure"].to_pylist()]
    for name, column in {"charge": charge, "plan": pa.array(plan), "tenure": pa.array(tenure, pa.int32())}.items():
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def stability_index(before: pa.ChunkedArray, now: pa.ChunkedArray) -> float:
    """The population stability index by the textbook: deciles of the old values (each value if there are few), and missing values."""
    old, new = before.to_pandas(), now.to_pandas()
    if old.nunique() <= 20:
        values = sorted({*old.dropna(), *new.dropna()})
        counts = [((old == value).sum(), (new == value).sum()) for value in values]
    else:
        old_numbers, new_numbers = (as_numbers(side) for side in (before, now))
        edges = [-np.inf, *np.quantile(old_numbers, np.linspace(0.1, 0.9, 9)), np.inf]
        counts = list(zip(*(np.histogram(side, edges)[0] for side in (old_numbers, new_numbers)), strict=True))
    counts.append((old.isna().sum(), new.isna().sum()))
    shares = np.maximum(np.array(counts) / [len(old), len(new)], 1e-4)
    return float(np.sum((shares[:, 1] - shares[:, 0]) * np.log(shares[:, 1] / shares[:, 0])))


def as_numbers(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    kind = (
        pa.int32()
        if pa.types.is_date(column.type)
        else pa.int64()
        if pa.types.is_timestamp(column.type)
        else column.type
    )
    return column.drop_null().cast(kind).to_numpy().astype(np.float64)


def drift() -> str:
    before, now = labelled(5000, seed=20), moved(4000)
    scores = [np.random.default_rng(6).beta(2, b, 2000) for b in (5, 3)]
    document = {
        "before": distribution(before, INPUTS, scores[0]),
        "now": distribution(now, INPUTS, scores[1]),
        "features": {spec["name"]: stability_index(before[spec["name"]], now[spec["name"]]) for spec in INPUTS},
        "scores": stability_index(*(pa.chunked_array([values]) for values in scores)),
    }
    return canonical(document) + "\n"


def missing(model: Mapping[str, Any]) -> str:
    """Rows with one value that is missing or that JSON cannot hold, and their scores from the engine."""
    row = {
        "tenure": 12,
        "charge": 80.5,
        "plan": "basic",
        "paperless": True,
        "joined": "2020-05-06",
        "seen": "2021-03-04T05:06:07",
    }
    odd: dict[str, dict[str, Any]] = {
        "all there": {},
        "null": {"charge": None},
        "NaN": {"charge": {"float": "NaN"}},
        "infinity": {"charge": {"float": "Infinity"}},
        "the greatest number": {"charge": 1e308},
        "negative infinity": {"charge": {"float": "-Infinity"}},
        "no category": {"plan": None},
        "an unknown category": {"plan": "gold"},
        "the empty category": {"plan": ""},
        "no boolean": {"paperless": None},
        "no date": {"joined": None},
        "no time": {"seen": None},
        "no integer": {"tenure": None},
        "nothing": dict.fromkeys(row),
    }
    rows = [{**row, **change} for change in odd.values()]
    found = score(
        model, pa.table({spec["name"]: odd_column([r[spec["name"]] for r in rows], spec["type"]) for spec in INPUTS})
    )
    entries = [{"name": name, "row": r, "score": float(s)} for name, r, s in zip(odd, rows, found, strict=True)]
    return "[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n"


def odd_column(values: list[Any], kind: str) -> pa.Array:
    plain = [float(value["float"]) if isinstance(value, dict) else value for value in values]
    if kind in ("date", "timestamp"):
        return (
            pa.array(plain, pa.string())
            .cast(pa.date32() if kind == "date" else pa.timestamp("us"))
            .cast(pa.date32() if kind == "date" else pa.timestamp("us", "UTC"))
        )
    types = {"int": pa.int32(), "double": pa.float64(), "string": pa.string(), "boolean": pa.bool_()}
    return pa.array(plain, types[kind], from_pandas=False)


def as_saved(trained: Trained, learned_by: Algorithm) -> dict[str, Any]:
    return {
        "format": "millrace-model",
        "version": 1,
        "pipeline": "golden",
        "name": "golden",
        "model_version": 1,
        "data": [{"table": "features", "version": 0}],
        "libraries": libraries(learned_by),
        **trained.model,
    }


def scored(table: pa.Table, spec: dict[str, Any], point: dict[str, int], fresh: pa.Table) -> str:
    """The rows with the scores of XGBoost's own object: both scorers must match its predictions."""
    objective, algorithm = objective_of(spec), algorithm_of(spec)
    rows, at = ordered_by_key(table, spec["key"], spec["seed"])
    labels = objective.labels(rows, spec)
    part = stratified(objective.strata(labels), at, spec["testShare"], spec["folds"])
    training = np.flatnonzero(part >= 0)
    learn = rows.take(pa.array(training))
    features, _ = learn_features(learn, INPUTS)
    prepared = algorithm.prepared([encode(learn, features)], labels[training], objective.loss)
    fit = algorithm.fitted(prepared, point, spec["algorithm"], objective.loss, spec["seed"])
    scores = algorithm.predicted(fit, [encode(fresh, features)], point)
    entries = [
        {"row": {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}, "score": float(score)}
        for row, score in zip(fresh.to_pylist(), scores, strict=True)
    ]
    return "[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n"


def boosted() -> None:
    table, spec = labelled(3000), task(grid={"maxDepth": [3], "rounds": [40]})
    model = as_saved(train(table, spec), algorithm_of(spec))
    (GOLDEN / "model.json").write_text(canonical(model) + "\n")
    (GOLDEN / "missing.json").write_text(missing(model))
    (GOLDEN / "vectors.json").write_text(scored(table, spec, {"max_depth": 3, "rounds": 40}, vectors()))


def forest() -> None:
    grid = {"maxDepth": [4], "trees": [20]}
    table, spec = priced(3000), task(objective="regression", algorithm={**FOREST, "grid": grid})
    (GOLDEN / "forest.json").write_text(canonical(as_saved(train(table, spec), algorithm_of(spec))) + "\n")
    (GOLDEN / "forest-vectors.json").write_text(scored(table, spec, {"max_depth": 4, "trees": 20}, vectors(300)))


def main() -> None:
    boosted()
    forest()
    (GOLDEN / "drift.json").write_text(drift())


if __name__ == "__main__":
    main()
