"""Rules for JSON that Sail writes or reads differently from Spark."""

import re

from engine.dialect.parts import Part
from engine.dialect.reading import Reading
from engine.dialect.rules import Found
from engine.dialect.tokens import literal


def written_json(reading: Reading, part: Part) -> Found:
    for span in part.arguments[:1]:
        if re.search(r"Float|Timestamp|Decimal", reading.type(span)):
            return (
                f"on Spark {part.name} writes doubles, decimals and times differently",
                "date_format(t, 'yyyy-MM-dd HH:mm:ss') for a time, format_number(x, 2) for a number",
            )
    return None


def read_json(reading: Reading, part: Part) -> Found:
    says = literal(reading.original(part.arguments[1])) if len(part.arguments) > 1 else None
    if says is None or re.search(
        r"\b(INT|INTEGER|SMALLINT|TINYINT|FLOAT|TIMESTAMP|DATE|DECIMAL|BINARY)\b", says, re.IGNORECASE
    ):
        return (
            f"on Spark {part.name} reads an int that overflows, a date or a time differently",
            "declare it as STRING, BIGINT, DOUBLE or BOOLEAN, and cast it afterwards",
        )
    return None
