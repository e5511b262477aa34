"""Expectations: what must be true of a batch as a whole before it is committed."""

from collections.abc import Mapping
from typing import Any

from engine.faults import Fault
from engine.session import Session
from engine.sql import query


def judge(session: Session, task: Mapping[str, Any], args: Mapping[str, Any]) -> None:
    failed = broken_expectations(session, task, args, "error")
    if failed:
        hint = "correct the input or the SQL; the table stands as it was before"
        raise Fault("MR305", task["sqlFile"], f"{task['name']} breaks its expectation {', '.join(failed)}", hint)


def warnings(session: Session, task: Mapping[str, Any], args: Mapping[str, Any]) -> list[str]:
    return broken_expectations(session, task, args, "warn")


def broken_expectations(session: Session, task: Mapping[str, Any], args: Mapping[str, Any], severity: str) -> list[str]:
    rules = [rule for rule in task["expect"] if rule["severity"] == severity]
    if not rules:
        return []
    checks = ", ".join(f"coalesce(({rule['sql']}), false) AS `{rule['name']}`" for rule in rules)
    frame = query(session, task, f"SELECT {checks} FROM (SELECT * FROM _batch WHERE _bad IS NULL AND _rank = 1)", args)
    outcome = session.arrow(frame).to_pylist()[0]
    return [f"{rule['name']}: {rule['sql']}" for rule in rules if not outcome[rule["name"]]]
