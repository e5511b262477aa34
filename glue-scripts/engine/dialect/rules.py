"""How a difference between the engines is found at one part of a SQL text: a rule gives what differs and a rewrite, or None."""

import re
from collections.abc import Callable

from engine.dialect.parts import Part
from engine.dialect.reading import Reading

Found = tuple[str, str] | None
Rule = Callable[[Reading, Part], Found]


def always(message: str, rewrite: str) -> Rule:
    return lambda reading, part: (message, rewrite)


def given(kinds: set[str], message: str, rewrite: str) -> Rule:
    """Where an argument is of one of these kinds."""
    return lambda reading, part: (
        (message, rewrite) if any(reading.kind(span) in kinds for span in part.arguments) else None
    )


def unless_literal(at: int, form: str, message: str, rewrite: str) -> Rule:
    """Where argument `at` is there and is no literal of this form."""

    def rule(reading: Reading, part: Part) -> Found:
        if len(part.arguments) <= at:
            return None
        text = reading.original(part.arguments[at])
        return None if re.fullmatch(form, text, re.IGNORECASE) else (message, rewrite)

    return rule


def double_as_text() -> tuple[str, str]:
    return (
        "a double as text is written otherwise on Spark (1.0E7)",
        "CAST(CAST(x AS DECIMAL(38, 6)) AS STRING), or format_number(x, 2)",
    )


def with_double(reading: Reading, part: Part) -> Found:
    return double_as_text() if any(reading.kind(span) == "double" for span in part.arguments) else None


def null_literal(reading: Reading, part: Part) -> Found:
    if any(reading.original(span).upper() == "NULL" for span in part.arguments):
        return f"{part.name} of the literal NULL is refused by Spark, or by this engine", "leave it out"
    return None


def mixed(reading: Reading, part: Part) -> Found:
    kinds = {reading.kind(span) for span in part.arguments}
    if "text" in kinds and kinds & {"int", "double", "decimal"}:
        return (
            "text beside numbers: Spark casts the text, this engine the numbers",
            "CAST(... AS STRING), or one type throughout",
        )
    if kinds >= {"date", "timestamp"} or (part.kind == "case" and "decimal" in kinds and kinds & {"int", "double"}):
        return "results of several types come out in another one on Spark", "CAST each of them to one type"
    return None
