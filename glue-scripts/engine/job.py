"""One task of one run, with all that it needs to be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dialect.sail import for_sail
from engine.lake import Lake
from engine.session import Session
from engine.sql import arguments
from engine.tables import Tables


@dataclass(frozen=True)
class Job:
    session: Session
    tables: Tables
    lake: Lake
    #: The task as the plan has it, and the tasks it reads from by name.
    task: Mapping[str, Any]
    upstream: Mapping[str, Mapping[str, Any]]
    #: What the work order says of the task, and the work order.
    item: Mapping[str, Any]
    work: Mapping[str, Any]
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
        return self.lake.of(self.task)

    @property
    def full(self) -> bool:
        return bool(self.item["mode"] == "full")

    @property
    def args(self) -> dict[str, Any]:
        """The parameters that the SQL names, as the engine takes them."""
        return arguments(self.work["parameters"], self.task, self.parameter_types)

    def upstream_path(self, name: str) -> str:
        return self.lake.of(self.upstream[name])

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
