"""The query plans of a task: what the engine is about to do for each query, as it explains it, beside what the task reports."""

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
    return f"{job.lake.outcomes(job.work['run'])}/{job.task['name']}.plan.txt"


def keep_plan(job: Job[Task], what: str, frame: Any) -> None:
    """Keep the plan of a frame before it is computed, so that a task that fails has one too. Stops nothing."""
    try:
        job.plans.append(f"{what}\n{'-' * len(what)}\n{without_places(explained(frame), job.lake.root)}\n")
        write_text(plan_file(job), "\n\n".join(job.plans))
    except Exception as failure:
        log.warning("the query plan of %s was not kept: %s", job.task["name"], first_line(failure))


def explained(frame: Any) -> str:
    """Logical and physical plan. Spark only prints them; the query EXPLAIN takes twice as long, and no parameters on Sail."""
    printed = io.StringIO()
    # Events keep the stdout that they began with.
    with contextlib.redirect_stdout(printed):
        frame.explain(mode="extended")
    return printed.getvalue().strip()


def without_places(text: str, root: str) -> str:
    """Folders of this machine as `<root>` and `<scratch>`: a plan is shown to others, and compared with that of another run."""
    scratch = re.escape(tempfile.gettempdir().strip("/")) + r"/millrace-[^/\s\],]+"
    if "://" in root:
        return re.sub(f"(file:)?/*{scratch}", "<scratch>", text)
    folder = re.escape(str(Path(root).absolute()).strip("/"))
    return re.sub(f"(file:)?/*{scratch}", "<scratch>", re.sub(f"(file:)?/*{folder}(?=/)", "<root>", text))
