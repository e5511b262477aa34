"""What a task costs: seconds by phase, and the most memory that the process held meanwhile."""

import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

#: In the order in which a task comes by them. What is in no other phase is computing.
PHASES = ("read", "compute", "check", "write")

_current: ContextVar["Meter | None"] = ContextVar("meter", default=None)


class Meter:
    """Every moment counts to one phase: the innermost that is on. So the phases add up to the time of the task."""

    def __init__(self) -> None:
        self._seconds = dict.fromkeys(PHASES, 0.0)
        self._on = ["compute"]
        self._since = time.monotonic()
        self.peak = 0

    def enter(self, phase: str) -> None:
        self._charge()
        self._on.append(phase)

    def leave(self) -> None:
        self._charge()
        self._on.pop()

    def seconds(self) -> dict[str, float]:
        """Seconds so far by phase, of those that took any."""
        self._charge()
        return {phase: round(taken, 3) for phase, taken in self._seconds.items() if taken >= 0.0005}

    def _charge(self) -> None:
        now = time.monotonic()
        self._seconds[self._on[-1]] += now - self._since
        self._since = now


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Counts what happens within to a phase of the task that this thread does; outside of a task to nothing."""
    meter = _current.get()
    if meter is None:
        yield
        return
    meter.enter(name)
    try:
        yield
    finally:
        meter.leave()


@contextmanager
def measured() -> Iterator[Meter]:
    """The meter of what this thread does within."""
    meter = Meter()
    token = _current.set(meter)
    _peaks.begin(meter)
    try:
        yield meter
    finally:
        _peaks.end(meter)
        _current.reset(token)


class Peaks:
    """Linux counts the most memory that a process held since it was told to begin anew, which each task does."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._running: set[Meter] = set()

    def begin(self, meter: Meter) -> None:
        with self._turn:
            # Of tasks that run side by side, none may lose what another makes the system forget.
            self._note()
            with suppress(OSError):
                Path("/proc/self/clear_refs").write_text("5")
            self._running.add(meter)

    def end(self, meter: Meter) -> None:
        with self._turn:
            self._note()
            self._running.discard(meter)

    def _note(self) -> None:
        peak = peak_bytes()
        for meter in self._running:
            meter.peak = max(meter.peak, peak)


_peaks = Peaks()


def peak_bytes() -> int:
    """The most that this process held in memory; where the system does not say since when, since its start."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
