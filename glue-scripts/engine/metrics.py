"""The metrics of a finished task: seconds by phase, files and bytes read and written, memory, and Spark's counters."""

from collections.abc import Callable
from typing import TypeVar, cast

from engine.foreign_errors import first_line
from engine.job import Job
from engine.log import log
from engine.meter import Meter
from engine.plan_types import Task, TaskAccount, TaskMetrics, TaskMetricsPhases, TaskMetricsSpark
from engine.session import StageWork
from engine.task_kinds import kind_of

Measure = TypeVar("Measure")


def metrics_of(job: Job[Task], outcome: TaskAccount, meter: Meter, before: int | None) -> TaskMetrics:
    """The metrics of a task; one that cannot be measured is left out and logged. `before`: Spark's last stage before the task."""
    found: TaskMetrics = {"phases": cast(TaskMetricsPhases, meter.seconds()), "peak_memory_bytes": meter.peak}
    if (read := measured(job, "read", lambda: kind_of(job.task).volume_read(job))) is not None:
        found["read"] = read
    if (written := measured(job, "written", lambda: kind_of(job.task).volume_written(job, outcome))) is not None:
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
