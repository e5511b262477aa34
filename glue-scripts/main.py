"""Runs one stage of a plan: `main.py --plan P --work W --stage S --run R --root DIR [--engine sail|spark]`.

`--check` analyses the plan's SQL first, before any data is read; without a stage, that is all it does.
Exit status: 0 done, 1 a fault (told as an event), 2 wrong arguments.
"""

import argparse
import json
import os
import sys
import threading

from engine.events import Events
from engine.files import read_text


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Run one stage of a Millrace plan.")
    parser.add_argument("--plan", required=True)
    parser.add_argument("--work")
    parser.add_argument("--stage")
    parser.add_argument("--run")
    parser.add_argument("--root")
    parser.add_argument("--engine", choices=["sail", "spark"], default="sail")
    parser.add_argument("--check", action="store_true")
    # Glue adds arguments of its own to every job.
    arguments, _ = parser.parse_known_args(argv)
    events = Events()
    plan = json.loads(read_text(arguments.plan))
    if os.environ.get("MILLRACE_WATCH_STDIN") == "1":
        end_with_parent()
    from engine.stage import check_only, run_stage

    if arguments.stage is None:
        return 0 if check_only(plan, arguments.engine, events) else 1
    work = json.loads(read_text(arguments.work))
    done = run_stage(plan, work, arguments.stage, arguments.root, arguments.engine, events, check=arguments.check)
    return 0 if done else 1


def end_with_parent() -> None:
    """A runner that is killed closes our stdin; nobody would wait for what this process still does."""

    def watch() -> None:
        sys.stdin.read()
        os._exit(143)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
