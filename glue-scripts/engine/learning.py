"""Training and scoring tasks: from the feature table to a model, and from a promoted model to predictions."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.faults import Fault
from engine.lake import Lake
from engine.session import Session
from engine.tables import Commit, Tables


def run_train(
    session: Session,
    tables: Tables,
    lake: Lake,
    task: dict[str, Any],
    upstream: Mapping[str, dict[str, Any]],
    work: Mapping[str, Any],
) -> dict[str, Any]:
    """Learn from the labelled rows; the artefact is `v<sequence>` of the model. Returns accounting and the model's summary."""
    from engine.model.artefact import write_model
    from engine.model.train import train

    path = lake.of(upstream[task["features"]])
    rows = session.arrow(tables.frame(path))
    labelled = rows.filter(pc.is_valid(rows[task["label"]]))
    trained = train(labelled, task)
    folder = Path(lake.model(task["model"])) / f"v{work['sequence']}"
    version = tables.version(path)
    summary = write_model(
        trained,
        folder,
        pipeline=work["pipeline"],
        name=task["model"],
        model_version=work["sequence"],
        data=[{"table": task["features"], "version": version}],
    )
    unlabelled = rows.num_rows - labelled.num_rows
    return {
        "read": rows.num_rows,
        "written": 0,
        "aggregated": {f"model {task['model']}": labelled.num_rows},
        "deduplicated": 0,
        "filtered": {"unlabelled": unlabelled} if unlabelled else {},
        "quarantined": {},
        "lookups": {},
        "warnings": list(trained.warnings),
        "version": work["sequence"],
        "rewritten": True,
        "consumed": {task["features"]: version},
        "model": {"name": task["model"], "version": work["sequence"], "folder": str(folder), **summary},
    }


def run_predict(
    session: Session,
    tables: Tables,
    lake: Lake,
    task: dict[str, Any],
    upstream: Mapping[str, dict[str, Any]],
    work: Mapping[str, Any],
) -> dict[str, Any]:
    """Score the rows without a label with the model that is live."""
    from engine.model.artefact import read_model
    from engine.model.score import score

    version, folder = live_model(lake, task["model"])
    model = read_model(folder)
    path = lake.of(upstream[task["features"]])
    features_version = tables.version(path)
    rows = session.arrow(tables.frame(path))
    unlabelled = rows.filter(pc.is_null(rows[task["label"]]))
    scores = score(model, unlabelled) if unlabelled.num_rows else np.zeros(0)
    predictions = pa.table(
        {
            **{name: unlabelled[name] for name in task["key"]},
            "score": pa.array(scores, pa.float64()),
            "predicted": pa.array((scores >= model["metrics"]["threshold"]).astype("int32"), pa.int32()),
            "model_version": pa.array(np.full(len(scores), version, "int64"), pa.int64()),
        }
    )
    target = lake.table("gold", task["table"])
    app = f"{work['pipeline']}/{task['name']}"
    session.view("_predictions", predictions)
    frame = session.spark.sql("SELECT * FROM _predictions")
    committed = tables.write(target, frame, Commit("overwrite", app, work["sequence"]))
    labelled = rows.num_rows - unlabelled.num_rows
    return {
        "read": rows.num_rows,
        "written": unlabelled.num_rows,
        "aggregated": {},
        "deduplicated": 0,
        "filtered": {"labelled": labelled} if labelled else {},
        "quarantined": {},
        "lookups": {},
        "warnings": [],
        "version": committed,
        "rewritten": True,
        "consumed": {task["features"]: features_version, f"train_{task['model']}": version},
    }


def live_model(lake: Lake, name: str) -> tuple[int, Path]:
    """Version and folder of the model promoted last; the log of promotions is append-only."""
    log = Path(lake.model(name)) / "promotions.jsonl"
    lines = log.read_text().splitlines() if log.exists() else []
    if not lines:
        raise Fault(
            "MR406", str(log), f"no version of model {name} has been promoted", "lower the gate, or improve the model"
        )
    version = int(json.loads(lines[-1])["version"])
    return version, Path(lake.model(name)) / f"v{version}"
