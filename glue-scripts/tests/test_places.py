"""Folders and files may have any name that a disk takes: nothing in it is a pattern, an escape or the end of a text."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from engine.faults import Fault
from engine.lake_folder import make_reachable
from tests.test_readers_engines import GLUE_SCRIPTS, PYTHONS, without_spark_connect

NAMES = ["it's.csv", 'Kunden "März".csv', "a\\b.csv", "a#1?%20+.csv", "{a,b}*[c].csv", "\\", "new\nline", "%_$1"]


ODD = """a b #1?{c,d}"e"'f'*ü+&=;,:~$x%"""


@pytest.mark.parametrize(("engine", "folder"), [("sail", ODD), ("sail", "%20 and [g]"), ("spark", f"{ODD} %20 [g]")])
def test_a_lake_lies_in_any_folder_and_takes_any_file(engine: str, folder: str, tmp_path: Path) -> None:
    if not PYTHONS[engine].exists():
        pytest.skip(f"{PYTHONS[engine]}, the Python with JVM Spark, is absent")
    # A folder that the name stands for where it is decoded, or taken for a pattern.
    for other in ("  and [g]", "%20 and g", "a b #1?c\"e\"'f'ü+&=;,:~$x%"):
        (tmp_path / other / "lake").mkdir(parents=True)
    done = subprocess.run(
        [str(PYTHONS[engine]), "-m", "tests.places_on_engine", engine],
        input=json.dumps({"root": str(tmp_path / folder), "names": NAMES}),
        env=without_spark_connect(os.environ),
        capture_output=True,
        text=True,
        cwd=GLUE_SCRIPTS,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    first, second, bronze = json.loads(done.stdout.split("FOUND")[1])
    assert first == sorted(str(i) for i in range(len(NAMES)))
    assert second == sorted(f"new {i}" for i in range(len(NAMES)))
    assert bronze == sorted(f"people/{name}" for name in NAMES)
    assert [list((tmp_path / other / "lake").iterdir()) for other in ("  and [g]", "%20 and g")] == [[], []]


def test_only_a_root_that_deltalake_misreads_has_its_tables_elsewhere(tmp_path: Path) -> None:
    assert make_reachable(str(tmp_path / "ü #?{}*")) is None
    root = tmp_path / "%20" / "root"
    target = make_reachable(str(root))
    assert target is not None and target.parent == tmp_path
    assert (root / "lake").resolve() == target
    assert make_reachable(str(root)) == target


def test_tables_that_another_engine_left_in_such_a_root_are_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "[a]" / "lake").mkdir(parents=True)
    with pytest.raises(Fault, match="MR224"):
        make_reachable(str(tmp_path / "[a]"))
