"""Training and scoring tasks: from the feature table to a model, and from a promoted model to predictions."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.faults import Fault
from engine.files import copy_of, exists, folder_of, read_text
from engine.job import Job
from engine.lake import Lake
from engine.tables import Commit


def run_train(job: Job) -> dict[str, Any]:
    """Learn from the labelled rows; the artefact is `v<sequence>` of the model. Returns accounting and the model's summary."""
    from engine.model.artefact import write_model
    from engine.model.train import train

    task, work = job.task, job.work
    path = job.upstream_path(task["features"])
    rows = job.tables.arrow(path)
    labelled = rows.filter(pc.is_valid(rows[task["label"]]))
    trained = train(labelled, task)
    folder = f"{job.lake.model(task['model'])}/v{work['sequence']}"
    version = job.tables.version(path)
    with folder_of(folder, last="manifest.json") as local:
        summary = write_model(
            trained,
            local,
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
        "model": {"name": task["model"], "version": work["sequence"], "folder": folder, **summary},
    }


def run_predict(job: Job) -> dict[str, Any]:
    """Score the rows without a label with the model that is live."""
    from engine.model.artefact import read_model
    from engine.model.score import score

    task = job.task
    version, folder = live_model(job.lake, task["model"])
    with copy_of(folder) as local:
        model = read_model(local)
    path = job.upstream_path(task["features"])
    features_version = job.tables.version(path)
    rows = job.tables.arrow(path)
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
    target = job.lake.table("gold", task["table"])
    job.session.view("_predictions", predictions)
    frame = job.sql("SELECT * FROM _predictions")
    committed = job.tables.write(target, frame, Commit("overwrite", job.app, job.work["sequence"]))
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


def live_model(lake: Lake, name: str) -> tuple[int, str]:
    """Version and folder of the model promoted last; the log of promotions is append-only."""
    log = f"{lake.model(name)}/promotions.jsonl"
    lines = read_text(log).splitlines() if exists(log) else []
    if not lines:
        raise Fault(
            "MR406", log, f"no version of model {name} has been promoted", "lower the gate, or improve the model"
        )
    version = int(json.loads(lines[-1])["version"])
    return version, f"{lake.model(name)}/v{version}"
