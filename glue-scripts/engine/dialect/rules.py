"""Rules that find a difference between the engines at one part of a SQL text. A rule returns (message, rewrite), or None."""

import re
from collections.abc import Callable

from engine.dialect.parts import Part
from engine.dialect.reading import Reading

Found = tuple[str, str] | None
Rule = Callable[[Reading, Part], Found]


def always(message: str, rewrite: str) -> Rule:
    return lambda reading, part: (message, rewrite)


def given(kinds: set[str], message: str, rewrite: str) -> Rule:
    """Applies if an argument is of one of these kinds."""
    return lambda reading, part: (
        (message, rewrite) if any(reading.kind(span) in kinds for span in part.arguments) else None
    )


def unless_literal(at: int, form: str, message: str, rewrite: str) -> Rule:
    """Applies if argument `at` exists and is not a literal of this form."""

    def rule(reading: Reading, part: Part) -> Found:
        if len(part.arguments) <= at:
            return None
        text = reading.original(part.arguments[at])
        return None if re.fullmatch(form, text, re.IGNORECASE) else (message, rewrite)

    return rule


def double_as_text() -> tuple[str, str]:
    return (
        "Spark writes a double as text differently (1.0E7)",
        "CAST(CAST(x AS DECIMAL(38, 6)) AS STRING), or format_number(x, 2)",
    )


def with_double(reading: Reading, part: Part) -> Found:
    return double_as_text() if any(reading.kind(span) == "double" for span in part.arguments) else None


def null_literal(reading: Reading, part: Part) -> Found:
    if any(reading.original(span).upper() == "NULL" for span in part.arguments):
        return f"Spark or Sail refuses {part.name} with the literal NULL", "leave it out"
    return None


def mixed(reading: Reading, part: Part) -> Found:
    kinds = {reading.kind(span) for span in part.arguments}
    if "text" in kinds and kinds & {"int", "double", "decimal"}:
        return (
            "text is mixed with numbers: Spark casts the text, Sail the numbers",
            "CAST(... AS STRING), or use one type throughout",
        )
    if kinds >= {"date", "timestamp"} or (part.kind == "case" and "decimal" in kinds and kinds & {"int", "double"}):
        return "the results have several types, which Spark combines differently", "CAST each of them to the same type"
    return None
