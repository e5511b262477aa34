"""Damages a table in many ways, and lets a transform read it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.session import Session
from engine.stage import fault_of
from engine.table_damage import refuse_half_logs
from engine.tables import Tables
from tests.small_lake import SmallLake, write_people, write_towns, write_visits


def built(tmp_path: Path, session: Session, tables: Tables) -> SmallLake:
    """The small pipeline, built up to its features, with 2,000 people."""
    small = SmallLake(tmp_path / "root", session, tables)
    small.begin()
    data = tmp_path / "data"
    people = [(f"p{i}", "X", "1990-01-01") for i in range(2000)]
    small.ingest("people", [write_people(data / "people" / "1.csv", people)])
    small.ingest("visits", [write_visits(data / "visits" / "1.json", [("p1", "2024-12-01T00:00:00", 5.0)])])
    small.ingest("towns", [write_towns(data / "towns" / "1.parquet", {"X": 7})])
    small.transform("people_clean")
    small.transform("visits_clean")
    return small


def part_of(table: Path) -> Path:
    return max(
        (file for file in table.rglob("*.parquet") if "_delta_log" not in file.parts), key=lambda f: f.stat().st_size
    )


def commit_of(table: Path) -> Path:
    return max((table / "_delta_log").glob("*.json"))


def overwrite(file: Path, change: Callable[[bytes], bytes]) -> None:
    # Remove delta-spark's checksum beside each log file, because it would fail first.
    (file.parent / f".{file.name}.crc").unlink(missing_ok=True)
    file.write_bytes(change(file.read_bytes()))


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a data file is gone": (lambda table: part_of(table).unlink(), r"part-.*\.parquet is missing"),
    "a data file is cut short": (lambda table: overwrite(part_of(table), lambda b: b[:-100]), r"parquet is damaged"),
    "a page of a data file is rubbish": (
        lambda table: overwrite(part_of(table), lambda b: b[:4] + b"\xff" * (len(b) // 2) + b[4 + len(b) // 2 :]),
        r"parquet is damaged",
    ),
    "a data file is empty": (lambda table: overwrite(part_of(table), lambda b: b""), r"parquet is damaged"),
    "a commit of the log is half there": (
        lambda table: overwrite(commit_of(table), lambda b: b[: len(b) // 2]),
        r"_delta_log/0*\d+\.json is damaged",
    ),
    "a commit of the log is empty": (
        lambda table: overwrite(commit_of(table), lambda b: b""),
        r"_delta_log/0*\d+\.json is empty",
    ),
    "a commit of the log is rubbish": (
        lambda table: overwrite(commit_of(table), lambda b: b"\x00\xff\x80"),
        r"_delta_log/0*\d+\.json is damaged",
    ),
}


def met(lake: SmallLake) -> dict[str, Any] | None:
    """The fault of a transform on the damaged lake; None for a failure that is not reported as a fault."""
    job = lake.job("people_features", {"mode": "full", "since": {}})
    try:
        refuse_half_logs(job)
        lake.transform("people_features", full=True)
    except Exception as failure:
        fault = fault_of(failure, job)
        return None if fault is None else {**fault.as_issue(), "was": str(failure)[:200]}
    return {"code": "none", "message": "the transform succeeded"}


def faults_met(folder: Path, session: Session, tables: Tables) -> dict[str, dict[str, Any] | None]:
    """Name of the damage -> the fault of a transform. Each damage gets its own lake below `folder`."""
    whole = built(folder, session, tables)
    faults = {}
    for number, (name, (damage, _)) in enumerate(DAMAGES.items()):
        # Separate folders, because an engine may cache a table by its path.
        root = folder / f"damaged-{number}"
        shutil.copytree(whole.root, root)
        lake = SmallLake(root, session, tables)
        lake.begin()
        damage(Path(lake.place("people_clean")))
        faults[name] = met(lake)
    return faults
