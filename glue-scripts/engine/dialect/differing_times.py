"""Dates and times that Sail computes otherwise than Spark."""

from engine.dialect.parts import Part
from engine.dialect.reading import Reading
from engine.dialect.rules import Found, Rule, always, unless_literal

UNITS = "'(year|yyyy|yy|quarter|month|mon|mm|week|day|dd|hour|minute|second)'"
SPAN_OF_UNITS = always(
    "whole units between two times are counted otherwise on Spark",
    "datediff(b, a), or unix_seconds(b) - unix_seconds(a)",
)


def field(reading: Reading, part: Part) -> Found:
    says = reading.original(part.arguments[0]).split()[0].strip("'\"").upper()
    known = {
        *(
            "YEAR",
            "Y",
            "YEARS",
            "QUARTER",
            "QTR",
            "MONTH",
            "MON",
            "MONTHS",
            "WEEK",
            "W",
            "WEEKS",
            "DAY",
            "D",
            "DAYS",
            "DOY",
        ),
        *("HOUR", "HOURS", "MINUTE", "MINUTES", "SECOND", "SECONDS"),
    }
    if says in known:
        return None
    return (
        f"{says} is taken out of a date otherwise on Spark, or not at all",
        "dayofweek(x), weekday(x), year(x), unix_seconds(x)",
    )


def unit(at: int) -> Rule:
    return unless_literal(
        at, UNITS, "a unit that is no literal, or that this engine does not know", "'month', 'year', 'week', ..."
    )


def days(reading: Reading, part: Part) -> Found:
    if len(part.arguments) == 2 and reading.type(part.arguments[1]) == "Int64":
        return f"Spark's {part.name} takes no bigint", f"{part.name}(x, CAST(n AS INT))"
    return day_of_text(reading, part)


def day_of_text(reading: Reading, part: Part) -> Found:
    if any(reading.kind(span) == "text" for span in part.arguments[:1]):
        return "text that is no plain day is taken for a date otherwise on Spark", f"{part.name}(CAST(x AS DATE))"
    return None


def between(reading: Reading, part: Part) -> Found:
    return SPAN_OF_UNITS(reading, part) if len(part.arguments) == 3 else day_of_text(reading, part)
