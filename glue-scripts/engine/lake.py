"""Where tables, models and outcomes are, below the root: a folder on a laptop, a bucket on AWS. Same as `lib/lake/layout.ts`."""

from dataclasses import dataclass

from engine.plan_types import Column


@dataclass(frozen=True)
class Table:
    """A table that a task writes."""

    layer: str
    name: str
    #: The columns that other tasks can read, without those that the engine adds; none if no task reads it.
    columns: list[Column]
    key: list[str]
    #: Whether its rows have a `_row`. The rows of an aggregate have none.
    numbered: bool
    #: Whether its rows name their source file, their run and the time of their ingest.
    stamped: bool
    #: Whether rejected rows go to a quarantine table.
    rejects: bool


@dataclass(frozen=True)
class Lake:
    root: str
    pipeline: str

    def table(self, layer: str, name: str) -> str:
        return f"{self.root}/lake/{self.pipeline}/{layer}/{name}"

    def quarantine(self, task: str) -> str:
        return self.table("quarantine", task)

    def of(self, table: Table) -> str:
        return self.table(table.layer, table.name)

    def model(self, name: str) -> str:
        return f"{self.root}/models/{self.pipeline}/{name}"

    def version(self, model: str, version: int) -> str:
        """The folder of a version of a model."""
        return f"{self.model(model)}/v{version}"

    def review(self, model: str, run: str) -> str:
        return f"{self.model(model)}/reviews/{run}.json"

    def promotions(self, model: str) -> str:
        """The log whose last line names the live version."""
        return f"{self.model(model)}/promotions.jsonl"

    def outcomes(self, run: str) -> str:
        """The folder in which each task of a run writes its outcome."""
        return f"{self.root}/runs/{self.pipeline}/{run}/tasks"

    def query_plan(self, run: str, task: str) -> str:
        return f"{self.outcomes(run)}/{task}.plan.txt"
