"""Finds SQL that the engine can analyse but cannot execute, by planning it before any data is read."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from engine.dialect.sail import for_sail
from engine.dialect.tokens import place, tokens_of
from engine.dialect.unsupported import stopped_at, unsupported_in
from engine.foreign_errors import first_line
from engine.plan_types import FoundIssue
from engine.query_plan import explained
from engine.session import Session
from engine.session_sail import function_names

#: What EXPLAIN prints in place of a physical plan that the engine cannot make.
UNPLANNED = re.compile(r"^Physical plan error: (?:error in DataFusion: )?(.*)", re.MULTILINE)

#: Pattern in the engine's error -> one thing to do about it.
HINTS = (
    (
        "No field named|logical expression AggregateFunction",
        "name the aggregate in the SELECT list, and ORDER BY that name",
    ),
    (
        "cannot resolve attribute",
        "a SELECT cannot use its own aliases: repeat the expression",
    ),
    ("(CLUSTER|DISTRIBUTE) BY", "remove it: the rows of a table have no order"),
    ("expected query node", "write one SELECT: Millrace writes the table"),
    ("expected one statement", "write one SELECT, and nothing after its semicolon"),
)

#: How Sail names a function that it does not have.
UNKNOWN_FUNCTION = re.compile(r"unknown function: (\w+)")

FUNCTIONS = "see https://spark.apache.org/docs/3.5.6/api/sql"
SYNTAX = "see https://spark.apache.org/docs/3.5.6/sql-ref-syntax-qry-select.html"


def unplanned(session: Session, sql: str, args: Mapping[str, Any]) -> str | None:
    """Why the engine cannot execute SQL that it has analysed; None if it can."""
    try:
        plan = explained(session.sql(for_sail(session, sql, args), args))
    except Exception as failure:
        return first_line(failure)
    found = UNPLANNED.search(plan)
    return found[1][:300] if found else None


def refusal(session: Session, path: str, sql: str, reason: str, is_rule: bool = False) -> FoundIssue:
    """MR301, with the place in the SQL and a hint if they are known. `reason`: the engine's error. A rule is named by its text."""
    stopped = stopped_at(sql, reason)
    hint = next((hint for pattern, hint in HINTS if re.search(pattern, reason)), None)
    at, message = stopped or (None, reason)
    if (unknown := UNKNOWN_FUNCTION.search(reason)) is not None:
        at, hint = place_of_call(sql, unknown[1]), nearest_function(unknown[1])
    if stopped is not None:
        message, hint = f"it cannot be parsed at {message}", hint or SYNTAX
    if (unsupported := unsupported_in(session, sql)) is not None:
        at, message, hint = unsupported
    issue: FoundIssue = {
        "code": "MR301",
        "path": path if at is None or is_rule else f"{path}:{at}",
        "message": f"the engine refuses {sql if is_rule else 'the SQL'}: {message}",
    }
    return issue if hint is None else {**issue, "hint": hint}


def place_of_call(sql: str, name: str) -> str | None:
    """`line:column` of the first call of a function."""
    tokens = tokens_of(sql)
    calls = [token for token, after in pairwise(tokens) if token.word == name.upper() and after.text == "("]
    return place(sql, calls[0].start) if calls else None


def nearest_function(name: str) -> str:
    """The function with the most similar name, or where all are listed."""
    near = get_close_matches(name.lower(), function_names(), n=1, cutoff=0.75)
    return f"{near[0]}?" if near else FUNCTIONS
