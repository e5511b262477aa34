"""Files and bytes that a task read and wrote."""

from collections.abc import Sequence

import pyarrow.fs as pafs

from engine.delta_log import commit_of
from engine.files import filesystem
from engine.job import Job
from engine.plan_types import (
    IngestTask,
    PredictTask,
    Task,
    TaskAccount,
    TaskMetricsWritten,
    TrainTask,
    TransformTask,
    Volume,
)


def input_files(job: Job[IngestTask]) -> Volume:
    return volume([(1, file["size"]) for file in job.item["files"]])


def feature_table(job: Job[TrainTask | PredictTask]) -> Volume:
    return volume([job.tables.extent(job.upstream_path(job.task["features"]))])


def upstream_tables(job: Job[TransformTask]) -> Volume:
    """The files of each upstream table, but only the new files where only new rows were read."""
    parts = []
    for read in job.task["reads"]:
        path = job.upstream_path(read["table"])
        if job.full or read["scope"] != "new":
            parts.append(job.tables.extent(path))
            continue
        for version in range(job.item["since"][read["table"]] + 1, job.tables.version(path) + 1):
            commit = commit_of(path, version)
            parts.append((commit.files, commit.bytes) if commit else (0, 0))
    return volume(parts)


def committed(job: Job[Task], outcome: TaskAccount) -> TaskMetricsWritten:
    commit = commit_of(job.path, outcome["version"])
    # If there was nothing to merge there is no commit of this run, and the newest one is from an earlier run.
    if commit is None or commit.by.get(job.app) != job.work["sequence"]:
        return {"files": 0, "bytes": 0, "removed": 0}
    return {"files": commit.files, "bytes": commit.bytes, "removed": commit.removed}


def model_files(job: Job[TrainTask], outcome: TaskAccount) -> TaskMetricsWritten:
    if "model" not in outcome:
        return {"files": 0, "bytes": 0}
    files, path = filesystem(outcome["model"]["folder"])
    infos = files.get_file_info(pafs.FileSelector(path))
    of_model = volume([(1, info.size) for info in infos if info.type == pafs.FileType.File])
    return {"files": of_model["files"], "bytes": of_model["bytes"]}


def volume(parts: Sequence[tuple[int, int]]) -> Volume:
    return {"files": sum(files for files, _ in parts), "bytes": sum(size for _, size in parts)}
