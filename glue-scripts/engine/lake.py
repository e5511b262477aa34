"""Where tables, models and outcomes are, below the root: a folder on a laptop, a bucket on AWS."""

from dataclasses import dataclass

from engine.plan_types import IngestTask, TransformTask


@dataclass(frozen=True)
class Lake:
    root: str
    pipeline: str

    def table(self, layer: str, name: str) -> str:
        return f"{self.root}/lake/{self.pipeline}/{layer}/{name}"

    def quarantine(self, task: str) -> str:
        return self.table("quarantine", task)

    def of(self, task: IngestTask | TransformTask) -> str:
        """The table that an ingest or transform task writes."""
        return self.table(task["layer"], task["name"])

    def model(self, name: str) -> str:
        return f"{self.root}/models/{self.pipeline}/{name}"

    def outcomes(self, run: str) -> str:
        """The folder in which each task of a run writes its outcome."""
        return f"{self.root}/runs/{run}/tasks"
