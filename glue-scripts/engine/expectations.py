"""Expectations: what must be true of the rows to be committed as a whole, or of the table as it will be, before the commit."""

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.faults import Fault
from engine.job import Job
from engine.plan_types import Expectation, TransformTask

BATCH = "SELECT * FROM _batch WHERE _bad IS NULL AND _rank = 1"


@dataclass
class Judged:
    """What did not hold and is only a warning, each a sentence; and what was not judged, each as `name: predicate`."""

    warnings: list[str] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)


def judge(job: Job[TransformTask], rows: int, after: Callable[[], str]) -> Judged:
    """Raises MR305 where an expectation of severity `error` does not hold.

    `rows` are those to be committed. Where an incremental run has none, nothing can be said of them: only expectations of the
    table are judged then. `after` gives a query for the table as the commit will leave it.
    """
    empty = rows == 0 and not job.full
    rules = job.task["expect"]
    of_batch = [] if empty else [rule for rule in rules if not of_table(rule)]
    whole = [rule for rule in rules if of_table(rule)]
    broken = [*failing(job, of_batch, BATCH), *(failing(job, whole, after()) if whole else [])]
    errors = [text(rule) for rule in broken if rule["severity"] == "error"]
    if errors:
        message = f"{job.task['name']} breaks its expectation {', '.join(errors)}"
        raise Fault("MR305", job.task["sqlFile"], message, way_on(job, rows))
    return Judged(
        warnings=[f"expectation {rule['name']} does not hold: {rule['sql']}" for rule in broken],
        unjudged=[text(rule) for rule in rules if not of_table(rule)] if empty else [],
    )


def of_table(rule: Expectation) -> bool:
    return bool(rule.get("on") == "table")


def text(rule: Expectation) -> str:
    return f"{rule['name']}: {rule['sql']}"


def way_on(job: Job[TransformTask], rows: int) -> str:
    if rows == 0:
        return "no row is left to commit: see the quarantine table, repair or remove the input, run again; the table stands as it was"
    return "correct the input or the SQL and run again, or make it severity `warn`; the table stands as it was"


def failing(job: Job[TransformTask], rules: list[Expectation], rows: str) -> list[Expectation]:
    if not rules:
        return []
    checks = ", ".join(f"coalesce(({rule['sql']}), false) AS `{rule['name']}`" for rule in rules)
    [outcome] = job.session.arrow(job.theirs(f"SELECT {checks} FROM ({rows})")).to_pylist()
    return [rule for rule in rules if not outcome[rule["name"]]]
