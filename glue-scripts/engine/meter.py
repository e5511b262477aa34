"""Measures a task: seconds by phase, and the peak memory of the process while it ran."""

import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

#: In the order in which a task goes through them. Time outside the other phases counts as `compute`.
PHASES = ("read", "compute", "check", "write")

_current: ContextVar["Meter | None"] = ContextVar("meter", default=None)


class Meter:
    """Charges each moment to one phase, the innermost open one, so that the phases add up to the time of the task."""

    def __init__(self) -> None:
        self._seconds = dict.fromkeys(PHASES, 0.0)
        self._open = ["compute"]
        self._since = time.monotonic()
        self.peak = 0

    def enter(self, phase: str) -> None:
        self._charge()
        self._open.append(phase)

    def leave(self) -> None:
        self._charge()
        self._open.pop()

    def end(self) -> None:
        """Charge the time since the last change of phase, and no time after this call."""
        self._charge()
        self._open.clear()

    def total(self) -> float:
        """Seconds of all phases so far."""
        self._charge()
        return sum(self._seconds.values())

    def seconds(self) -> dict[str, float]:
        """Phase -> seconds so far, without the phases that took no time."""
        self._charge()
        return {phase: round(taken, 3) for phase, taken in self._seconds.items() if taken >= 0.0005}

    def _charge(self) -> None:
        now = time.monotonic()
        if self._open:
            self._seconds[self._open[-1]] += now - self._since
        self._since = now


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Charge the time inside this context to a phase of this thread's task. Does nothing outside a task."""
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
    """A meter for what this thread does inside the context."""
    meter = Meter()
    token = _current.set(meter)
    _peaks.begin(meter)
    try:
        yield meter
    finally:
        meter.end()
        _peaks.end(meter)
        _current.reset(token)


class Peaks:
    """Peak memory per task. Linux counts the peak since its counter was last reset, and each task resets it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._running: set[Meter] = set()

    def begin(self, meter: Meter) -> None:
        with self._turn:
            # The reset below would lose the peak of tasks that run at the same time, so note it first.
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
    """The peak memory of this process in bytes, since the last reset, or since its start if the system has no reset."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
