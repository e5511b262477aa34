"""Saves the query plans of a task, as EXPLAIN prints them, next to the task's outcome."""

import contextlib
import io
import re
import tempfile
from pathlib import Path
from typing import Any

from engine.files import write_text
from engine.foreign_errors import first_line
from engine.job import Job
from engine.log import log
from engine.plan_types import Task


def plan_file(job: Job[Task]) -> str:
    return job.lake.query_plan(job.work["run"], job.task["name"])


def keep_plan(job: Job[Task], what: str, frame: Any) -> None:
    """Save the plan of a frame before it is computed, so that a failed task has one too. A failure here is only logged."""
    try:
        job.plans.append(f"{what}\n{'-' * len(what)}\n{without_places(explained(frame), job.lake.root)}\n")
        write_text(plan_file(job), "\n\n".join(job.plans))
    except Exception as failure:
        log.warning("cannot save the query plan of %s: %s", job.task["name"], first_line(failure))


def explained(frame: Any) -> str:
    """The logical and physical plan. Spark only prints them, and a query `EXPLAIN` takes twice as long and no parameters on Sail."""
    printed = io.StringIO()
    # Events are not affected: they hold the original stdout.
    with contextlib.redirect_stdout(printed):
        frame.explain(mode="extended")
    return printed.getvalue().strip()


def without_places(text: str, root: str) -> str:
    """The plan with `<root>` and `<scratch>` in place of this machine's folders, so that plans of two runs can be compared."""
    scratch = re.escape(tempfile.gettempdir().strip("/")) + r"/millrace-[^/\s\],]+"
    if "://" in root:
        return re.sub(f"(file:)?/*{scratch}", "<scratch>", text)
    folder = re.escape(str(Path(root).absolute()).strip("/"))
    return re.sub(f"(file:)?/*{scratch}", "<scratch>", re.sub(f"(file:)?/*{folder}(?=/)", "<root>", text))
