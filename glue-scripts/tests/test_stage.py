"""The order of a stage: ingests run in parallel with other tasks, and nothing starts after a failure."""

import io
import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine import stage
from engine.events import Events
from engine.faults import Fault
from engine.lake import Lake, Table
from engine.stage import run_jobs


def job(name: str, kind: str, upstream: tuple[str, ...] = (), size: int = 1, beside: bool = True) -> Any:
    return SimpleNamespace(
        task={"name": name, "kind": kind, "stage": "build", "layer": "silver"},
        makes=None,
        upstream={name: Table("bronze", name, [], [], True, True, True) for name in upstream},
        item={"mode": "full", "why": "never built", "files": [{"size": size}]},
        tables=SimpleNamespace(ingests_in_parallel=beside),
        lake=Lake("here", "small"),
        session=SimpleNamespace(stages=lambda after=-1: None),
    )


class World:
    """Simulates tasks. Each has an instruction: an exception to raise, or an event to wait for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, **instructions: Any) -> None:
        self.folder, self.instructions, self.out = folder, instructions, io.StringIO()
        self.running: list[str] = []
        monkeypatch.setattr(stage, "dispatch", self.dispatch)

    def dispatch(self, job: Any) -> dict[str, Any]:
        name = job.task["name"]
        self.running.append(name)
        instruction = self.instructions.get(name)
        if isinstance(instruction, Exception):
            raise instruction
        if instruction is not None:
            instruction[0].set()
            assert instruction[1].wait(5), f"{name} waited in vain"
        return {"read": 0}

    def run(self, *jobs: Any) -> bool:
        return run_jobs(jobs, str(self.folder), Events(self.out))

    def events(self, event: str) -> list[str]:
        lines = [json.loads(line) for line in self.out.getvalue().splitlines()]
        return [line["task"] for line in lines if line["event"] == event]

    def recorded(self) -> list[str]:
        return sorted(file.stem for file in self.folder.glob("*.json"))


def test_an_ingest_runs_in_parallel_with_a_transform_that_does_not_need_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    large, clean = threading.Event(), threading.Event()
    world = World(monkeypatch, tmp_path, large=(large, clean), clean=(clean, large))
    jobs = [job("large", "ingest", size=9), job("small", "ingest"), job("clean", "transform", ("small",))]
    assert world.run(*jobs, job("both", "transform", ("clean", "large")))
    assert world.running[0] == "small" and world.running[-1] == "both"
    assert world.recorded() == ["both", "clean", "large", "small"] == sorted(world.events("task.done"))


def test_tasks_run_one_by_one_if_the_tables_require_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    world = World(monkeypatch, tmp_path)
    names = ["large", "small", "clean"]
    assert world.run(*(job(n, "transform" if n == "clean" else "ingest", beside=False) for n in names))
    assert world.running == names


def test_a_failed_ingest_stops_its_readers_and_all_tasks_not_yet_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    world = World(monkeypatch, tmp_path, a=Fault("MR203", "a.csv", "no header", "add one"))
    jobs = [job("a", "ingest"), job("b", "ingest", size=2), job("of_a", "transform", ("a",)), job("other", "transform")]
    assert not world.run(*jobs)
    assert world.running == ["a"] and world.events("task.failed") == ["a"] and world.recorded() == []


def test_after_a_failed_transform_a_running_ingest_ends_and_no_other_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun, never = threading.Event(), threading.Event()
    never.set()
    world = World(monkeypatch, tmp_path, a=(begun, never), bad=Fault("MR301", "bad.sql", "no", "check"))
    assert not world.run(job("a", "ingest"), job("bad", "transform", ("a",)), job("last", "transform"))
    assert world.events("task.failed") == ["bad"] and world.recorded() == ["a"] and "last" not in world.running


def test_an_unexpected_error_in_either_thread_is_raised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("a", "t"):
        world = World(monkeypatch, tmp_path / name, **{name: ZeroDivisionError()})
        world.folder.mkdir()
        with pytest.raises(ZeroDivisionError):
            world.run(job("a", "ingest"), job("t", "transform", ("a",)))


def test_a_second_attempt_of_a_stage_continues_where_the_first_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = World(monkeypatch, tmp_path, t=Fault("MR301", "t.sql", "no", "check"))
    assert not first.run(job("a", "ingest"), job("t", "transform", ("a",)))
    second = World(monkeypatch, tmp_path)
    assert second.run(job("a", "ingest"), job("t", "transform", ("a",)))
    assert second.running == ["t"] and second.events("task.done") == ["a", "t"]
