"""Issues as one line of text, for channels that carry only text: the reason of an exit, the message of an exception.

`lib/documents/issue-line.ts` writes and reads the same line. `contracts/golden/issue-lines.json` holds examples that both must meet.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TypeGuard

#: The start of the line, by which it is found in a longer text.
MARK = "millrace-issues:"
FIELDS = ("task", "code", "path", "message", "hint")
NEEDED = ("code", "path", "message")

IssueFields = Mapping[str, str]


def line_of(issues: Sequence[IssueFields], most: int) -> str:
    """The line: ASCII, at most `most` characters, with the first issues whole and the number of the others.

    If not even the first issue fits, its texts are cut.
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


def written(issues: Sequence[IssueFields], more: int) -> str:
    document = {"issues": issues, **({"more": more} if more else {})}
    return MARK + json.dumps(document, separators=(",", ":"))


def shortened(issue: IssueFields, longest: int) -> IssueFields:
    return {name: text if len(text) <= longest else text[: longest - 3] + "..." for name, text in issue.items()}


def issues_in(text: str) -> list[IssueFields]:
    """The issues of the first such line in a text; an empty list if there is no complete one."""
    at = text.find(MARK)
    if at < 0:
        return []
    try:
        document, _ = json.JSONDecoder().raw_decode(text[at + len(MARK) :])
    except ValueError:
        return []
    issues = document.get("issues") if isinstance(document, dict) else None
    return issues if isinstance(issues, list) and all(map(is_issue, issues)) else []


def is_issue(found: object) -> TypeGuard[IssueFields]:
    return isinstance(found, dict) and all(isinstance(found.get(name), str) for name in NEEDED)
