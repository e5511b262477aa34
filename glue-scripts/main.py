"""Runs one stage of a plan: `main.py --plan P --work W --stage S --run R --root DIR [--engine E]`.

`--engine` is `sail` or `spark` on this machine, or the compute kind of a service, such as `glue`.
`--region` is the region of the buckets: without it, Arrow would ask an address that a private network does not reach.
`--check` first analyses the SQL of the plan, before any data is read. Without a stage, the program does only this.
Exit status: 0 done, 1 a fault, 2 wrong arguments. Faults are events, and also the last line of stderr in the format of `issue_line`,
because a service keeps only that line of a failed job.
"""

import argparse
import json
import os
import signal
import sys
import threading

from engine.events import Events
from engine.faults import Fault, exit_text
from engine.files import read_text
from engine.foreign_errors import first_line
from engine.log import context_of, log, log_to
from engine.schema import plan_of, work_of
from engine.scratch import ended, scratch_below
from engine.session import ENGINES


def main(argv: list[str]) -> str | None:
    """The exit text with the faults; None on success."""
    parser = argparse.ArgumentParser(description="Run one stage of a Millrace plan.")
    parser.add_argument("--plan", required=True)
    parser.add_argument("--work")
    parser.add_argument("--stage")
    parser.add_argument("--run")
    parser.add_argument("--root")
    parser.add_argument("--engine", choices=ENGINES, default="sail")
    parser.add_argument("--region")
    parser.add_argument("--check", action="store_true")
    # Glue adds further arguments to every job.
    arguments, _ = parser.parse_known_args(argv)
    if arguments.region is not None:
        os.environ["AWS_REGION"] = arguments.region
    context = context_of(run=arguments.run, stage=arguments.stage)
    log_to(sys.stderr, context)
    events = Events(context=context)
    try:
        with scratch_below(arguments.root, arguments.run):
            return run(arguments, events)
    except Fault as fault:
        return exit_text([fault.as_issue()])
    except Exception as failure:
        log.exception("an unexpected error")
        return f"{type(failure).__name__}: {first_line(failure)}"


def run(arguments: argparse.Namespace, events: Events) -> str | None:
    plan = plan_of(document(arguments.plan, "MR750", "the plan"), arguments.plan)
    if os.environ.get("MILLRACE_WATCH_STDIN") == "1":
        end_with_parent()
    from engine.stage import check_only, run_stage

    if arguments.stage is None:
        check_only(plan, arguments.engine, events)
        return exit_text(events.issues)
    work = work_of(document(arguments.work, "MR751", "the work order"), arguments.work)
    done = run_stage(plan, work, arguments.stage, arguments.root, arguments.engine, events, check=arguments.check)
    return None if done else exit_text(events.issues) or "the stage did not finish"


def document(place: str, code: str, name: str) -> object:
    try:
        return json.loads(read_text(place))
    except (OSError, ValueError):
        message = f"{name} is missing or damaged"
        raise Fault(code, place, message, "start another run: it writes a new one") from None


def end_with_parent() -> None:
    """Ends this process when stdin closes: then the runner was killed, and nothing waits for the result."""

    def watch() -> None:
        sys.stdin.read()
        ended(signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def without_unused_libraries() -> None:
    """Prevents xgboost from importing scikit-learn: the engine does not use it, and its import takes longer than a small training."""
    sys.modules["sklearn"] = None  # type: ignore[assignment]


if __name__ == "__main__":
    without_unused_libraries()
    # Glue takes every SystemExit for a failure, even one with status 0.
    if (fault := main(sys.argv[1:])) is not None:
        sys.exit(fault)
