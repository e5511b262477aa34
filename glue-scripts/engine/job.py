"""One task of one run, with all that it needs to be done."""

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

#: A task that writes a table of a contract.
TableTask = IngestTask | TransformTask
T_co = TypeVar("T_co", bound=Task, covariant=True)


@dataclass(frozen=True)
class Job(Generic[T_co]):
    session: Session
    tables: Tables
    lake: Lake
    #: The task as the plan has it, and the tasks it reads from by name.
    task: T_co
    upstream: Mapping[str, Task]
    #: What the work order says of the task, and the work order.
    item: WorkItem
    work: WorkOrder
    #: Parameter name -> type.
    parameter_types: Mapping[str, str]
    #: The query plans that were kept so far.
    plans: list[str] = field(default_factory=list)
    #: SQL as the pipeline has it -> as the engine gets it.
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def app(self) -> str:
        """The application part of Delta's transaction id; the run's sequence number is the other."""
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
        """The parameters that the SQL names, as the engine takes them."""
        task: Task = self.task
        named = task["parameters"] if task["kind"] == "transform" else ()
        return arguments(self.work["parameters"], named, self.parameter_types)

    def upstream_path(self, name: str) -> str:
        return self.lake.of(self.table(name))

    def table(self, name: str) -> TableTask:
        """The task that writes an upstream table."""
        return table_task(self.upstream[name])

    def sql(self, text: str) -> Any:
        """The frame of a query of ours, which names the task's parameters where a rule does."""
        return self.session.sql(text, self.args)

    def raw(self, columns: str) -> str:
        """SQL for a row as JSON. Spark would cut its times to milliseconds, and a rejected row could not be put back as it was."""
        whole = (
            "" if self.session.engine == "sail" else """, map('timestampFormat', "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX")"""
        )
        return f"to_json(struct({columns}){whole})"

    def theirs(self, text: str) -> Any:
        """The frame of a query with SQL of the pipeline's in it: the engine of a laptop gets what makes it compute as Spark does."""
        return self.sql(self.lowered(text))

    def lowered(self, text: str) -> str:
        """The text that the engine gets for SQL of the pipeline's. Made once: it takes a question to the engine for each operator."""
        if text not in self.texts:
            self.texts[text] = for_sail(self.session, text, self.args)
        return self.texts[text]

    def rows(self, text: str) -> list[dict[str, Any]]:
        """The few rows of a query, here."""
        return list(self.session.arrow(self.sql(text)).to_pylist())

    def committed(self) -> dict[str, Any] | None:
        """What this task reported when it committed in this very run, before the stage was tried again."""
        return self.tables.committed(self.path, self.app, self.work["sequence"])


def table_task(task: Task) -> TableTask:
    if task["kind"] == "ingest" or task["kind"] == "transform":
        return task
    message = f"a {task['kind']} task writes no table that another one reads"
    raise Fault("MR502", task["name"], message, "use the engine of the plan's version")


def is_ingest(job: Job[Task]) -> TypeGuard[Job[IngestTask]]:
    return job.task["kind"] == "ingest"


def is_transform(job: Job[Task]) -> TypeGuard[Job[TransformTask]]:
    return job.task["kind"] == "transform"


def is_train(job: Job[Task]) -> TypeGuard[Job[TrainTask]]:
    return job.task["kind"] == "train"


def is_predict(job: Job[Task]) -> TypeGuard[Job[PredictTask]]:
    return job.task["kind"] == "predict"
