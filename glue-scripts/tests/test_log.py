"""All log lines are JSON with the run, the task and the host, also those of libraries."""

import io
import json
import logging
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from engine.events import Events
from engine.log import context_of, lines_of, log, log_to

CONTEXT = {"run": "r1", "stage": "build", "host": "h"}


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    written = io.StringIO()
    log_to(written, CONTEXT)
    yield written
    logging.captureWarnings(False)
    root.handlers, _ = before
    root.setLevel(before[1])


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_has_the_run_the_task_and_the_host(out: io.StringIO) -> None:
    log.info("before")
    with lines_of("people"):
        log.warning("%d rows", 3)
    first, second = lines(out)
    assert {**first, "at": ""} == {"level": "info", "message": "before", **CONTEXT, "at": ""}
    assert (second["level"], second["message"], second["task"]) == ("warning", "3 rows", "people")
    assert second["at"].endswith("Z")


def test_lines_of_two_threads_have_their_own_task(out: io.StringIO) -> None:
    with lines_of("a"):
        thread = threading.Thread(target=lambda: log.info("beside"))
        thread.start()
        thread.join()
        log.info("own")
    assert [line.get("task") for line in lines(out)] == [None, "a"]


def test_library_warnings_are_lines_too_but_their_info_is_not(out: io.StringIO) -> None:
    logging.getLogger("py4j").info("chatter")
    logging.getLogger("py4j").error("two\nlines")
    warnings.warn("old", UserWarning, stacklevel=1)
    first, second = lines(out)
    assert (first["logger"], first["message"]) == ("py4j", "two\nlines")
    assert second["logger"] == "py.warnings" and "UserWarning: old" in second["message"]


def test_an_exception_is_one_line_with_its_stack_trace(out: io.StringIO) -> None:
    try:
        raise ZeroDivisionError("by zero")
    except ZeroDivisionError:
        log.exception("a fault")
    [line] = lines(out)
    assert line["level"] == "error" and line["exception"].endswith("ZeroDivisionError: by zero")


def test_events_end_with_the_context_fields_that_they_do_not_set_themselves() -> None:
    out = io.StringIO()
    events = Events(out, CONTEXT)
    events.emit("stage.start", stage="predict", seconds=1)
    events.emit("task.failed", task="t", issues=[{"code": "MR302"}])
    started, failed = (json.loads(line) for line in out.getvalue().splitlines())
    assert (started["stage"], started["run"], failed["stage"]) == ("predict", "r1", "build")
    assert out.getvalue().splitlines()[1].startswith('{"event":"task.failed","task":"t",')
    assert events.issues == [{"task": "t", "code": "MR302"}]


def test_unknown_context_fields_are_left_out() -> None:
    assert set(context_of(run=None, stage=None)) == {"host"}
