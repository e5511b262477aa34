"""Expectations: conditions on the rows to be committed as a whole, or on the table after the commit. Checked before the commit."""

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.faults import Fault
from engine.job import Job
from engine.plan_types import Expectation, TransformTask

BATCH = "SELECT * FROM _batch WHERE _bad IS NULL AND _rank = 1"


@dataclass
class Judged:
    """`warnings`: a sentence for each broken expectation of severity `warn`. `unjudged`: those not checked, as `name: predicate`."""

    warnings: list[str] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)


def judge(job: Job[TransformTask], rows: int, after: Callable[[], str]) -> Judged:
    """Checks the expectations of a task. Raises MR305 if one of severity `error` does not hold.

    `rows` is the number of rows to be committed. If an incremental run has none, only the expectations of the whole table are
    checked. `after` returns a query for the table as it will be after the commit.
    """
    empty = rows == 0 and not job.full
    rules = job.task["expect"]
    of_batch = [] if empty else [rule for rule in rules if not of_table(rule)]
    whole = [rule for rule in rules if of_table(rule)]
    broken = [*failing(job, of_batch, BATCH), *(failing(job, whole, after()) if whole else [])]
    errors = [text(rule) for rule in broken if rule["severity"] == "error"]
    if errors:
        message = f"{job.task['name']} breaks its expectation {', '.join(errors)}"
        raise Fault("MR305", job.task["sqlFile"], message, hint_for(job, rows))
    return Judged(
        warnings=[f"expectation {rule['name']} does not hold: {rule['sql']}" for rule in broken],
        unjudged=[text(rule) for rule in rules if not of_table(rule)] if empty else [],
    )


def of_table(rule: Expectation) -> bool:
    return bool(rule.get("on") == "table")


def text(rule: Expectation) -> str:
    return f"{rule['name']}: {rule['sql']}"


def hint_for(job: Job[TransformTask], rows: int) -> str:
    if rows == 0:
        return "no row is left to commit: see the quarantine table, repair or remove the input, run again; the table is unchanged"
    return "correct the input or the SQL and run again, or set its severity to `warn`; the table is unchanged"


def failing(job: Job[TransformTask], rules: list[Expectation], rows: str) -> list[Expectation]:
    """The rules that do not hold for the rows of this query."""
    if not rules:
        return []
    checks = ", ".join(f"coalesce(({rule['sql']}), false) AS `{rule['name']}`" for rule in rules)
    [outcome] = job.session.arrow(job.pipeline_sql(f"SELECT {checks} FROM ({rows})")).to_pylist()
    return [rule for rule in rules if not outcome[rule["name"]]]
