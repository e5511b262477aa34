"""Faults of a user's data or definition: data to be rendered once, never a stack trace."""

from collections.abc import Mapping, Sequence

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

    def as_issue(self) -> dict[str, str]:
        """The same as an Issue of `lib/errors.ts`: {code, path, message, hint}."""
        return {"code": self.code, "path": self.path, "message": self.message, "hint": self.hint}


def exit_text(issues: Sequence[Mapping[str, str]]) -> str | None:
    """Faults in one line, `MR302 task orders: message (path); try: hint`, without the task where there is none; None without any."""
    text = "; ".join(told(issue) for issue in issues)
    return (text[: MOST - 3] + "..." if len(text) > MOST else text) or None


def told(issue: Mapping[str, str]) -> str:
    of = f"task {issue['task']}: " if "task" in issue else ""
    hint = f"; try: {issue['hint']}" if issue.get("hint") else ""
    return f"{issue['code']} {of}{issue['message']} ({issue['path']}){hint}"
