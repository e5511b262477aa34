"""The folder of a laptop's tables: `lake` below the root, or a link to another folder if `deltalake` cannot read that path."""

import re
import tempfile
from pathlib import Path

from engine.faults import Fault

#: What `deltalake` misreads in a folder's path: it decodes `%20` once more and takes `\\` for `/`. It refuses the other characters.
MISREAD = re.compile(r"%[0-9A-Fa-f]{2}|[\\\[\]^|\x00-\x1f\x7f]")


def make_reachable(root: str) -> Path | None:
    """Make `lake` a link if deltalake cannot read its path. Returns the folder that it links to; None if it is not a link.

    The folder goes into the nearest parent that deltalake can read, because deltalake resolves links first. Raises MR224 if the link
    cannot be made.
    """
    lake = Path(root).absolute() / "lake"
    if not MISREAD.search(str(lake.resolve())):
        return lake.resolve() if lake.is_symlink() else None
    parent = next(folder for folder in lake.resolve().parents if not MISREAD.search(str(folder)))
    hint = "choose another folder with --root"
    if lake.exists():
        raise Fault("MR224", str(lake), "the laptop's engine cannot read tables in a folder with this name", hint)
    try:
        lake.parent.mkdir(parents=True, exist_ok=True)
        target = Path(tempfile.mkdtemp(prefix="millrace-lake-", dir=parent))
        lake.symlink_to(target)
    except OSError as e:
        raise Fault(
            "MR224", str(lake), f"cannot make a folder for the tables here or in {parent}: {e.strerror}", hint
        ) from e
    return target
