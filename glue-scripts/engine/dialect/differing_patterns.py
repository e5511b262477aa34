"""Rules for regular expressions and replacements that Sail reads differently from Java."""

import re

from engine.dialect.parts import Part
from engine.dialect.patterns import refused
from engine.dialect.reading import Reading
from engine.dialect.rules import Found, Rule
from engine.dialect.tokens import literal


def pattern_at(at: int) -> Rule:
    def rule(reading: Reading, part: Part) -> Found:
        if len(part.arguments) <= at:
            return None
        text = literal(reading.original(part.arguments[at]))
        if text is None:
            return "Spark may read a pattern that is not a literal differently", "a literal"
        if text == "":
            return "an empty pattern matches differently on Spark", "a pattern of one character or more"
        whole = part.name not in ("regexp_replace", "split")
        what = refused(text, whole)
        return (f"Sail's patterns lack or misread {what}", "a simpler pattern, such as [0-9] for \\d") if what else None

    return rule


def replacement(reading: Reading, part: Part) -> Found:
    if len(part.arguments) > 3:
        return "Sail's regexp_replace takes no position", "regexp_replace of substring(x, n)"
    text = literal(reading.original(part.arguments[2])) if len(part.arguments) == 3 else ""
    if text is None or "\\" in text or re.search(r"\$(?!\d(?!\w))", text):
        return (
            "Spark reads a replacement with a backslash, or a $ that is not a one-digit group, differently",
            "plain text and groups such as $1",
        )
    return None
