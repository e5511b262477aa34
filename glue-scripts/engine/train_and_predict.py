"""Training and scoring tasks: from the feature table to a model, and from a promoted model to predictions."""

from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.cell_hash import contents_of
from engine.commits import confirm
from engine.contents import NOTED
from engine.delta_log import rows_at
from engine.faults import Fault
from engine.files import copy_of, folder_of
from engine.job import Job
from engine.lake import Lake
from engine.plan_types import Field, PredictTask, TableRead, TaskAccount, TrainedModel, TrainTask
from engine.promotions import promotions
from engine.tables import Commit
from engine.upstream import REBUILD, logged_contents
from engine.words import counted


def run_train(job: Job[TrainTask]) -> TaskAccount:
    """Train on the labelled rows, unless the live version learned from the same rows. Returns accounting and the model's summary.

    The artefact is the next version of the model, whose number the work order has.
    """
    from engine.model.artefact import write_model
    from engine.model.learned import fingerprints, row_hashes
    from engine.model.train import train
    from engine.review import live_of, review

    task, work = job.task, job.work
    version, rows, read = features_of(job)
    labelled, unlabelled = by_label(job, rows, read)
    hashes = row_hashes(rows, task)
    learned = fingerprints(hashes[np.asarray(pc.is_valid(rows[task["label"]]))], task)
    live, rivals = live_of(job.lake, task["model"])
    unchanged = None if live is None else review(job, live, rows, hashes, learned)
    filtered = {"unlabelled": unlabelled.num_rows} if unlabelled.num_rows else {}
    account: TaskAccount = {
        "read": read["upstream"],
        "written": 0,
        "aggregated": {},
        "deduplicated": 0,
        "filtered": filtered,
        "quarantined": {},
        "lookups": {},
        "reads": [read],
        "warnings": [],
        "version": 0 if live is None else live.rival.version,
        "rewritten": True,
        "consumed": {task["features"]: version},
    }
    if unchanged is not None:
        account["filtered"] = {"learned before": labelled.num_rows, **filtered}
        account["unchanged"] = unchanged
        return account
    trained = train(labelled, task, rivals, learned)
    number = job.item["modelVersion"]
    folder = job.lake.version(task["model"], number)
    with folder_of(folder, last="manifest.json") as local:
        summary = write_model(
            trained,
            local,
            pipeline=work["pipeline"],
            name=task["model"],
            model_version=number,
            data=[{"table": task["features"], "version": version}],
            seen=hashes,
        )
    account["aggregated"] = {f"model {task['model']}": labelled.num_rows}
    account["warnings"] = list(trained.warnings)
    account["version"] = number
    account["model"] = cast(TrainedModel, {"name": task["model"], "version": number, "folder": folder, **summary})
    return account


def run_predict(job: Job[PredictTask]) -> TaskAccount:
    """Score the rows without a label with the live model."""
    from engine.model.artefact import read_model
    from engine.model.records import objective_of
    from engine.model.score import score

    task = job.task
    version, folder = live_model(job.lake, task["model"])
    with copy_of(folder) as local:
        model = read_model(local)
    objective = objective_of(model)
    features_version, rows, read = features_of(job)
    labelled, unlabelled = by_label(job, rows, read)
    scores = score(model, unlabelled) if unlabelled.num_rows else np.zeros(0)
    predictions = pa.table(
        {
            **{name: unlabelled[name] for name in task["key"]},
            **objective.predictions(scores, model["metrics"]),
            "model_version": pa.array(np.full(len(scores), version, "int64"), pa.int64()),
        }
    )
    types = {column["name"]: column["type"] for column in job.table(task["features"]).columns}
    columns: list[Field] = [*(Field(name=name, type=types[name]) for name in task["key"]), *objective.columns, VERSION]
    meant = contents_of(predictions, columns, numbered=False)
    job.session.view("_predictions", predictions)
    frame = job.sql("SELECT * FROM _predictions")
    commit = Commit("overwrite", job.app, job.work["sequence"], note={NOTED: meant.as_note()})
    committed = job.tables.write(job.path, frame, commit)
    confirm(job, job.path, commit, meant, meant, columns, numbered=False)
    return {
        "read": read["upstream"],
        "written": rows_at(job.path, [committed])[committed],
        "aggregated": {},
        "deduplicated": 0,
        "filtered": {"labelled": labelled.num_rows} if labelled.num_rows else {},
        "quarantined": {},
        "lookups": {},
        "reads": [read],
        "warnings": [],
        "version": committed,
        "rewritten": True,
        "consumed": {task["features"]: features_version, f"train_{task['model']}": version},
    }


#: Columns of a predictions table besides the key and the objective's columns.
VERSION: Field = {"name": "model_version", "type": "bigint"}


def features_of(job: Job[TrainTask] | Job[PredictTask]) -> tuple[int, pa.Table, TableRead]:
    """Version and rows of the feature table, compared with its log. Raises MR322 if they differ."""
    table = job.table(job.task["features"])
    path = job.upstream_path(table.name)
    version = job.tables.version(path)
    upstream = logged_contents(path, version)
    rows = job.tables.arrow(path)
    found = contents_of(rows, table.columns, table.numbered)
    if upstream is None or found.differs(upstream):
        logged = "nothing" if upstream is None else counted(upstream.rows, "row")
        read = counted(rows.num_rows, "row")
        message = f"{job.task['name']} read {read} of {table.name}, whose log says {logged} at version {version}"
        if upstream is not None and upstream.rows == rows.num_rows:
            message += ", but not the same ones: some were lost and as many doubled, or a cell was changed"
        raise Fault("MR322", path, message, REBUILD.format(table.name))
    return version, rows, {"table": table.name, "to": version, "upstream": upstream.rows, "read": rows.num_rows}


def by_label(job: Job[TrainTask] | Job[PredictTask], rows: pa.Table, read: TableRead) -> tuple[pa.Table, pa.Table]:
    """The rows with a label, and those without one. Raises MR322 if they do not add up to the rows read."""
    label = rows[job.task["label"]]
    labelled, unlabelled = rows.filter(pc.is_valid(label)), rows.filter(pc.is_null(label))
    if labelled.num_rows + unlabelled.num_rows != read["upstream"]:
        message = (
            f"{counted(labelled.num_rows, 'row')} with a label and {unlabelled.num_rows:,} without one "
            f"are not {read['upstream']:,}"
        )
        raise Fault("MR322", job.task["features"], message, "this is a fault of Millrace: report it")
    return labelled, unlabelled


def live_model(lake: Lake, name: str) -> tuple[int, str]:
    """Version and folder of the last promoted model, from the append-only promotion log. Raises MR406 if none is live."""
    log = promotions(lake, name)
    if not log:
        message, hint = f"no version of model {name} has been promoted", "lower the gate, or improve the model"
        raise Fault("MR406", lake.promotions(name), message, hint)
    version = int(log[-1]["version"])
    return version, lake.version(name, version)
