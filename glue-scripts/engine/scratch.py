"""Where rows lie while a stage works: below the root on a laptop, for its owner only, and gone with the process.

On AWS the root is a bucket, and the disk of the container is gone with the container.
"""

import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

#: Of the running process, for who has to end it at once.
_folders: list[Path] = []


@contextmanager
def scratch_below(root: str | None, run: str | None) -> Iterator[Path | None]:
    """All temporary files of this process and of those that it starts go to `<root>/tmp/<run>/<pid>`, which is removed at the end.

    None, and nothing changed, where the root is no local folder.
    """
    if root is None or "://" in root:
        yield None
        return
    folder = Path(root).absolute() / "tmp" / (run or "check") / str(os.getpid())
    for each in (folder.parent.parent, folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    _folders.append(folder)
    place = plain_name(folder)
    before = tempfile.tempdir, {name: os.environ.get(name) for name in ("TMPDIR", "SPARK_LOCAL_DIRS")}
    tempfile.tempdir = str(place)
    # Read by libraries that know nothing of Python's choice, and by the processes of Spark.
    os.environ["TMPDIR"] = os.environ["SPARK_LOCAL_DIRS"] = str(place)
    with suppress(ValueError):  # not in the main thread
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, ended)
    try:
        yield folder
    finally:
        remove_scratch()
        tempfile.tempdir = before[0]
        for name, value in before[1].items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def remove_scratch() -> None:
    """Remove what this process has below the root. May be called from any thread, and at any moment."""
    while _folders:
        folder = _folders.pop()
        shutil.rmtree(folder, ignore_errors=True)
        if folder.is_symlink():
            folder.unlink(missing_ok=True)
        if folder.name == str(os.getpid()):
            with suppress(OSError):  # another try of the stage may still work there
                folder.parent.rmdir()


def ended(number: int, frame: FrameType | None) -> None:
    """A signal ends the process as an exit would, so that what it has to remove is removed."""
    sys.exit(128 + number)


def plain_name(folder: Path) -> Path:
    """The folder, or a link to it where engines take letters of its name for something else, as `*`, `#` or `,`."""
    if re.fullmatch(r"[\w./-]+", str(folder), re.ASCII):
        return folder
    beside = Path(tempfile.mkdtemp(prefix="millrace-"))
    _folders.insert(0, beside)
    link = beside / "scratch"
    link.symlink_to(folder)
    return link
