"""One task of one run, with everything that it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeGuard, TypeVar

from engine.dialect.sail import for_sail
from engine.faults import Fault
from engine.lake import Lake
from engine.plan_types import IngestTask, PredictTask, Task, TrainTask, TransformTask, WorkItem, WorkOrder
from engine.session import Session
from engine.sql import arguments
from engine.tables import Tables

#: A task that writes a table with a contract.
TableTask = IngestTask | TransformTask
T_co = TypeVar("T_co", bound=Task, covariant=True)


@dataclass(frozen=True)
class Job(Generic[T_co]):
    session: Session
    tables: Tables
    lake: Lake
    #: The task from the plan, and the tasks that it reads from, by name.
    task: T_co
    upstream: Mapping[str, Task]
    #: The task's item in the work order, and the work order.
    item: WorkItem
    work: WorkOrder
    #: Parameter name -> type.
    parameter_types: Mapping[str, str]
    #: The query plans saved so far.
    plans: list[str] = field(default_factory=list)
    #: The pipeline's SQL -> the text that the engine gets for it.
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def app(self) -> str:
        """The `appId` of Delta's transaction id; its version is the run's sequence number."""
        return f"{self.work['pipeline']}/{self.task['name']}"

    @property
    def path(self) -> str:
        """The table that an ingest or transform task writes."""
        return self.lake.of(table_task(self.task))

    @property
    def full(self) -> bool:
        return bool(self.item["mode"] == "full")

    @property
    def args(self) -> dict[str, Any]:
        """The parameters that the SQL names, with values that the engine accepts."""
        task: Task = self.task
        named = task["parameters"] if task["kind"] == "transform" else ()
        return arguments(self.work["parameters"], named, self.parameter_types)

    def upstream_path(self, name: str) -> str:
        return self.lake.of(self.table(name))

    def table(self, name: str) -> TableTask:
        """The task that writes an upstream table."""
        return table_task(self.upstream[name])

    def sql(self, text: str) -> Any:
        """The frame of a query that the engine wrote itself. It may name the task's parameters."""
        return self.session.sql(text, self.args)

    def raw(self, columns: str) -> str:
        """SQL for a row as JSON. Times keep their microseconds, which Spark cuts off by default, so that a reject can be sent back."""
        whole = (
            "" if self.session.engine == "sail" else """, map('timestampFormat', "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX")"""
        )
        return f"to_json(struct({columns}){whole})"

    def pipeline_sql(self, text: str) -> Any:
        """The frame of a query that contains the pipeline's SQL. For Sail it is rewritten, so that it computes what Spark does."""
        return self.sql(self.lowered(text))

    def lowered(self, text: str) -> str:
        """The text that the engine gets for the pipeline's SQL. Cached, because it takes one question to the engine per operator."""
        if text not in self.texts:
            self.texts[text] = for_sail(self.session, text, self.args)
        return self.texts[text]

    def rows(self, text: str) -> list[dict[str, Any]]:
        """All rows of a query, in this process. For queries that return few rows."""
        return list(self.session.arrow(self.sql(text)).to_pylist())

    def committed(self) -> dict[str, Any] | None:
        """What this task reported if it has committed in this run already, in an earlier attempt of the stage; else None."""
        return self.tables.committed(self.path, self.app, self.work["sequence"])


def table_task(task: Task) -> TableTask:
    """The task as one that writes a table. MR502 if it is of another kind."""
    if task["kind"] == "ingest" or task["kind"] == "transform":
        return task
    message = f"a {task['kind']} task writes no table that another task can read"
    raise Fault("MR502", task["name"], message, "use the engine of the plan's version")


def is_ingest(job: Job[Task]) -> TypeGuard[Job[IngestTask]]:
    return job.task["kind"] == "ingest"


def is_transform(job: Job[Task]) -> TypeGuard[Job[TransformTask]]:
    return job.task["kind"] == "transform"


def is_train(job: Job[Task]) -> TypeGuard[Job[TrainTask]]:
    return job.task["kind"] == "train"


def is_predict(job: Job[Task]) -> TypeGuard[Job[PredictTask]]:
    return job.task["kind"] == "predict"
