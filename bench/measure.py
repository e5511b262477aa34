"""Measures a command: seconds from start to end, and the peak memory of its process tree."""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from process_tree import Peak, kill, tree

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Measured:
    """`seconds` is None if the command was stopped at its limit."""

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
        # A separate session, so that a child whose parent has ended can still be found.
        start_new_session=True,
    )
    peak, done = Peak(), threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_SECONDS):
            peak.sample(process.pid)

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    seconds: float | None = None
    try:
        stdout, stderr = process.communicate(timeout=limit)
        seconds = time.monotonic() - started
    except subprocess.TimeoutExpired:
        kill(tree(process.pid))
        stdout, stderr = process.communicate()
    except BaseException:
        # Ctrl-C only reaches this process, because the command runs in a separate session.
        kill(tree(process.pid))
        raise
    finally:
        done.set()
        sampler.join()
    return Measured(seconds, peak.megabytes, process.returncode, stdout, stderr, limit)


def typical(runs: Sequence[Measured]) -> Measured:
    """The run with the median time, or one that was stopped, if there is one; with the greatest memory peak of all runs."""
    peak = max(run.peak_megabytes for run in runs)
    stopped = [run for run in runs if run.seconds is None]
    middle = statistics.median_low(run.seconds for run in runs if run.seconds is not None) if not stopped else None
    return replace(next(run for run in runs if run.seconds == middle), peak_megabytes=peak)
