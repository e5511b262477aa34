"""Spark starts and writes a Delta table in the environment that setup leaves: an empty home, no JAVA_HOME, no network."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.jvm import BRIEF

GLUE_SCRIPTS = Path(__file__).parent.parent
PYTHON = GLUE_SCRIPTS.parent / ".venv-spark" / "bin" / "python"
#: A proxy for all of Java's requests, at which nothing listens.
NO_NETWORK = " ".join(f"-D{scheme}.proxyHost=127.0.0.1 -D{scheme}.proxyPort=9" for scheme in ("http", "https"))
PROGRAM = """
import sys
from engine.session import open_session
from engine.open_tables import open_tables
from engine.tables import Commit
session = open_session("spark")
tables = open_tables(session)
frame = session.spark.sql("SELECT id FROM range(3)")
print("version", tables.write(sys.argv[1], frame, Commit("append", "test", 1)))
print("rows", tables.rows(sys.argv[1]))
session.stop()
"""


@pytest.mark.skipif(not PYTHON.exists(), reason="no Spark environment: npm run setup -- --spark")
def test_a_run_downloads_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "JAVA_TOOL_OPTIONS": f"{BRIEF} {NO_NETWORK} -Duser.home={home}",
    }
    command = [str(PYTHON), "-c", PROGRAM, str(tmp_path / "table")]
    done = subprocess.run(command, cwd=GLUE_SCRIPTS, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split("\n")[:2] == ["version 0", "rows 3"]
    assert [found.name for found in home.iterdir()] == []
