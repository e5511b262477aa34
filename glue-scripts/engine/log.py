"""Log lines: one JSON document per line on stderr, with the run, task and host that wrote it."""

import datetime
import json
import logging
import socket
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

log = logging.getLogger("millrace")

_task: ContextVar[str | None] = ContextVar("task", default=None)


@contextmanager
def lines_of(task: str) -> Iterator[None]:
    """Log lines of this thread name that task while the context is open."""
    token = _task.set(task)
    try:
        yield
    finally:
        _task.reset(token)


def now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def context_of(**known: str | None) -> dict[str, str]:
    """The fields common to all lines of this process: the host, and those of {run, pipeline, stage} that are known."""
    return {**{name: value for name, value in known.items() if value}, "host": socket.gethostname()}


class JsonLines(logging.Formatter):
    def __init__(self, context: Mapping[str, str]) -> None:
        super().__init__()
        self._context = context

    def format(self, record: logging.LogRecord) -> str:
        task = _task.get()
        line = {
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **({"exception": self.formatException(record.exc_info)} if record.exc_info else {}),
            **({} if record.name == log.name else {"logger": record.name}),
            **({} if task is None else {"task": task}),
            **self._context,
            "at": now(),
        }
        return json.dumps(line, separators=(",", ":"), default=str)


def log_to(out: TextIO, context: Mapping[str, str]) -> None:
    """Send Python's log and library warnings to `out` as JSON lines. Replaces earlier handlers."""
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines(context))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    log.setLevel(logging.INFO)
    logging.captureWarnings(True)
    if not sys.warnoptions:
        warnings.simplefilter("default", UserWarning)
