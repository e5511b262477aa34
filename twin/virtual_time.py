"""Runs MiniStack's Step Functions in virtual time: executions never wait for a real clock, and always have the same order.

Each branch, item and Task with a timeout, a thread in MiniStack, becomes a process of the simulation. If a branch or item fails, its
siblings are stopped, as on AWS. MiniStack lets them run on, and reports the failure with the lowest number, not the earliest one.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as futures_wait
from datetime import UTC, datetime, timedelta
from typing import Any

from jsonata import timebox
from ministack.services import stepfunctions as sfn
from simulation import Process, VirtualTime, current, required

START = datetime(2025, 1, 1, tzinfo=UTC)


class _Thread:
    """The part of threading.Thread that MiniStack uses in an execution."""

    def __init__(self, target: Callable[..., Any], args: tuple = (), daemon: bool = True) -> None:
        self._work = lambda: target(*args)

    def start(self) -> None:
        self._process = required().spawn(self._work)

    def join(self) -> None:
        required().wait_for(self._process)


class _Pool:
    """The part of ThreadPoolExecutor that MiniStack uses for a Map: items start in order, at most `max_workers` at a time."""

    def __init__(self, max_workers: int) -> None:
        self._most = max_workers
        self._items: deque[Callable[[], Any]] = deque()
        self._workers: list[Process] = []

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def submit(self, call: Callable[..., Any], *args: Any) -> "_Pool":
        self._items.append(lambda: call(*args))
        if len(self._workers) < self._most:
            self._workers.append(required().spawn(self._run_items))
        return self

    def _run_items(self) -> None:
        me = required().me()
        while self._items and not me.failed:
            self._items.popleft()()

    def wait(self) -> None:
        for worker in self._workers:
            required().wait_for(worker)


def _wait_for_pool(items: list[_Pool]) -> None:
    if items:
        items[0].wait()


class _Module:
    """A module in which some names are replaced for threads that belong to an execution."""

    def __init__(self, module: Any, **ours: Any) -> None:
        self._module = module
        self._ours = ours

    def __getattr__(self, name: str) -> Any:
        return self._ours[name] if name in self._ours and current() else getattr(self._module, name)


def apply() -> None:
    """Run each execution of MiniStack's Step Functions in its own virtual time, which begins at START."""
    sfn.time = _Module(time, sleep=lambda seconds: required().sleep(round(seconds * 1000)))
    sfn.threading = _Module(threading, Thread=_Thread)
    sfn.ThreadPoolExecutor = lambda max_workers: (_Pool if current() else ThreadPoolExecutor)(max_workers)
    sfn.futures_wait = lambda items: (_wait_for_pool if current() else futures_wait)(items)
    sfn.now_iso = _now_iso(sfn.now_iso)
    # MiniStack fails an expression that takes more than a second, which happens at random on a busy machine. Here it takes no time.
    timebox.Timebox.current_milli_time = staticmethod(lambda: 0)
    sfn._sleep_until = _sleep_until(sfn._sleep_until)
    sfn._invoke_resource_with_timeout = _invoke_with_timeout(sfn._invoke_resource_with_timeout)
    sfn._run_sub_machine = _stopping_siblings(sfn._run_sub_machine)
    sfn._run_execution = _in_virtual_time(sfn._run_execution)


def _now_iso(original: Callable[[], str]) -> Callable[[], str]:
    def now_iso() -> str:
        here = current()
        if here is None:
            return original()
        return (START + timedelta(milliseconds=here.now)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    return now_iso


def _sleep_until(original: Callable[[str], None]) -> Callable[[str], None]:
    def sleep_until(timestamp: str) -> None:
        here = current()
        if here is None:
            return original(timestamp)
        at = sfn._parse_ts(timestamp)
        if at is not None:
            here.sleep(max(0, round((at - START).total_seconds() * 1000) - here.now))

    return sleep_until


def _invoke_with_timeout(original: Callable[..., Any]) -> Callable[..., Any]:
    def invoke(resource: str, given: Any, seconds: float) -> Any:
        here = current()
        if here is None:
            return original(resource, given, seconds)
        answers: list[tuple[Any, Exception | None]] = []

        def work() -> None:
            try:
                answer = sfn._invoke_resource(resource, given)
                answers.append((answer, None))
            except Exception as failure:
                answers.append((None, failure))

        process = here.spawn(work)
        here.wait_for(process, round(seconds * 1000))
        if not answers:
            here.stop(process)
            raise sfn._ExecutionError("States.Timeout", f"Task timed out after {seconds} seconds")
        answer, failure = answers[0]
        if failure is not None:
            raise failure
        return answer

    return invoke


def _stopping_siblings(original: Callable[..., Any]) -> Callable[..., Any]:
    def run_sub_machine(*args: Any) -> Any:
        try:
            return original(*args)
        except Exception:
            here = current()
            if here is not None:
                here.stop_siblings()
            raise

    return run_sub_machine


def _in_virtual_time(original: Callable[[str], None]) -> Callable[[str], None]:
    def run_execution(arn: str) -> None:
        if current() is not None:
            return original(arn)
        # MiniStack waits 150 ms before it starts an execution.
        here = VirtualTime(-150)
        here.run(lambda: original(arn))
        if here.raced:
            sfn._executions[arn]["events"][0]["raced"] = True

    return run_execution
