"""The kinds of tasks: one record per kind, as in `lib/plan/task-kinds.ts`. Other code asks the record and compares no kinds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, assert_never

from engine.contents import numbered
from engine.delta_log import rows_at
from engine.ingest import run_ingest
from engine.job import Job
from engine.lake import Lake, Table
from engine.meter import phase
from engine.plan_types import (
    IngestTask,
    PredictTask,
    Task,
    TaskAccount,
    TaskMetricsWritten,
    TrainTask,
    TransformTask,
    Volume,
    WorkItem,
    WorkOrder,
)
from engine.prediction import run_predict
from engine.session import Session
from engine.tables import Tables
from engine.training import run_train
from engine.transform import run_transform
from engine.volumes import committed, feature_table, input_files, model_files, upstream_tables

T = TypeVar("T", bound=Task)


@dataclass(frozen=True)
class TaskKind(Generic[T]):
    #: Runs a task. Returns the account of its rows.
    run: Callable[[Job[T]], TaskAccount]
    #: The table that a task writes; None if it writes a model.
    table: Callable[[T], Table | None]
    #: Files and bytes read and written, for the metrics of a task.
    volume_read: Callable[[Job[T]], Volume]
    volume_written: Callable[[Job[T], TaskAccount], TaskMetricsWritten]
    #: Whether it can run in parallel with the tasks before it, because it reads no table.
    parallel: bool = False
    #: Libraries that take long to import, so that the import can start before the task does.
    libraries: Callable[[T], Iterable[str]] = lambda task: ()


def recorded(run: Callable[[Job[T]], TaskAccount]) -> Callable[[Job[T]], TaskAccount]:
    """Runs a task and adds what the bookmarks record of its table: its rows, and the ids of the table and its quarantine."""

    def run_and_record(job: Job[T]) -> TaskAccount:
        outcome = run(job)
        with phase("write"):
            outcome["tableId"] = job.tables.identity(job.path)
            outcome["rows"] = rows_at(job.path, [outcome["version"]])[outcome["version"]]
            rejects = job.lake.quarantine(job.task["name"])
            if job.tables.exists(rejects):
                outcome["rejectsId"] = job.tables.identity(rejects)
        return outcome

    return run_and_record


def libraries_of(task: TrainTask) -> Iterable[str]:
    from engine.model.records import algorithm_of

    return [name for name, _ in algorithm_of(task).libraries]


INGEST = TaskKind[IngestTask](
    run=recorded(run_ingest),
    table=lambda task: Table(
        task["layer"], task["name"], task["columns"], key=[], numbered=True, stamped=True, rejects=True
    ),
    volume_read=input_files,
    volume_written=committed,
    parallel=True,
)
TRANSFORM = TaskKind[TransformTask](
    run=recorded(run_transform),
    table=lambda task: Table(
        task["layer"],
        task["name"],
        task["columns"],
        key=task["key"],
        numbered=numbered(task),
        stamped=False,
        rejects=True,
    ),
    volume_read=upstream_tables,
    volume_written=committed,
)
TRAIN = TaskKind[TrainTask](
    run=run_train,
    table=lambda task: None,
    volume_read=feature_table,
    volume_written=model_files,
    libraries=libraries_of,
)
PREDICT = TaskKind[PredictTask](
    run=run_predict,
    table=lambda task: Table(
        "gold", task["table"], columns=[], key=task["key"], numbered=False, stamped=False, rejects=False
    ),
    volume_read=feature_table,
    volume_written=committed,
)


def kind_of(task: Task) -> TaskKind[Any]:
    """The record of a task's kind. mypy reports a kind of the plan that has none."""
    if task["kind"] == "ingest":
        return INGEST
    if task["kind"] == "transform":
        return TRANSFORM
    if task["kind"] == "train":
        return TRAIN
    if task["kind"] == "predict":
        return PREDICT
    assert_never(task)


def table_of(task: Task) -> Table | None:
    return kind_of(task).table(task)


def job_of(
    session: Session,
    tables: Tables,
    lake: Lake,
    task: Task,
    tasks: Mapping[str, Task],
    item: WorkItem,
    work: WorkOrder,
    types: Mapping[str, str],
) -> Job[Task]:
    """The job for a task. `tasks`: all tasks of the plan by name; `types`: the types of its parameters."""
    upstream = {name: table for name in task["upstream"] if (table := table_of(tasks[name])) is not None}
    return Job(session, tables, lake, task, table_of(task), upstream, item, work, types)
