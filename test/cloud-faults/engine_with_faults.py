"""The engine as it is, dying or waiting where a test says: `engine_with_faults.py FAULT main.py ARGS...`.

FAULT is a JSON file, {"at": ..., "task": ..., "times": n}: `begun` (nothing of the task is done), `committed` (its table is committed, and the
caller gets no answer), `reported` (its outcome is written), or `start` with `until`, a file: waits before anything is read until that file is there.
Without the file, and after `times` times, the engine runs as always.
"""

import json
import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any


def main(fault_file: Path, script: str, arguments: list[str]) -> None:
    sys.argv = [script, *arguments]
    sys.path.insert(0, str(Path(script).parent))
    fault = json.loads(fault_file.read_text()) if fault_file.exists() else {}
    if fault.get("at") == "start":
        wait(Path(fault["until"]))
    elif fault:
        arm(fault, fault_file)
    runpy.run_path(script, run_name="__main__")


def wait(until: Path) -> None:
    until.with_suffix(".waiting").touch()
    while not until.exists():
        time.sleep(0.05)


def arm(fault: dict[str, Any], fault_file: Path) -> None:
    from engine import stage

    dispatch, write_text = stage.dispatch, stage.write_text

    def die() -> None:
        left = fault["times"] - 1
        if left > 0:
            fault_file.write_text(json.dumps({**fault, "times": left}))
        else:
            fault_file.unlink()
        # As a machine that goes away: nothing is tidied up.
        os._exit(137)

    def dispatching(job: Any) -> Any:
        if fault["at"] == "begun" and job.task["name"] == fault["task"]:
            die()
        return dispatch(job)

    def writing(path: str, text: str) -> None:
        mine = path.endswith(f"/tasks/{fault['task']}.json")
        if mine and fault["at"] == "committed":
            die()
        write_text(path, text)
        if mine and fault["at"] == "reported":
            die()

    stage.dispatch, stage.write_text = dispatching, writing


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
