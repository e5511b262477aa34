"""SQL as users write it: named parameters in, an engine's refusal out as a fault."""

import datetime
from collections.abc import Mapping
from typing import Any


def arguments(values: Mapping[str, Any], task: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """Values of the parameters that a task names: a date as a date, so that SQL need not cast it."""
    named = {name: values[name] for name in task.get("parameters", ())}
    return {
        name: datetime.date.fromisoformat(value) if types.get(name) == "date" else value
        for name, value in named.items()
    }


def first_line(failure: Exception) -> str:
    return str(failure).strip().split("\n")[0][:300]
