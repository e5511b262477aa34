"""The processes that a command started, and their memory, read from /proc."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass

PAGE = os.sysconf("SC_PAGE_SIZE")
MEGABYTE = 1024 * 1024


@dataclass
class Peak:
    """The peak memory of the tree, in megabytes."""

    megabytes: float = 0.0

    def sample(self, root: int) -> None:
        members = tree(root)
        # The proportional size is never above the resident size, which is a hundred times cheaper to read. So read the former only
        # if it can be a new peak, and leave the processors to the measured program.
        if sum(resident(pid) for pid in members) / MEGABYTE > self.megabytes:
            self.megabytes = max(self.megabytes, sum(proportional(pid) for pid in members) / MEGABYTE)


def tree(root: int) -> list[int]:
    """`root`, its descendants, and processes of its session whose parent has ended."""
    children: dict[int, list[int]] = {}
    members: set[int] = set()
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        # A program's name may hold blanks and brackets, so count fields from the last bracket.
        fields = read(f"/proc/{name}/stat").rpartition(")")[2].split()
        if len(fields) < 4:
            continue
        children.setdefault(int(fields[1]), []).append(int(name))
        if int(fields[3]) == root:
            members.add(int(name))
    pending = [root, *members]
    while pending:
        current = pending.pop()
        members.add(current)
        pending.extend(pid for pid in children.get(current, ()) if pid not in members)
    return sorted(members)


def resident(pid: int) -> int:
    """The resident size in bytes; shared pages count in full. 0 for a process that has ended."""
    fields = read(f"/proc/{pid}/statm").split()
    return int(fields[1]) * PAGE if fields else 0


def proportional(pid: int) -> int:
    """The proportional size in bytes; a page shared by n processes counts 1/n. 0 for a process that has ended."""
    for line in read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def kill(pids: Sequence[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:  # the process has ended
        return ""
