"""SQL as users write it: named parameters in, an engine's refusal out as a fault."""

import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any


def arguments(values: Mapping[str, str | float], names: Iterable[str], types: Mapping[str, str]) -> dict[str, Any]:
    """Values of the parameters that a task names: a date as a date, so that SQL need not cast it."""
    named = {name: values[name] for name in names}
    return {
        name: datetime.date.fromisoformat(str(value)) if types.get(name) == "date" else value
        for name, value in named.items()
    }


#: What Spark names an error by, and says of it: `[CAST_INVALID_INPUT] The value ...`.
NAMED = re.compile(r"\[[A-Z][A-Z0-9_.]+\] [^\n]*")


def first_line(failure: Exception) -> str:
    text = str(failure).strip()
    if text.startswith("An error occurred while calling") and (named := NAMED.search(text)):
        # Of an error in the JVM the first line says only from where it was called.
        text = named[0]
    return text.split("\n")[0][:300]
