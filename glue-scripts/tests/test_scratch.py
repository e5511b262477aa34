"""Temporary files with rows are below the root, readable by their owner only, and removed however the process ends."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from engine.scratch import scratch_below
from tests.jvm import BRIEF

ENGINE = Path(__file__).parent.parent

WORKS = """
import sys, time, pathlib
from engine.scratch import scratch_below
with scratch_below(sys.argv[1], "r-1"):
    import pyarrow as pa
    from engine.session import open_session
    session = open_session(sys.argv[2])
    session.view("people", pa.table({"name": ["Ada Lovelace"] * 1000}))
    session.spark.sql("SELECT name, count(*) AS n FROM people GROUP BY name").collect()
    print("there", flush=True)
    if sys.argv[3] == "stays":
        time.sleep(600)
    session.stop()
"""


def started(root: Path, engine: str, how: str, temporary: Path) -> subprocess.Popen[str]:
    temporary.mkdir(exist_ok=True)
    # pytest in Sail's environment starts Spark Connect, which JVM Spark would otherwise use.
    own = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
    env = {**own, "TMPDIR": str(temporary), "PYTHONPATH": str(ENGINE), "JAVA_TOOL_OPTIONS": BRIEF}
    command = [str(PYTHONS[engine]), "-c", WORKS, str(root), engine, how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)


def files_below(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]


PYTHONS = {"sail": Path(sys.executable), "spark": ENGINE.parent / ".venv-spark" / "bin" / "python"}
there = pytest.mark.parametrize(
    "engine",
    [
        pytest.param(engine, marks=pytest.mark.skipif(not python.exists(), reason=f"no environment of {engine}"))
        for engine, python in PYTHONS.items()
    ],
)


@there
@pytest.mark.parametrize("name", ["root", "röot #1, 50%20 {a}"])
def test_rows_are_only_below_the_root_and_removed_at_the_end(tmp_path: Path, engine: str, name: str) -> None:
    root, temporary = tmp_path / name, tmp_path / "temporary"
    working = started(root, engine, "stays", temporary)
    assert working.stdout is not None and working.stdout.readline() == "there\n"
    assert [file for file in files_below(root / "tmp" / "r-1") if file.suffix == ".parquet"] != []
    # Java unpacks its own files elsewhere, but no rows.
    assert [file for file in files_below(temporary) if file.suffix == ".parquet"] == []
    folders = [root / "tmp", root / "tmp" / "r-1", *(root / "tmp" / "r-1").iterdir()]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    working.send_signal(signal.SIGTERM)
    working.wait()
    assert files_below(root) == [] and not (root / "tmp" / "r-1").exists()
    assert [entry for entry in temporary.iterdir() if entry.name.startswith("millrace-")] == []


@there
def test_nothing_is_left_after_a_success(tmp_path: Path, engine: str) -> None:
    working = started(tmp_path / "root", engine, "ends", tmp_path / "temporary")
    working.communicate()
    assert working.returncode == 0
    assert files_below(tmp_path / "root") == []


def test_a_root_in_a_bucket_does_not_move_temporary_files(tmp_path: Path) -> None:
    before = tempfile.gettempdir()
    with scratch_below("s3://bucket/lake", "r-1") as folder:
        assert folder is None and tempfile.gettempdir() == before


def test_the_environment_is_restored_afterwards(tmp_path: Path) -> None:
    before = tempfile.gettempdir(), os.environ.get("TMPDIR"), os.environ.get("SPARK_LOCAL_DIRS")
    with scratch_below(str(tmp_path), "r-1") as folder:
        assert folder is not None and Path(tempfile.mkdtemp()).parent == folder
    tempfile.tempdir = None if before[1] is None else tempfile.tempdir
    assert (tempfile.gettempdir(), os.environ.get("TMPDIR"), os.environ.get("SPARK_LOCAL_DIRS")) == before
