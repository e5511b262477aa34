"""The output folder of the generator: an empty or new folder, or one that it made itself, marked by a generator.json."""

import json
import os
import re
from pathlib import Path
from typing import Any

MARK = "generator.json"
MADE_BY = "pipelines/churn/generate.py"
OURS = re.compile(r"(customers|new_customers)/part-\d+\.csv|interactions/part-\d+\.json|regions/regions\.parquet")


class ForeignFolder(Exception):
    """The folder holds files that this generator did not make. The message is one line."""


def check(out: Path) -> None:
    """Raises ForeignFolder if the generator may not write to the folder."""
    _files_before(out)


def claim(out: Path, planned: list[str]) -> None:
    """Mark `out` as the generator's before writing to it, so that a killed run can be repeated.

    planned: the files that will be written, relative to `out`. Raises ForeignFolder.
    """
    before = _files_before(out)
    out.mkdir(parents=True, exist_ok=True)
    write_mark(out, {"complete": False, "files": sorted({*before, *planned})})


def remove_others(out: Path, files: list[str]) -> None:
    """Remove the files of an earlier run that this run did not replace. Other files are kept."""
    for name in set(_files_before(out)) - set(files):
        (out / name).unlink(missing_ok=True)


def write_mark(out: Path, document: dict[str, Any]) -> None:
    """Write generator.json atomically."""
    write(out / MARK, json.dumps({"made_by": MADE_BY} | document, indent=2).encode() + b"\n")


def write(path: Path, *chunks: bytes | memoryview) -> None:
    """Write a file atomically, so that readers never see half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.half")
    with half.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    os.replace(half, path)


def _files_before(out: Path) -> list[str]:
    """The source files that an earlier run listed. Raises ForeignFolder."""
    if out.exists() and not out.is_dir():
        raise ForeignFolder(f"{out} is a file; --out must be a folder")
    if not out.exists() or not any(out.iterdir()):
        return []
    try:
        mark = json.loads((out / MARK).read_text())
        files = [name for name in mark["files"] if OURS.fullmatch(name)] if mark["made_by"] == MADE_BY else None
    except (OSError, ValueError, KeyError, TypeError):
        files = None
    if files is None:
        raise ForeignFolder(f"{out} holds files that this generator did not make; --out must be an empty or new folder")
    return files
