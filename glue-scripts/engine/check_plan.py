"""SQL that the engine analyses and cannot carry out: found by planning it, before any data is read."""

import re
from collections.abc import Mapping
from typing import Any

from engine.dialect.sail import for_sail
from engine.foreign_errors import first_line
from engine.plan_types import FoundIssue
from engine.query_plan import explained
from engine.session import Session

#: What the engine says of a physical plan that it cannot make, where it explains a query.
UNPLANNED = re.compile(r"^Physical plan error: (?:error in DataFusion: )?(.*)", re.MULTILINE)

#: What a refusal says -> one thing to do.
HINTS = (
    (
        "No field named|logical expression AggregateFunction",
        "give what ORDER BY counts or sums a name in the SELECT list, and order by that name",
    ),
    (
        "cannot resolve attribute",
        "a name that a SELECT gives is not known in the same SELECT, nor is GROUP BY ALL: write the expression again",
    ),
    ("(CLUSTER|DISTRIBUTE) BY", "leave it out: the rows of a table have no order"),
)


def unplanned(session: Session, sql: str, args: Mapping[str, Any]) -> str | None:
    """Why the engine cannot carry out SQL that it has analysed; None where it can."""
    try:
        plan = explained(session.sql(for_sail(session, sql, args), args))
    except Exception as failure:
        return first_line(failure)
    found = UNPLANNED.search(plan)
    return found[1][:300] if found else None


def refusal(path: str, what: str, said: str) -> FoundIssue:
    """MR301, with what to do where that is known."""
    issue: FoundIssue = {"code": "MR301", "path": path, "message": f"the engine refuses {what}: {said}"}
    hint = next((hint for pattern, hint in HINTS if re.search(pattern, said)), None)
    return issue if hint is None else {**issue, "hint": hint}
