"""Finds SQL that the engine can analyse but cannot execute, by planning it before any data is read."""

import re
from collections.abc import Mapping
from typing import Any

from engine.dialect.sail import for_sail
from engine.foreign_errors import first_line
from engine.plan_types import FoundIssue
from engine.query_plan import explained
from engine.session import Session

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
        "a SELECT cannot use its own aliases, nor GROUP BY ALL: repeat the expression",
    ),
    ("(CLUSTER|DISTRIBUTE) BY", "remove it: the rows of a table have no order"),
)


def unplanned(session: Session, sql: str, args: Mapping[str, Any]) -> str | None:
    """Why the engine cannot execute SQL that it has analysed; None if it can."""
    try:
        plan = explained(session.sql(for_sail(session, sql, args), args))
    except Exception as failure:
        return first_line(failure)
    found = UNPLANNED.search(plan)
    return found[1][:300] if found else None


def refusal(path: str, what: str, reason: str) -> FoundIssue:
    """MR301, with a hint if the engine's `reason` is a known one."""
    issue: FoundIssue = {"code": "MR301", "path": path, "message": f"the engine refuses {what}: {reason}"}
    hint = next((hint for pattern, hint in HINTS if re.search(pattern, reason)), None)
    return issue if hint is None else {**issue, "hint": hint}
