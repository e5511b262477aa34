"""Finds SQL that Sail computes differently from Spark 3.5 and that cannot be rewritten. `check` refuses it and suggests other SQL."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.dialect.differing_calls import CALLS
from engine.dialect.differing_operators import arithmetic, cast, members
from engine.dialect.parts import Part
from engine.dialect.reading import Reading
from engine.dialect.rules import Found, Rule, mixed
from engine.dialect.sail import lower
from engine.dialect.spark_functions import SPARK_FUNCTIONS
from engine.dialect.tokens import place, tokens_of
from engine.session import Session

#: Syntax that looks like a function but is not in Spark's list of functions.
SYNTAX = {"pattern", "timestampadd", "timestampdiff", "dateadd", "percentile_cont", "percentile_disc", "values"}
#: Kind of part, other than a call -> its rules.
BY_KIND: dict[str, tuple[Rule, ...]] = {
    "operator": (arithmetic,),
    "cast": (cast,),
    "sign": (),
    "equality": (),
    "case": (mixed,),
    "membership": (members,),
}


@dataclass(frozen=True)
class Difference:
    """`at` is `line:column` in the SQL; `rewrite` is other SQL that both engines compute alike."""

    code: str
    at: str
    message: str
    rewrite: str


def differences(session: Session, sql: str, args: Mapping[str, Any]) -> list[Difference]:
    """The differences in some SQL; none if the session runs on Spark.

    MR116: computed differently. MR117: not a function of Spark 3.5. MR118: arithmetic on an unknown type.
    """
    if session.engine != "sail":
        return []
    reading = Reading(session, sql, args)
    found = list(words(sql))
    for part in reading.parts:
        difference = judged(reading, part)
        if difference is not None:
            code, (message, rewrite) = difference
            found.append(Difference(code, place(sql, part.span[0]), message, rewrite))
        lower(reading, part)
    return found


def judged(reading: Reading, part: Part) -> tuple[str, tuple[str, str]] | None:
    """Code, message and rewrite of the first difference at a part; None if both engines compute it alike."""
    if part.kind == "call":
        # A qualified name is a column of a struct or a table, not a function.
        if part.name not in SPARK_FUNCTIONS | SYNTAX:
            return "MR117", (
                f"Spark 3.5 has no function {part.name}",
                "a function of https://spark.apache.org/docs/3.5.6/api/sql",
            )
        rules = CALLS.get(part.name, ())
    else:
        rules = BY_KIND[part.kind]
    if part.kind == "operator" and part.name in "+-*" and not reading.type(part.span):
        what = f"the type of {reading.original(part.span)[:60]} is not known, so an overflow would not be noticed"
        return "MR118", (what, "CAST(... AS BIGINT) on each side, or AS DOUBLE")
    difference = next((found for found in (rule(reading, part) for rule in rules) if found is not None), None)
    return ("MR116", difference) if difference is not None else None


def words(sql: str) -> Iterator[Difference]:
    """The differences that show without types."""
    tokens = tokens_of(sql)
    for token, after, last in zip(tokens, tokens[1:], tokens[2:], strict=False):
        found: Found = None
        if token.word == "IGNORE" and after.word == "NULLS" and last.text == ")":
            found = "Spark 3.5 takes IGNORE NULLS only after the bracket", "lag(x) IGNORE NULLS OVER (...)"
        if token.word == "WHEN" and after.word in ("TRUE", "FALSE", "NULL") and last.word == "THEN":
            found = f"WHEN {after.word} is removed before types are checked", "leave the branch out, or make it ELSE"
        if (token.text in "/%" or token.word == "DIV") and re.fullmatch(r"0+(\.0*)?[LD]?", after.text):
            found = "a division by the literal 0 fails before any row is read", "nullif(x, 0) in place of 0"
        if token.text == "-" and re.fullmatch(r"0+(\.0*)?D?|\.0+D?", after.text) and after.text not in ("0",):
            found = "-0.0 and 0.0 are one value in Spark's lists and sets, and two values in Sail's", "0.0D"
        if token.word == "UNPIVOT" and after.text == "(":
            found = "UNPIVOT crashes Sail", "LATERAL VIEW stack(2, 'a', a, 'b', b) t AS name, value"
        if token.text in ("<<", ">>", "::") or (token.word == "QUALIFY" and after.text != ","):
            found = f"Spark 3.5 has no {token.text}", "shiftleft(x, n), CAST(x AS type), or a subquery with WHERE"
        if found is not None:
            yield Difference("MR116", place(sql, token.start), *found)
