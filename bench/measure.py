"""Runs a command as a whole: seconds from start to end, and the most memory its process tree held at once."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Measured:
    """`seconds` is None where the command was stopped at its limit."""

    seconds: float | None
    peak_megabytes: float
    returncode: int
    stdout: str
    stderr: str
    limit: float | None = None


def measure(
    command: Sequence[str], *, limit: float | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Measured:
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        # A group of its own, so that a command stopped at its limit takes its JVM along.
        start_new_session=True,
    )
    peak = [0.0]
    done = threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_SECONDS):
            peak[0] = max(peak[0], tree_megabytes(process.pid))

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    try:
        stdout, stderr = process.communicate(timeout=limit)
        seconds: float | None = time.monotonic() - started
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate()
        seconds = None
    done.set()
    sampler.join()
    return Measured(seconds, peak[0], process.returncode, stdout, stderr, limit)


def tree_megabytes(pid: int) -> float:
    """Proportional memory of a process and all its descendants; shared pages count once."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.name))
    total, pending = 0, [pid]
    while pending:
        current = pending.pop()
        pending.extend(children.get(current, []))
        total += proportional_kilobytes(current)
    return total / 1024


def proportional_kilobytes(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
