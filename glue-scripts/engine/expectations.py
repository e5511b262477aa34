"""Expectations: what must be true of a batch as a whole before it is committed."""

from engine.faults import Fault
from engine.job import Job


def judge(job: Job) -> None:
    """Raises MR305 where an expectation of severity `error` does not hold."""
    failed = broken_expectations(job, "error")
    if failed:
        hint = "correct the input or the SQL; the table stands as it was before"
        message = f"{job.task['name']} breaks its expectation {', '.join(failed)}"
        raise Fault("MR305", job.task["sqlFile"], message, hint)


def warnings(job: Job) -> list[str]:
    return broken_expectations(job, "warn")


def broken_expectations(job: Job, severity: str) -> list[str]:
    rules = [rule for rule in job.task["expect"] if rule["severity"] == severity]
    if not rules:
        return []
    checks = ", ".join(f"coalesce(({rule['sql']}), false) AS `{rule['name']}`" for rule in rules)
    frame = job.theirs(f"SELECT {checks} FROM (SELECT * FROM _batch WHERE _bad IS NULL AND _rank = 1)")
    [outcome] = job.session.arrow(frame).to_pylist()
    return [f"{rule['name']}: {rule['sql']}" for rule in rules if not outcome[rule["name"]]]
