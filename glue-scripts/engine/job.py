"""One task of one run, with everything that it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from engine.dialect.sail import for_sail
from engine.faults import Fault
from engine.lake import Lake, Table
from engine.plan_types import Task, WorkItem, WorkOrder
from engine.session import Session
from engine.sql import arguments
from engine.tables import Tables

T_co = TypeVar("T_co", bound=Task, covariant=True)


@dataclass(frozen=True)
class Job(Generic[T_co]):
    session: Session
    tables: Tables
    lake: Lake
    #: The task from the plan.
    task: T_co
    #: The table that it writes; None if it writes a model.
    makes: Table | None
    #: The tables that it reads, by the name of their task.
    upstream: Mapping[str, Table]
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
        """The place of the table that it writes."""
        if self.makes is None:
            raise ValueError(f"{self.task['name']} writes no table")
        return self.lake.of(self.makes)

    @property
    def full(self) -> bool:
        return bool(self.item["mode"] == "full")

    @property
    def args(self) -> dict[str, Any]:
        """The parameters that the SQL names, with values that the engine accepts."""
        task: Task = self.task
        if "parameters" not in task:
            return {}
        return arguments(self.work["parameters"], task["parameters"], self.parameter_types)

    def upstream_path(self, name: str) -> str:
        return self.lake.of(self.table(name))

    def table(self, name: str) -> Table:
        """An upstream table. MR502 if its task writes none."""
        if name not in self.upstream:
            message = f"{name} writes no table that another task can read"
            raise Fault("MR502", self.task["name"], message, "use the engine of the plan's version")
        return self.upstream[name]

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
