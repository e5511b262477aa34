"""Runs one stage: its tasks in order, in one process and one session. Each outcome is saved as soon as the task ends."""

import importlib
import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from engine.check import check_plan
from engine.check_casts import check_casts
from engine.events import Events
from engine.faults import Fault
from engine.files import exists, read_text, write_text
from engine.foreign_errors import is_full_disk
from engine.job import Job
from engine.lake import Lake
from engine.log import lines_of, log
from engine.meter import measured
from engine.metrics import metrics_of
from engine.open_tables import open_tables
from engine.plan_types import Plan, Task, TaskAccount, TaskOutcome, WorkOrder
from engine.session import Engine, Session, last_stage, open_session
from engine.table_damage import damage_of_task, refuse_half_logs
from engine.task_kinds import job_of, kind_of


def run_stage(
    plan: Plan,
    work: WorkOrder,
    stage: str,
    root: str,
    engine: Engine,
    events: Events,
    check: bool = False,
) -> bool:
    """True if every task of the stage in the work order is done. A fault is sent as an event, not raised."""
    lake = Lake(root, plan["pipeline"])
    by_name = {task["name"]: task for task in plan["tasks"]}
    types = {p["name"]: p["type"] for p in plan["parameters"]}
    outcomes = lake.outcomes(work["run"])
    started = time.monotonic()
    session = open_session(engine)
    tables = open_tables(session)
    events.emit("stage.start", stage=stage, seconds=round(time.monotonic() - started, 3))
    try:
        tables.prepare_root(root)
        if check and not checked(session, plan, events):
            return False
        jobs = []
        for item in work["items"]:
            task = by_name[item["task"]]
            if task["stage"] == stage:
                jobs.append(job_of(session, tables, lake, task, by_name, item, work, types))
        return run_jobs(jobs, outcomes, events)
    except Fault as fault:
        events.emit("check.done", issues=[fault.as_issue()])
        return False
    finally:
        session.stop()


def import_libraries(jobs: Sequence[Job[Task]]) -> None:
    """Import the libraries that tasks need and that take long to import."""
    for library in {name for job in jobs for name in kind_of(job.task).libraries(job.task)}:
        importlib.import_module(library)


def run_jobs(jobs: Sequence[Job[Task]], outcomes: str, events: Events) -> bool:
    """Run tasks in the order given, with ingests in parallel if the tables allow it. After a failure no other task starts."""
    # The import takes most of a second, so it runs in parallel with the tasks before the training.
    threading.Thread(target=import_libraries, args=(jobs,), daemon=True).start()
    parallel = [job for job in jobs if kind_of(job.task).parallel and job.tables.ingests_in_parallel]
    failed = threading.Event()

    def run(job: Job[Task]) -> bool:
        done = False
        try:
            done = not failed.is_set() and run_task(job, outcomes, events)
        finally:
            if not done:
                failed.set()
        return done

    with ThreadPoolExecutor(1) as pool:
        # The smallest first, so that the tasks that read from it can start early.
        running = {job.task["name"]: pool.submit(run, job) for job in sorted(parallel, key=input_bytes)}
        for job in jobs:
            if job.task["name"] in running:
                continue
            if not all(running[name].result() for name in job.upstream if name in running) or not run(job):
                break
        return all([future.result() for future in running.values()]) and not failed.is_set()


def input_bytes(job: Job[Task]) -> int:
    return sum(file["size"] for file in job.item["files"])


def check_only(plan: Plan, engine: Engine, events: Events) -> bool:
    """Analyse the plan's SQL without running anything. False if there are issues."""
    session = open_session(engine)
    try:
        return checked(session, plan, events)
    finally:
        session.stop()


def checked(session: Session, plan: Plan, events: Events) -> bool:
    issues = check_plan(session, plan)
    events.emit("check.done", issues=issues, warnings=check_casts(plan))
    return not issues


def run_task(job: Job[Task], outcomes: str, events: Events) -> bool:
    """True if the task is done. Its outcome is saved before the event is sent."""
    with lines_of(job.task["name"]):
        return do_task(job, outcomes, events)


def do_task(job: Job[Task], outcomes: str, events: Events) -> bool:
    task = job.task
    record = f"{outcomes}/{task['name']}.json"
    if (known := reported(record)) is not None:
        log.info("done by an earlier attempt of this stage")
        events.emit("task.done", **known)
        return True
    events.emit("task.start", task=task["name"], kind=task["kind"], mode=job.item["mode"], why=job.item["why"])
    before = last_stage(job.session)
    try:
        with measured() as meter:
            refuse_half_logs(job)
            outcome = dispatch(job)
    except Exception as failure:
        fault = fault_of(failure, job)
        if fault is None:
            raise
        events.emit("task.failed", task=task["name"], issues=[fault.as_issue()])
        return False
    result: TaskOutcome = {
        "task": task["name"],
        "kind": task["kind"],
        "stage": task["stage"],
        "mode": job.item["mode"],
        "seconds": round(meter.total(), 3),
        **outcome,
        "metrics": metrics_of(job, outcome, meter, before),
    }
    write_text(record, json.dumps(result))
    events.emit("task.done", **result)
    return True


#: Codes of faults that an engine raises for bad SQL, but also for a table that it cannot read.
OF_SQL = ("MR301", "MR306")


def fault_of(failure: Exception, job: Job[Task]) -> Fault | None:
    """The fault that made a task fail; None for an unexpected failure. Only here is a damaged table told apart from other failures."""
    if isinstance(failure, Fault) and failure.code not in OF_SQL:
        return failure
    if is_full_disk(failure):
        return full_disk(job.lake)
    damaged = damage_of_task(job)
    if damaged is not None:
        return damaged
    return failure if isinstance(failure, Fault) else None


def reported(record: str) -> dict[str, Any] | None:
    """The outcome that a task saved in an earlier attempt of the stage; None if there is none or it is incomplete.

    In that case the task runs again, and its transaction id keeps it from committing twice.
    """
    try:
        return dict(json.loads(read_text(record))) if exists(record) else None
    except (OSError, ValueError, TypeError):
        return None


def full_disk(lake: Lake) -> Fault:
    return Fault(
        "MR501", lake.root, "the disk is full", "free some space and run again: the published tables are unchanged"
    )


def dispatch(job: Job[Task]) -> TaskAccount:
    return kind_of(job.task).run(job)
