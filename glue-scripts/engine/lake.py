"""Where things lie below the root, on a laptop a folder, on AWS a bucket."""

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
        """Where each task of a run leaves what it reports."""
        return f"{self.root}/runs/{run}/tasks"
