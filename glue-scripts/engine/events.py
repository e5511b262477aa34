"""The events that the engine sends to the runner: one JSON document per line on stdout. Logs go to stderr."""

import json
import sys
import threading
from collections.abc import Mapping
from typing import Any, TextIO

from engine.log import now


class Events:
    """Writes events as they happen, from any thread. A reader sees each event as soon as its line is complete.

    Each event ends with the fields of `context` and with its time.
    """

    def __init__(self, out: TextIO | None = None, context: Mapping[str, str] | None = None) -> None:
        self._out = out or sys.stdout
        self._context = context or {}
        self._turn = threading.Lock()
        #: All issues sent so far, each with its `task` if it belongs to one.
        self.issues: list[Mapping[str, str]] = []

    def emit(self, event: str, **fields: Any) -> None:
        common = {name: value for name, value in self._context.items() if name not in fields}
        line = json.dumps({"event": event, **fields, **common, "at": now()}, separators=(",", ":")) + "\n"
        with self._turn:
            of = {"task": fields["task"]} if "task" in fields else {}
            self.issues += [{**of, **issue} for issue in fields.get("issues", [])]
            self._out.write(line)
            self._out.flush()
