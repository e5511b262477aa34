"""Faults in a user's data or definition. A fault is data that the CLI renders once, never a stack trace."""

from collections.abc import Sequence

from engine.issue_line import IssueFields, line_of

#: How many characters Glue keeps of the reason for which a job failed.
MOST = 1000


class Fault(Exception):
    """A fault: its code (`MR...`), the path it is about, what is wrong, and what to try."""

    def __init__(self, code: str, path: str, message: str, hint: str = "") -> None:
        # All four go to `args`, so that pickling a fault on an executor keeps all of it.
        super().__init__(code, path, message, hint)
        self.code = code
        self.path = path
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.code}  {self.path}: {self.message}" + (f" ({self.hint})" if self.hint else "")

    @staticmethod
    def of(issue: IssueFields) -> "Fault":
        return Fault(issue["code"], issue["path"], issue["message"], issue.get("hint", ""))

    def as_issue(self) -> dict[str, str]:
        """The fault as an Issue of `lib/errors.ts`: {code, path, message, hint}."""
        return {"code": self.code, "path": self.path, "message": self.message, "hint": self.hint}


def exit_text(issues: Sequence[IssueFields]) -> str | None:
    """The issues in one line, as `issue_line` writes them; None if there are none."""
    return line_of(issues, MOST) if issues else None
