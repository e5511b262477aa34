"""Regenerates contracts/golden/model.json and vectors.json: a real model, and rows with the score that XGBoost itself gives.

Run from glue-scripts: `python -m tests.make_golden`.
"""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import xgboost as xgb

from engine.model.artefact import canonical, libraries
from engine.model.encoding import encode, learn_features
from engine.model.grid import parameters
from engine.model.split import ordered_by_key, stratified
from engine.model.train import train
from tests.learning_data import INPUTS, labelled, task

GOLDEN = Path(__file__).parent.parent.parent / "contracts" / "golden"
EXTREMES = [0.0, -0.0, 1e-310, -1e-310, 3.4028234663852886e38, 1e308, -1e308, 1e-45, 80.0, 79.99999999, 16777217.0]


def vectors(rows: int = 1300) -> pa.Table:
    """Rows no model has seen: some values missing, some categories unseen, some numbers at the ends of what floats hold."""
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


def main() -> None:
    table, spec = labelled(3000), task(grid={"maxDepth": [3], "rounds": [40]})
    trained = train(table, spec)
    model = {
        "format": "millrace-model",
        "version": 1,
        "pipeline": "golden",
        "name": "golden",
        "model_version": 1,
        "data": [{"table": "features", "version": 0}],
        "libraries": libraries(),
        **trained.model,
    }
    # The same fit again, kept as XGBoost's own object: what it predicts is what both scorers are held to.
    rows = ordered_by_key(table, spec["key"], spec["seed"])
    labels = rows["label"].to_numpy()
    training = np.flatnonzero(stratified(labels.astype(np.int8), spec["testShare"], spec["folds"]) >= 0)
    learn = rows.take(pa.array(training))
    features, _ = learn_features(learn, INPUTS)
    booster = xgb.train(
        parameters(3, spec),
        xgb.QuantileDMatrix(encode(learn, features), labels[training]),
        num_boost_round=40,
    )
    fresh = vectors()
    scores = booster.inplace_predict(encode(fresh, features))
    entries = [
        {"row": {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}, "score": float(score)}
        for row, score in zip(fresh.to_pylist(), scores, strict=True)
    ]
    (GOLDEN / "model.json").write_text(canonical(model) + "\n")
    (GOLDEN / "vectors.json").write_text("[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n")


if __name__ == "__main__":
    main()
