"""Patterns and replacements that Sail reads otherwise than Java."""

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
        says = literal(reading.original(part.arguments[at]))
        if says is None:
            return "a pattern that is no literal may be read otherwise on Spark", "a literal"
        if says == "":
            return "an empty pattern matches otherwise on Spark", "a pattern of one character or more"
        whole = part.name not in ("regexp_replace", "split")
        what = refused(says, whole)
        return (
            (f"this engine's patterns lack or misread {what}", "a plainer pattern, as [0-9] for \\d") if what else None
        )

    return rule


def replacement(reading: Reading, part: Part) -> Found:
    if len(part.arguments) > 3:
        return "this engine's regexp_replace takes no position", "regexp_replace of substring(x, n)"
    says = literal(reading.original(part.arguments[2])) if len(part.arguments) == 3 else ""
    if says is None or "\\" in says or re.search(r"\$(?!\d(?!\w))", says):
        return (
            "a replacement with a backslash, or a $ that is no group of one digit, is read otherwise on Spark",
            "$1, and nothing else of the kind",
        )
    return None
