"""Operators, casts and memberships that Sail computes otherwise than Spark."""

import re

from engine.dialect.parts import Part
from engine.dialect.reading import Reading
from engine.dialect.rules import Found, double_as_text
from engine.dialect.tokens import literal, tokens_of


def arithmetic(reading: Reading, part: Part) -> Found:
    kinds = [reading.kind(span) for span in part.arguments]
    texts = [reading.original(span) for span in part.arguments]
    if part.name == "/" and "decimal" in kinds and "double" not in kinds:
        return (
            "a quotient of decimals has other digits on Spark",
            f"CAST({texts[0]} AS DOUBLE) / {texts[1]}, or 2.0D for 2.0",
        )
    if part.name == "DIV" and set(kinds) - {"int"}:
        return "DIV of anything but whole numbers is refused by Spark, or differs", "CAST(floor(a / b) AS BIGINT)"
    if part.name in "+-*%" and reading.type(part.span).startswith("Decimal128(38,"):
        return (
            "a decimal of 38 digits is rounded or overflows otherwise on Spark",
            "CAST each side to fewer digits, as DECIMAL(18, 2)",
        )
    if part.name == "-" and kinds[0] == "date" and kinds[1] in ("date", "timestamp"):
        return "a date less a date is an interval on Spark, and a number here", f"datediff({texts[0]}, {texts[1]})"
    if part.name in "+-" and "date" in kinds and re.search(r"HOUR|MINUTE|SECOND", " ".join(texts), re.IGNORECASE):
        return (
            "a date with hours added is a timestamp on Spark, and a date here",
            f"CAST({texts[0]} AS TIMESTAMP) {part.name} {texts[1]}",
        )
    if part.name == "||" and "double" in kinds:
        return double_as_text()
    return None


def members(reading: Reading, part: Part) -> Found:
    """An equality is written anew, so that it finds NaN; what stands for one is not."""
    if part.name == "IN":
        numbers = tokens_of(reading.original((part.arguments[0][1], part.span[1])))
        listed = all(token.kind in ("number", "mark") or token.word in ("NOT", "IN") for token in numbers)
        if not listed and reading.kind(part.arguments[0]) == "double":
            return "a double that is NaN is found by IN on Spark, and not here", "EXISTS (SELECT 1 ... WHERE a.x = b.x)"
        return None
    for span in part.arguments:
        # Behind the join the name is one column, whose type can be asked for.
        name = reading.original(span)
        if reading.kind_behind(part.span, name) == "double":
            return "a double that is NaN is joined on Spark, and not by USING here", f"ON a.{name} = b.{name}"
    return None


def cast(reading: Reading, part: Part) -> Found:
    kind, to = reading.kind(part.arguments[0]), part.more.split("(")[0].strip()
    says = literal(reading.original(part.arguments[0])) or ""
    if to == "string" and kind == "double":
        return double_as_text()
    if to == "string" and kind == "nested":
        return "an array, map or struct as text is written otherwise on Spark", "to_json(x), or array_join(x, ',')"
    if to in ("int", "integer", "double", "float", "decimal") and kind == "timestamp":
        return "a time before 1970 with a fraction is rounded otherwise on Spark", "CAST(x AS BIGINT)"
    if to in ("date", "timestamp") and says.strip().lower() in ("today", "now", "epoch", "yesterday", "tomorrow"):
        return f"'{says}' is a day for Spark and no day here", "a parameter of the pipeline"
    return None
