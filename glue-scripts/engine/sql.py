"""SQL as users write it: named parameters in, an engine's refusal out as a fault."""

import datetime
from collections.abc import Mapping
from typing import Any

from engine.faults import Fault
from engine.session import Session


def arguments(parameters: Mapping[str, Any], task: Mapping[str, Any]) -> dict[str, Any]:
    """Parameter values as the engine takes them: a date as a date, so that SQL need not cast it."""
    types = task.get("parameterTypes", {})
    values = {}
    for name in task["parameters"]:
        value = parameters[name]
        values[name] = datetime.date.fromisoformat(value) if types.get(name) == "date" else value
    return values


def query(session: Session, task: Mapping[str, Any], sql: str, args: Mapping[str, Any]) -> Any:
    """The frame of a SELECT; nothing is computed yet. MR301 for SQL that the engine refuses."""
    try:
        return session.spark.sql(sql, args=dict(args)) if args else session.spark.sql(sql)
    except Exception as failure:
        message = f"the engine refuses the SQL: {first_line(failure)}"
        raise Fault("MR301", task["sqlFile"], message, "run `millrace check`") from None


def first_line(failure: Exception) -> str:
    return str(failure).strip().split("\n")[0][:300]
