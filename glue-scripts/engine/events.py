"""What the engine tells the runner: one JSON document a line on stdout. Logs go to stderr."""

import json
import sys
from collections.abc import Mapping
from typing import Any, TextIO


class Events:
    """Writes events as they happen; a reader sees each as soon as its line is complete."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    def emit(self, event: str, **fields: Any) -> None:
        self._out.write(json.dumps({"event": event, **fields}, separators=(",", ":")) + "\n")
        self._out.flush()

    def issues(self, event: str, issues: list[Mapping[str, str]], **fields: Any) -> None:
        self.emit(event, issues=issues, **fields)
