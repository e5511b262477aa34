"""A small pipeline on real engines: writes input files, and runs stages as the runner does."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine.ingest import run_ingest
from engine.job import Job
from engine.lake import Lake
from engine.open_tables import open_tables
from engine.session import Session, open_session
from engine.tables import Tables
from engine.task_kinds import job_of, table_of
from engine.transform import run_transform

GOLDEN = Path(__file__).parent.parent.parent / "contracts" / "golden"


def golden_plan(name: str) -> dict[str, Any]:
    return dict(json.loads((GOLDEN / f"{name}.plan.json").read_text()))


def work_order(items: Iterable[Mapping[str, Any]], **known: Any) -> dict[str, Any]:
    """A work order of the pipeline `small`. By default each item is for a task that was never built."""
    item = {"mode": "full", "why": "never built", "fingerprint": "f", "parts": {}, "since": {}}
    at = {"sequence": 1, "startedAt": "2025-02-01T00:00:00.000+00:00", "parameters": {"as_of": "2025-01-01"}}
    order = {"format": "millrace-work", "version": 1, "run": "r1", "pipeline": "small", **at, "skipped": [], **known}
    return {**order, "items": [{**item, **each} for each in items]}


class SmallLake:
    """The golden plan `small` on one engine. Like a runner, it remembers which files and versions each task has read."""

    def __init__(self, root: Path, session: Session, tables: Tables, plan: Mapping[str, Any] | None = None) -> None:
        self.root = root
        self.session = session
        self.tables = tables
        self.plan = dict(plan or golden_plan("small"))
        self.lake = Lake(str(root), "small")
        self.sequence = 0
        self.consumed: dict[str, dict[str, int]] = {}
        self.built: set[str] = set()

    def task(self, name: str) -> dict[str, Any]:
        return dict(next(t for t in self.plan["tasks"] if t["name"] == name))

    def place(self, name: str) -> str:
        """The place of the table that a task writes."""
        return self.lake.of(table_of(self.task(name)))

    def job(self, name: str, item: Mapping[str, Any]) -> Job:
        task = self.task(name)
        tasks = {each["name"]: each for each in self.plan["tasks"]}
        types = {p["name"]: p["type"] for p in self.plan["parameters"]}
        return job_of(self.session, self.tables, self.lake, task, tasks, item, self.work(), types)

    def work(self) -> dict[str, Any]:
        return {
            "run": f"r{self.sequence}",
            "pipeline": "small",
            "sequence": self.sequence,
            "startedAt": "2025-02-01T00:00:00.000+00:00",
            "parameters": {"as_of": "2025-01-01"},
        }

    def begin(self) -> None:
        self.sequence += 1

    def ingest(
        self,
        name: str,
        files: Iterable[Path],
        *,
        full: bool | None = None,
        replace: bool = False,
        partitions: Iterable[Mapping[str, str | None]] | None = None,
    ) -> dict[str, Any]:
        entries = [
            {
                "path": f"{name}/{f.name}",
                "uri": str(f),
                "etag": hashlib.sha256(f.read_bytes()).hexdigest(),
                "size": f.stat().st_size,
                "replace": replace,
            }
            for f in files
        ]
        for entry, partition in zip(entries, partitions or [], strict=False):
            entry["partition"] = partition
        mode = "full" if full or (full is None and name not in self.built) else "incremental"
        self.built.add(name)
        return run_ingest(self.job(name, {"mode": mode, "files": entries}))

    def transform(self, name: str, *, full: bool | None = None) -> dict[str, Any]:
        mode = "full" if full or (full is None and name not in self.built) else "incremental"
        item = {"mode": mode, "since": self.consumed.get(name, {})}
        job = self.job(name, item)
        outcome = run_transform(job)
        self.consumed[name] = {other: self.tables.version(job.upstream_path(other)) for other in job.upstream}
        self.built.add(name)
        return outcome

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """All rows with the contract's columns, sorted, so that two lakes can be compared."""
        task = self.task(name)
        table = self.session.arrow(self.tables.frame(self.place(name)))
        columns = [c["name"] for c in task["columns"]]
        return sorted((tuple(row[c] for c in columns) for row in table.to_pylist()), key=repr)


def write_people(path: Path, rows: Iterable[tuple[str, str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("id,town,born\n" + "".join(",".join(row) + "\n" for row in rows))
    return path


def write_visits(path: Path, rows: Iterable[tuple[str, str, float | None]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"id": i, "at": at, "minutes": m}) + "\n" for i, at, m in rows))
    return path


def write_towns(path: Path, rows: Mapping[str, int]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"town": list(rows), "size": pa.array(rows.values(), pa.int64())}), path)
    return path


def opened(engine: str) -> tuple[Session, Tables]:
    session = open_session(engine)
    return session, open_tables(session)
