"""The training task: from the feature table to a model."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa

from engine.cell_hash import contents_of
from engine.contents import Contents
from engine.faults import Fault
from engine.files import folder_of
from engine.job import Job
from engine.lake import Table
from engine.plan_types import Field, PredictTask, TableRead, TaskAccount, TrainedModel, TrainTask
from engine.tables import Wanted
from engine.upstream import REBUILD, logged_contents
from engine.words import counted

if TYPE_CHECKING:
    from engine.model.rivals import Rival


def run_train(job: Job[TrainTask]) -> TaskAccount:
    """Train on the labelled rows, unless the live version learned from the same rows. Returns accounting and the model's summary.

    The artefact is the next version of the model, whose number the work order has.
    """
    from engine.model.artefact import write_model
    from engine.model.learned import fingerprints, row_hashes
    from engine.model.train import train
    from engine.review import live_of, review

    task, work = job.task, job.work
    live, rivals = live_of(job.lake, task["model"])
    version, labelled, unlabelled, read = features_of(job, rivals)
    filtered = {"unlabelled": unlabelled.num_rows} if unlabelled.num_rows else {}
    hashes = np.concatenate([row_hashes(labelled, task), row_hashes(unlabelled, task)])
    learned = fingerprints(hashes[: labelled.num_rows], task)
    rows = pa.concat_tables([labelled, unlabelled])
    unchanged = None if live is None else review(job, live, rows, hashes, learned)
    # A training needs only the rows with a label.
    del rows, unlabelled
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


def features_of(job: Job[TrainTask], rivals: "Sequence[Rival]" = ()) -> tuple[int, pa.Table, pa.Table, TableRead]:
    """Version of the feature table, its rows with and without a label, and the account of the read.

    They have the columns that the training and the `rivals` need. Raises MR322 if the table differs from its log, or a row was lost.
    """
    table = job.table(job.task["features"])
    path = job.upstream_path(table.name)
    version = job.tables.version(path)
    upstream = logged_contents(path, version)
    wanted = Wanted(table, job.task["label"], columns_of(job.task, table, rivals))
    found = job.tables.collected(path, wanted)
    read = read_of(job, version, upstream, found.read)
    parts = [contents_of(part, wanted.columns, numbered=False) for part in (found.labelled, found.unlabelled)]
    if (parts[0] + parts[1]).differs(found.kept):
        message = (
            f"{counted(parts[0].rows, 'row')} with a label and {parts[1].rows:,} without one are not the "
            f"{found.kept.rows:,} of {table.name}"
        )
        raise Fault("MR322", job.task["features"], message, "this is a fault of Millrace: report it")
    return version, found.labelled, found.unlabelled, read


def columns_of(task: TrainTask, table: Table, rivals: "Sequence[Rival]") -> list[Field]:
    """The columns of the table that the training and the comparison with the rivals need, in the order of the table."""
    names = {*task["key"], task["label"], *(spec["name"] for spec in task["inputs"])}
    names |= {floor["column"] for floor in task.get("gate", {}).get("slices", [])}
    names |= {feature["name"] for rival in rivals if rival.model is not None for feature in rival.model["features"]}
    return [column for column in table.columns if column["name"] in names]


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
