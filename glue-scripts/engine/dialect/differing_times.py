"""Rules for dates and times that Sail computes differently from Spark."""

from engine.dialect.parts import Part
from engine.dialect.reading import Reading
from engine.dialect.rules import Found, Rule, always, unless_literal

UNITS = "'(year|yyyy|yy|quarter|month|mon|mm|week|day|dd|hour|minute|second)'"
SPAN_OF_UNITS = always(
    "Spark counts whole units between two times differently",
    "datediff(b, a), or unix_seconds(b) - unix_seconds(a)",
)


def field(reading: Reading, part: Part) -> Found:
    name = reading.original(part.arguments[0]).split()[0].strip("'\"").upper()
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
    if name in known:
        return None
    return (
        f"Spark extracts {name} from a date differently, or not at all",
        "dayofweek(x), weekday(x), year(x), unix_seconds(x)",
    )


def unit(at: int) -> Rule:
    return unless_literal(
        at, UNITS, "the unit is not a literal, or Sail does not know it", "'month', 'year', 'week', ..."
    )


def days(reading: Reading, part: Part) -> Found:
    if len(part.arguments) == 2 and reading.type(part.arguments[1]) == "Int64":
        return f"Spark's {part.name} does not take a bigint", f"{part.name}(x, CAST(n AS INT))"
    return day_of_text(reading, part)


def day_of_text(reading: Reading, part: Part) -> Found:
    if any(reading.kind(span) == "text" for span in part.arguments[:1]):
        return "Spark reads text that is not a plain date differently", f"{part.name}(CAST(x AS DATE))"
    return None


def between(reading: Reading, part: Part) -> Found:
    return SPAN_OF_UNITS(reading, part) if len(part.arguments) == 3 else day_of_text(reading, part)
