"""The named parameters of a user's SQL."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any


def arguments(values: Mapping[str, str | float], names: Iterable[str], types: Mapping[str, str]) -> dict[str, Any]:
    """The values of the parameters that a task names. A date parameter becomes a date, so that SQL need not cast it."""
    named = {name: values[name] for name in names}
    return {
        name: datetime.date.fromisoformat(str(value)) if types.get(name) == "date" else value
        for name, value in named.items()
    }
