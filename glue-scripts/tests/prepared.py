"""Lakes up to a stage, built once per process and engine. A test starts from a copy, because a stage takes an engine seconds."""

import atexit
import copy
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.session import Session
from engine.tables import Tables
from tests.small_lake import SmallLake, golden_plan


@dataclass(frozen=True)
class Stage:
    """`build` gets the lake as the stage before left it, if there is one, and the folder of its input files."""

    name: str
    build: Callable[[SmallLake, Path], None]
    before: "Stage | None" = None
    plan: Callable[[], dict[str, Any]] = lambda: golden_plan("small")


_built: dict[tuple[str, str], SmallLake] = {}


def lake_at(stage: Stage, folder: Path, session: Session, tables: Tables) -> SmallLake:
    """A lake at a stage, in `root` below the folder; its input files are in `data`."""
    known = (session.engine, stage.name)
    if known not in _built:
        _built[known] = built(stage, session, tables)
    made = _built[known]
    shutil.copytree(made.root.parent, folder, dirs_exist_ok=True)
    lake = SmallLake(folder / "root", session, tables, copy.deepcopy(made.plan))
    lake.sequence, lake.consumed, lake.built = made.sequence, copy.deepcopy(made.consumed), set(made.built)
    return lake


def built(stage: Stage, session: Session, tables: Tables) -> SmallLake:
    folder = Path(tempfile.mkdtemp(prefix="millrace-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if stage.before is not None:
        lake = lake_at(stage.before, folder, session, tables)
    else:
        lake = SmallLake(folder / "root", session, tables, stage.plan())
    stage.build(lake, folder / "data")
    return lake
