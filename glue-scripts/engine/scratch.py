"""The scratch folder of a stage. On a laptop it is below the root, only its owner can read it, and the process removes it at the end.

On AWS the root is a bucket, and scratch files are on the container's disk, which goes away with the container.
"""

import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

#: Scratch folders of this process, to be removed when it ends.
_folders: list[Path] = []


@contextmanager
def scratch_below(root: str | None, run: str | None) -> Iterator[Path | None]:
    """Send all temporary files of this process and its children to `<root>/tmp/<run>/<pid>`, and remove that folder at the end.

    Yields None and changes nothing if the root is not a local folder.
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
    # For libraries that do not use Python's tempfile, and for Spark's processes.
    os.environ["TMPDIR"] = os.environ["SPARK_LOCAL_DIRS"] = str(place)
    with suppress(ValueError):  # signals can only be set in the main thread
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
    """Remove this process's scratch folders. May be called from any thread at any time."""
    while _folders:
        folder = _folders.pop()
        shutil.rmtree(folder, ignore_errors=True)
        if folder.is_symlink():
            folder.unlink(missing_ok=True)
        if folder.name == str(os.getpid()):
            with suppress(OSError):  # another attempt of the stage may still be using it
                folder.parent.rmdir()


def ended(number: int, frame: FrameType | None = None) -> None:
    """Remove the scratch folders and end this process at once.

    An ordinary exit would run the exit callbacks of libraries: the Spark client then asks its stopped server for ten minutes.
    """
    remove_scratch()
    os._exit(128 + number)


def plain_name(folder: Path) -> Path:
    """The folder, or a link to it if its path has characters that engines misread, such as `*`, `#` or `,`."""
    if re.fullmatch(r"[\w./-]+", str(folder), re.ASCII):
        return folder
    beside = Path(tempfile.mkdtemp(prefix="millrace-"))
    _folders.insert(0, beside)
    link = beside / "scratch"
    link.symlink_to(folder)
    return link
