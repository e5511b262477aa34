"""The metrics of a finished task: seconds by phase, files and bytes read and written, memory, and Spark's counters."""

from collections.abc import Callable
from typing import TypeVar, cast

import pyarrow.fs as pafs

from engine.delta_log import commit_of
from engine.files import filesystem
from engine.foreign_errors import first_line
from engine.job import Job
from engine.log import log
from engine.meter import Meter
from engine.plan_types import (
    Task,
    TaskAccount,
    TaskMetrics,
    TaskMetricsPhases,
    TaskMetricsSpark,
    TaskMetricsWritten,
    Volume,
)
from engine.session import StageWork

Measure = TypeVar("Measure")


def metrics_of(job: Job[Task], outcome: TaskAccount, meter: Meter, before: int | None) -> TaskMetrics:
    """The metrics of a task; one that cannot be measured is left out and logged. `before`: Spark's last stage before the task."""
    found: TaskMetrics = {"phases": cast(TaskMetricsPhases, meter.seconds()), "peak_memory_bytes": meter.peak}
    if (read := measured(job, "read", lambda: volume_read(job))) is not None:
        found["read"] = read
    if (written := measured(job, "written", lambda: volume_written(job, outcome))) is not None:
        found["written"] = written
    if before is not None and (spark := spark_of(job.session.stages(before))) is not None:
        found["spark"] = spark
    return found


def measured(job: Job[Task], name: str, measure: Callable[[], Measure]) -> Measure | None:
    try:
        return measure()
    except Exception as failure:
        log.warning("cannot measure %s of %s: %s", name, job.task["name"], first_line(failure))
        return None


def volume_read(job: Job[Task]) -> Volume:
    """Files and bytes read: input files, or the files of each upstream table (only the new files if only new rows were read)."""
    if job.task["kind"] == "ingest":
        return volume([(1, file["size"]) for file in job.item["files"]])
    if job.task["kind"] != "transform":
        return volume([job.tables.extent(job.upstream_path(job.task["features"]))])
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


def volume_written(job: Job[Task], outcome: TaskAccount) -> TaskMetricsWritten:
    """Files and bytes of the commit, or of the model."""
    if job.task["kind"] == "train":
        if "model" not in outcome:
            return {"files": 0, "bytes": 0}
        files, path = filesystem(outcome["model"]["folder"])
        infos = files.get_file_info(pafs.FileSelector(path))
        of_model = volume([(1, info.size) for info in infos if info.type == pafs.FileType.File])
        return {"files": of_model["files"], "bytes": of_model["bytes"]}
    path = job.lake.table("gold", job.task["table"]) if job.task["kind"] == "predict" else job.path
    commit = commit_of(path, outcome["version"])
    # If there was nothing to merge there is no commit of this run, and the newest one is from an earlier run.
    if commit is None or commit.by.get(job.app) != job.work["sequence"]:
        return {"files": 0, "bytes": 0, "removed": 0}
    return {"files": commit.files, "bytes": commit.bytes, "removed": commit.removed}


def volume(parts: list[tuple[int, int]]) -> Volume:
    return {"files": sum(files for files, _ in parts), "bytes": sum(size for _, size in parts)}


def spark_of(stages: list[StageWork] | None) -> TaskMetricsSpark | None:
    """The sum of Spark's counters over the stages of a task; None if Spark reports none."""
    if stages is None:
        return None

    def total(name: str) -> int:
        return sum(int(stage.get(name, 0)) for stage in stages)

    return {
        "stages": len(stages),
        "tasks": total("numCompleteTasks"),
        "failed_tasks": total("numFailedTasks"),
        "executor_seconds": round(total("executorRunTime") / 1e3, 3),
        "cpu_seconds": round(total("executorCpuTime") / 1e9, 3),
        "gc_seconds": round(total("jvmGcTime") / 1e3, 3),
        "input_bytes": total("inputBytes"),
        "output_bytes": total("outputBytes"),
        "shuffle_read_bytes": total("shuffleReadBytes"),
        "shuffle_write_bytes": total("shuffleWriteBytes"),
        "spilled_bytes": total("diskBytesSpilled"),
    }
