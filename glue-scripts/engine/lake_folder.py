"""Where a laptop's tables lie: in `lake` below the root, which is a link where `deltalake` could not find them there."""

import re
import tempfile
from pathlib import Path

from engine.faults import Fault

#: In the path of a folder `deltalake` decodes `%20` once more and takes `\\` for `/`, and so uses another folder; the rest it refuses.
MISREAD = re.compile(r"%[0-9A-Fa-f]{2}|[\\\[\]^|\x00-\x1f\x7f]")


def make_reachable(root: str) -> Path | None:
    """The folder that `lake` links to, beside the root's parents; None where the path of the root is one that deltalake reads.

    A link to such a path would not help, for deltalake follows links first. Raises MR224 where the link cannot be made.
    """
    lake = Path(root).absolute() / "lake"
    if not MISREAD.search(str(lake.resolve())):
        return lake.resolve() if lake.is_symlink() else None
    parent = next(folder for folder in lake.resolve().parents if not MISREAD.search(str(folder)))
    hint = "choose another folder with --root"
    if lake.exists():
        raise Fault("MR224", str(lake), "the laptop's engine cannot read tables in a folder of this name", hint)
    try:
        lake.parent.mkdir(parents=True, exist_ok=True)
        target = Path(tempfile.mkdtemp(prefix="millrace-lake-", dir=parent))
        lake.symlink_to(target)
    except OSError as e:
        raise Fault("MR224", str(lake), f"the tables cannot lie here, nor in {parent}: {e.strerror}", hint) from e
    return target
