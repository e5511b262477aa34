"""Runs a job's script as Glue does: `glue_wrapper.py SCRIPT ARGUMENTS`. A SystemExit fails the job, whatever its code is."""

import runpy
import sys
import traceback
from pathlib import Path


def main(argv: list[str]) -> int:
    script, *arguments = argv
    sys.argv = [script, *arguments]
    sys.path[0] = str(Path(script).resolve().parent)
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        print(f"SystemExit: {end.code}", file=sys.stderr, flush=True)
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    status = main(sys.argv[1:])
    if status:
        sys.exit(status)
