"""Faults of a user's data or definition: data to be rendered once, never a stack trace."""

from collections.abc import Sequence

from engine.issue_line import ToldIssue, line_of

#: What Glue keeps of the reason that a job failed for.
MOST = 1000


class Fault(Exception):
    """A fault with its code (`MR...`), the path it is about, what is wrong, and what to try."""

    def __init__(self, code: str, path: str, message: str, hint: str = "") -> None:
        # All four go to `args`, so that a fault raised on an executor pickles and arrives whole.
        super().__init__(code, path, message, hint)
        self.code = code
        self.path = path
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.code}  {self.path}: {self.message}" + (f" ({self.hint})" if self.hint else "")

    @staticmethod
    def of(issue: ToldIssue) -> "Fault":
        return Fault(issue["code"], issue["path"], issue["message"], issue.get("hint", ""))

    def as_issue(self) -> dict[str, str]:
        """The same as an Issue of `lib/errors.ts`: {code, path, message, hint}."""
        return {"code": self.code, "path": self.path, "message": self.message, "hint": self.hint}


def exit_text(issues: Sequence[ToldIssue]) -> str | None:
    """Faults in one line, as `issue_line` writes them; None without any."""
    return line_of(issues, MOST) if issues else None
