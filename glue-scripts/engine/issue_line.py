"""Issues as one line of text: for what carries text alone, the reason of an exit and the message of an exception.

`lib/documents/issue-line.ts` writes and reads the same; `contracts/golden/issue-lines.json` says what both must give.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TypeGuard

#: What the line begins with, wherever a service puts it.
MARK = "millrace-issues:"
FIELDS = ("task", "code", "path", "message", "hint")
NEEDED = ("code", "path", "message")

ToldIssue = Mapping[str, str]


def line_of(issues: Sequence[ToldIssue], most: int) -> str:
    """The line, of ASCII and at most so many characters: the first issues whole, and how many more there are.

    Where not even the first has room, its texts are cut.
    """
    listed = [{name: issue[name] for name in FIELDS if issue.get(name) or name in NEEDED} for issue in issues]
    fitting = ""
    for count in range(1, len(listed) + 1):
        line = written(listed[:count], len(listed) - count)
        if len(line) > most:
            break
        fitting = line
    longest = most // 4
    while not fitting:
        line = written([shortened(listed[0], longest)], len(listed) - 1)
        fitting = line if len(line) <= most or longest <= 3 else ""
        longest //= 2
    return fitting


def written(issues: Sequence[ToldIssue], more: int) -> str:
    document = {"issues": issues, **({"more": more} if more else {})}
    return MARK + json.dumps(document, separators=(",", ":"))


def shortened(issue: ToldIssue, longest: int) -> ToldIssue:
    return {name: text if len(text) <= longest else text[: longest - 3] + "..." for name, text in issue.items()}


def issues_in(text: str) -> list[ToldIssue]:
    """The issues of the first such line in a text, whatever is around it; none where there is no whole one."""
    at = text.find(MARK)
    if at < 0:
        return []
    try:
        document, _ = json.JSONDecoder().raw_decode(text[at + len(MARK) :])
    except ValueError:
        return []
    issues = document.get("issues") if isinstance(document, dict) else None
    return issues if isinstance(issues, list) and all(map(is_issue, issues)) else []


def is_issue(found: object) -> TypeGuard[ToldIssue]:
    return isinstance(found, dict) and all(isinstance(found.get(name), str) for name in NEEDED)
