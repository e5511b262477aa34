"""What the engine tells the runner: one JSON document a line on stdout. Logs go to stderr."""

import json
import sys
import threading
from collections.abc import Mapping
from typing import Any, TextIO


class Events:
    """Writes events as they happen, from any thread; a reader sees each as soon as its line is complete."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._turn = threading.Lock()

    def emit(self, event: str, **fields: Any) -> None:
        line = json.dumps({"event": event, **fields}, separators=(",", ":")) + "\n"
        with self._turn:
            self._out.write(line)
            self._out.flush()

    def issues(self, event: str, issues: list[Mapping[str, str]], **fields: Any) -> None:
        self.emit(event, issues=issues, **fields)
