"""Threads in virtual time: only one runs at a time, and when all wait, time moves to the next one that wakes."""

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import copy_context


class Stopped(BaseException):
    """Ends a process that is no longer needed. Not an Exception, so that no handler treats it as a failure."""


class Process:
    def __init__(self, parent: "Process | None") -> None:
        self.parent = parent
        self.children: list[Process] = []
        self.baton = threading.Semaphore(0)
        self.turn = 0
        self.waiting = False
        self.done = False
        self.stopped = False
        self.failed = False
        self.ran_at: int | None = None
        self.waiters: list[tuple[Process, int]] = []

    def family(self) -> "Iterable[Process]":
        yield self
        for child in self.children:
            yield from child.family()


class VirtualTime:
    """The clock of one execution, in whole milliseconds since its start."""

    def __init__(self, now: int) -> None:
        self.now = now
        # Whether a process failed in the same instant in which a sibling acted. Then AWS does not define which comes first.
        self.raced = False
        self._ready: deque[Process] = deque()
        self._asleep: list[tuple[int, int, Process, int]] = []
        self._order = itertools.count()
        self._root = Process(None)

    def run(self, work: Callable[[], None]) -> None:
        """Do the work in the calling thread, as the first process. Returns when it is done."""
        _here.now = (self, self._root)
        try:
            work()
        finally:
            _here.now = None
            self._root.done = True
            for child in self._root.children:
                self.stop(child)
            self._hand_on()

    def spawn(self, work: Callable[[], None]) -> Process:
        parent = self.me()
        process = Process(parent)
        parent.children.append(process)

        def body() -> None:
            process.baton.acquire()
            _here.now = (self, process)
            process.ran_at = self.now
            try:
                if not process.stopped:
                    work()
            except Stopped:
                pass
            finally:
                process.done = True
                for waiter, turn in process.waiters:
                    self._wake(waiter, turn)
                self._hand_on()

        threading.Thread(target=copy_context().run, args=(body,), daemon=True).start()
        self._ready.append(process)
        return process

    def sleep(self, milliseconds: int) -> None:
        me, turn = self._lay_down()
        heapq.heappush(self._asleep, (self.now + milliseconds, next(self._order), me, turn))
        self._wait(me)

    def forever(self) -> None:
        me, _ = self._lay_down()
        self._wait(me)

    def wait_for(self, process: Process, milliseconds: int | None = None) -> None:
        """Wait until the process is done, or until the time is up."""
        if process.done:
            return
        me, turn = self._lay_down()
        process.waiters.append((me, turn))
        if milliseconds is not None:
            heapq.heappush(self._asleep, (self.now + milliseconds, next(self._order), me, turn))
        self._wait(me)

    def stop(self, process: Process) -> None:
        if process.done or process.stopped:
            return
        process.stopped = True
        for child in process.children:
            self.stop(child)
        self._wake(process, process.turn)

    def stop_siblings(self) -> None:
        """Stop the siblings of the calling process, because it has failed."""
        me = self.me()
        if me.parent is None:
            return
        me.failed = True
        for sibling in me.parent.children:
            if sibling is me:
                continue
            self.raced = self.raced or any(self._acts_now(process) for process in sibling.family())
            self.stop(sibling)

    def _acts_now(self, process: Process) -> bool:
        if process.ran_at == self.now or process in self._ready:
            return True
        wakes = [at for at, _, sleeper, turn in self._asleep if sleeper is process and turn == process.turn]
        return self.now in wakes

    def me(self) -> Process:
        return _here.now[1]

    def _lay_down(self) -> tuple[Process, int]:
        me = self.me()
        me.turn += 1
        me.waiting = True
        return me, me.turn

    def _wake(self, process: Process, turn: int) -> None:
        if process.waiting and process.turn == turn:
            process.waiting = False
            self._ready.append(process)

    def _wait(self, me: Process) -> None:
        following = self._next()
        if following is not me:
            following.baton.release()
            me.baton.acquire()
        me.ran_at = self.now
        if me.stopped:
            raise Stopped

    def _hand_on(self) -> None:
        if self._ready or not self._root.done:
            self._next().baton.release()

    def _next(self) -> Process:
        while not self._ready:
            if not self._asleep:
                # All wait for each other: end the execution instead of hanging.
                self._root.stopped = True
                return self._root
            at, _, process, turn = heapq.heappop(self._asleep)
            if process.waiting and process.turn == turn:
                self.now = at
                self._wake(process, turn)
        return self._ready.popleft()


_here = threading.local()


def current() -> VirtualTime | None:
    """The clock of the execution that this thread belongs to; None if it belongs to none."""
    here = getattr(_here, "now", None)
    return None if here is None else here[0]


def required() -> VirtualTime:
    """Like `current`, in a thread that belongs to an execution."""
    time = current()
    assert time is not None
    return time
