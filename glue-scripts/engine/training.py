"""The training task: from the feature table to a model."""

from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.cell_hash import contents_of
from engine.contents import Contents
from engine.faults import Fault
from engine.files import folder_of
from engine.job import Job
from engine.plan_types import PredictTask, TableRead, TaskAccount, TrainedModel, TrainTask
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


def features_of(job: Job[TrainTask]) -> tuple[int, pa.Table, TableRead]:
    """Version and rows of the feature table, compared with its log. Raises MR322 if they differ."""
    table = job.table(job.task["features"])
    path = job.upstream_path(table.name)
    version = job.tables.version(path)
    upstream = logged_contents(path, version)
    rows = job.tables.arrow(path)
    read = read_of(job, version, upstream, contents_of(rows, table.columns, table.numbered))
    return version, rows, read


def read_of(
    job: Job[TrainTask] | Job[PredictTask], version: int, upstream: Contents | None, found: Contents
) -> TableRead:
    """The account of a read of the feature table, which found these contents. Raises MR322 if its log has others."""
    table = job.table(job.task["features"])
    if upstream is None or found.differs(upstream):
        logged = "nothing" if upstream is None else counted(upstream.rows, "row")
        read = counted(found.rows, "row")
        message = f"{job.task['name']} read {read} of {table.name}, whose log says {logged} at version {version}"
        if upstream is not None and upstream.rows == found.rows:
            message += ", but not the same ones: some were lost and as many doubled, or a cell was changed"
        raise Fault("MR322", job.upstream_path(table.name), message, REBUILD.format(table.name))
    return {"table": table.name, "to": version, "upstream": upstream.rows, "read": found.rows}


def by_label(job: Job[TrainTask], rows: pa.Table, read: TableRead) -> tuple[pa.Table, pa.Table]:
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
