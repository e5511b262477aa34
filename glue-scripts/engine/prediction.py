"""The scoring task: from a promoted model to predictions. The rows are scored where they are: on Spark in its executors."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from engine.commits import confirm
from engine.contents import NOTED
from engine.delta_log import rows_at
from engine.faults import Fault
from engine.files import copy_of
from engine.job import Job
from engine.lake import Lake
from engine.model.document_types import Model
from engine.plan_types import Field, PredictTask, TaskAccount
from engine.promotions import promotions
from engine.tables import Commit, Scored, Scoring
from engine.training import read_of
from engine.upstream import logged_contents
from engine.words import counted

#: Columns of a predictions table besides the key and the objective's columns.
VERSION: Field = {"name": "model_version", "type": "bigint"}


def run_predict(job: Job[PredictTask]) -> TaskAccount:
    """Score the rows without a label with the live model."""
    from engine.model.artefact import read_model
    from engine.model.records import objective_of

    task = job.task
    model_version, folder = live_model(job.lake, task["model"])
    with copy_of(folder) as local:
        model = read_model(local)
    table = job.table(task["features"])
    path = job.upstream_path(table.name)
    version = job.tables.version(path)
    upstream = logged_contents(path, version)
    types = {column["name"]: column["type"] for column in table.columns}
    refuse_other_table(task, model, model_version, types)
    key: list[Field] = [Field(name=name, type=types[name]) for name in task["key"]]
    columns = [*key, *objective_of(model).columns, VERSION]
    used = [*task["key"], *(feature["name"] for feature in model["features"])]
    scoring = Scoring(table, task["label"], list(dict.fromkeys(used)), key, columns, scorer(model, key, model_version))
    with job.tables.scored(path, scoring) as scored:
        read = read_of(job, version, upstream, scored.read)
        refuse_lost(task, scored)
        commit = Commit("overwrite", job.app, job.work["sequence"], note={NOTED: scored.made.as_note()})
        committed = job.tables.write(job.path, scored.rows, commit)
        confirm(job, job.path, commit, scored.made, scored.made, columns, numbered=False)
    labelled = read["upstream"] - scored.key_read.rows
    return {
        "read": read["upstream"],
        "written": rows_at(job.path, [committed])[committed],
        "aggregated": {},
        "deduplicated": 0,
        "filtered": {"labelled": labelled} if labelled else {},
        "quarantined": {},
        "lookups": {},
        "reads": [read],
        "warnings": [],
        "version": committed,
        "rewritten": True,
        "consumed": {task["features"]: version, f"train_{task['model']}": model_version},
    }


def refuse_other_table(task: PredictTask, model: Model, version: int, types: Mapping[str, str]) -> None:
    """MR403 unless the table has all features of the model, as kinds that it reads. A roll-back may end at an older table's model."""
    for feature in model["features"]:
        name, categorical = feature["name"], feature["kind"] == "categorical"
        if name in types and (types[name] == "string") == categorical:
            continue
        has = f"has {name} as {types[name]}" if name in types else f"has no column {name}"
        message = f"v{version} of {task['model']} is live and cannot score {task['features']}, which {has}"
        hint = "make another version live (`millrace models list` shows all), or give the table that column back"
        raise Fault("MR403", task["features"], message, hint)


def refuse_lost(task: PredictTask, scored: Scored) -> None:
    """MR322 unless each row without a label has one score, under its key."""
    unlabelled, made = scored.key_read, scored.key_made
    if not made.differs(unlabelled):
        return
    message = f"{counted(unlabelled.rows, 'row')} without a label got {counted(made.rows, 'score')}"
    message += ", but under other keys" if made.rows == unlabelled.rows else ""
    raise Fault("MR322", task["features"], message, "this is a fault of Millrace: report it")


def scorer(model: Model, key: list[Field], model_version: int) -> Callable[[pa.Table], pa.Table]:
    """The function from rows to predictions. On Spark the executors run it, so it needs the model and no file."""
    names = [column["name"] for column in key]

    def predictions(rows: pa.Table) -> pa.Table:
        from engine.model.records import objective_of
        from engine.model.score import score

        scores = score(model, rows) if rows.num_rows else np.zeros(0)
        return pa.table(
            {
                **{name: rows[name] for name in names},
                **objective_of(model).predictions(scores, model["metrics"]),
                "model_version": pa.array(np.full(len(scores), model_version, "int64"), pa.int64()),
            }
        )

    return predictions


def live_model(lake: Lake, name: str) -> tuple[int, str]:
    """Version and folder of the last promoted model, from the append-only promotion log. Raises MR406 if none is live."""
    log = promotions(lake, name)
    if not log:
        message, hint = f"no version of model {name} has been promoted", "lower the gate, or improve the model"
        raise Fault("MR406", lake.promotions(name), message, hint)
    version = int(log[-1]["version"])
    return version, lake.version(name, version)
