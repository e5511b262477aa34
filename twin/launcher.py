"""Starts MiniStack on 127.0.0.1 with Millrace's additions: `launcher.py --port N --log FILE [--agreement] [--as-published]`.

With --agreement, Step Functions run in virtual time, for the comparison with our own interpreter. With --as-published they run
without our corrections, to show why these are needed.
Exit status 2: wrong arguments, or another version of ministack than the pinned one.
"""

import argparse
import importlib.metadata
import os
import sys
import threading
from pathlib import Path

# Pinned, because the additions replace private functions, which differ between versions.
VERSION = "1.5.33"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Start the twin.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--agreement", action="store_true")
    parser.add_argument("--as-published", action="store_true")
    arguments = parser.parse_args(argv)
    log = os.open(arguments.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    found = importlib.metadata.version("ministack")
    if found != VERSION:
        print(f"this launcher needs ministack {VERSION}, found {found}", file=sys.stderr)
        return 2
    if os.environ.get("MILLRACE_WATCH_STDIN") == "1":
        threading.Thread(target=end_with_parent, daemon=True).start()
    os.environ.setdefault("MILLRACE_TWIN_FOLDER", str(arguments.log.parent))
    os.environ.update(GATEWAY_PORT=str(arguments.port), BIND_HOST="127.0.0.1", IOT_MTLS_ENABLED="0")
    # MiniStack reads its settings when it is imported.
    import alarm_events
    import corrections
    import engine_runs
    import roles_of_services
    from ministack import app

    if not arguments.as_published:
        corrections.apply()
    alarm_events.apply()
    engine_runs.apply(f"http://127.0.0.1:{arguments.port}")
    roles_of_services.apply()
    if os.environ.get("MILLRACE_TWIN_RECORDING") == "1":
        sys.path.append(str(Path(__file__).parent / "recording"))
        import recording

        recording.apply()
    if arguments.agreement:
        import agreement

        agreement.apply()
    sys.argv = ["ministack"]
    app.main()
    return 0


def end_with_parent() -> None:
    """End when our stdin closes: then the parent process has ended, and could no longer stop this one."""
    while os.read(0, 1):
        pass
    os._exit(143)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
