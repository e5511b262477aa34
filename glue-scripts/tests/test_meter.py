"""The phases of a task add up to its time, and parallel tasks each have their peak memory."""

import threading
import time

import pytest

from engine import meter
from engine.meter import Meter, measured, phase


def test_every_moment_is_charged_to_the_innermost_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])

    def passes(seconds: float) -> None:
        clock[0] += seconds

    with measured() as task:
        passes(1)
        with phase("write"):
            passes(2)
            with phase("read"):
                passes(4)
            passes(8)
        with phase("write"):
            passes(16)
        passes(32)
    assert task.seconds() == {"read": 4, "compute": 33, "write": 26}
    assert sum(task.seconds().values()) == clock[0]


def test_a_failing_phase_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    with measured() as task:
        with pytest.raises(ValueError), phase("read"):
            clock[0] += 1
            raise ValueError
        clock[0] += 2
    assert task.seconds() == {"read": 1, "compute": 2}


def test_a_phase_outside_a_task_or_in_another_thread_is_not_charged() -> None:
    with phase("read"):
        pass
    with measured() as task:
        thread = threading.Thread(target=lambda: time.sleep(0.01 if phase("read") else 0))
        thread.start()
        thread.join()
    assert "read" not in task.seconds()


def test_the_peak_memory_of_a_task_is_the_peak_while_it_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    held = [100]
    monkeypatch.setattr(meter, "peak_bytes", lambda: held[0])
    peaks = meter.Peaks()
    a, b = Meter(), Meter()
    peaks.begin(a)
    held[0] = 900
    peaks.begin(b)  # This resets the system's peak of 900, but not the peak of a.
    held[0] = 300
    peaks.end(a)
    held[0] = 500
    peaks.end(b)
    assert (a.peak, b.peak) == (900, 500)


def test_the_peak_includes_memory_that_was_released() -> None:
    with measured() as small:
        pass
    with measured() as large:
        block = bytearray(64 << 20)
        block[:: 1 << 12] = b"x" * len(block[:: 1 << 12])
        del block
    assert small.peak > 1 << 20
    assert large.peak > 64 << 20
