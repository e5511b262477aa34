"""Rules for operators, casts, IN and USING that Sail computes differently from Spark."""

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
        return "Spark refuses DIV on anything but integers, or computes it differently", "CAST(floor(a / b) AS BIGINT)"
    if part.name in "+-*%" and reading.type(part.span).startswith("Decimal128(38,"):
        return (
            "Spark rounds a decimal of 38 digits differently, or it overflows",
            "CAST each side to fewer digits, such as DECIMAL(18, 2)",
        )
    if part.name == "-" and kinds[0] == "date" and kinds[1] in ("date", "timestamp"):
        return "a date minus a date is an interval on Spark, a number on Sail", f"datediff({texts[0]}, {texts[1]})"
    if part.name in "+-" and "date" in kinds and re.search(r"HOUR|MINUTE|SECOND", " ".join(texts), re.IGNORECASE):
        return (
            "a date plus hours is a timestamp on Spark, a date on Sail",
            f"CAST({texts[0]} AS TIMESTAMP) {part.name} {texts[1]}",
        )
    if part.name == "||" and "double" in kinds:
        return double_as_text()
    return None


def members(reading: Reading, part: Part) -> Found:
    """IN and USING do not match NaN on Sail. An equality does, because it is rewritten."""
    if part.name == "IN":
        numbers = tokens_of(reading.original((part.arguments[0][1], part.span[1])))
        listed = all(token.kind in ("number", "mark") or token.word in ("NOT", "IN") for token in numbers)
        if not listed and reading.kind(part.arguments[0]) == "double":
            return "IN matches NaN on Spark, but not on Sail", "EXISTS (SELECT 1 ... WHERE a.x = b.x)"
        return None
    for span in part.arguments:
        # After the join the name is one column, whose type can be asked for.
        name = reading.original(span)
        if reading.kind_behind(part.span, name) == "double":
            return "USING matches NaN on Spark, but not on Sail", f"ON a.{name} = b.{name}"
    return None


def cast(reading: Reading, part: Part) -> Found:
    kind, to = reading.kind(part.arguments[0]), part.more.split("(")[0].strip()
    text = literal(reading.original(part.arguments[0])) or ""
    if to == "string" and kind == "double":
        return double_as_text()
    if to == "string" and kind == "nested":
        return "Spark writes an array, map or struct as text differently", "to_json(x), or array_join(x, ',')"
    if to in ("int", "integer", "double", "float", "decimal") and kind == "timestamp":
        return "Spark rounds a time before 1970 with a fraction differently", "CAST(x AS BIGINT)"
    if to in ("date", "timestamp") and text.strip().lower() in ("today", "now", "epoch", "yesterday", "tomorrow"):
        return f"'{text}' is a date for Spark, but not for Sail", "a parameter of the pipeline"
    return None
