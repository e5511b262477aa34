"""Folders and files may have any name that a disk allows: no character in it acts as a pattern, an escape or the end of a text."""

from pathlib import Path

import pytest

from engine.faults import Fault
from engine.lake_folder import make_reachable
from engine.session import Session
from engine.tables import Tables
from tests.small_lake import SmallLake, golden_plan, write_people, write_towns

Opened = tuple[Session, Tables]

NAMES = ["it's.csv", 'Kunden "März".csv', "a\\b.csv", "a#1?%20+.csv", "{a,b}*[c].csv", "\\", "new\nline", "%_$1"]


ODD = """a b #1?{c,d}"e"'f'*ü+&=;,:~$x%"""


@pytest.mark.parametrize("folder", [ODD, "%20 and [g]"])
def test_a_lake_works_in_any_folder_with_files_of_any_name(folder: str, tmp_path: Path, sail: Opened) -> None:
    takes_any_file(folder, tmp_path, sail)


@pytest.mark.on_engines("spark")
def test_a_lake_on_spark_works_in_any_folder_with_files_of_any_name(tmp_path: Path, on_engine: Opened) -> None:
    takes_any_file(f"{ODD} %20 [g]", tmp_path, on_engine)


def takes_any_file(folder: str, tmp_path: Path, opened: Opened) -> None:
    # Folders that would be used instead if the name were decoded or expanded as a pattern.
    for other in ("  and [g]", "%20 and g", "a b #1?c\"e\"'f'ü+&=;,:~$x%"):
        (tmp_path / other / "lake").mkdir(parents=True)
    first, second, bronze = rows_of_odd_files(tmp_path / folder, *opened)
    assert first == sorted(str(i) for i in range(len(NAMES)))
    assert second == sorted(f"new {i}" for i in range(len(NAMES)))
    assert bronze == sorted(f"people/{name}" for name in NAMES)
    assert [list((tmp_path / other / "lake").iterdir()) for other in ("  and [g]", "%20 and g")] == [[], []]


def rows_of_odd_files(root: Path, session: Session, tables: Tables) -> tuple[list[str], list[str], list[str]]:
    """The ids in a small lake with one file of each name, the ids after each was replaced, and the files in its bronze table."""
    plan = golden_plan("small")
    next(task for task in plan["tasks"] if task["name"] == "people_clean")["partitionBy"] = ["town"]
    lake = SmallLake(root / "lake", session, tables, plan)
    tables.prepare_root(str(root / "lake"))
    people = root / "data" / "people"
    files = [write_people(people / name, [(str(i), "X", "1990-01-01")]) for i, name in enumerate(NAMES)]
    lake.begin()
    lake.ingest("people", files)
    lake.ingest("towns", [write_towns(root / "data" / "towns" / "1.parquet", {})])
    lake.transform("people_clean")
    first = [row[0] for row in lake.rows("people_clean")]
    # Each file again, with another row: exactly one row per file is left, whatever its name.
    lake.begin()
    again = [write_people(file, [(f"new {i}", "X", "1990-01-01")]) for i, file in enumerate(files)]
    lake.ingest("people", again, replace=True)
    lake.transform("people_clean")
    bronze = session.arrow(tables.frame(lake.place("people")))
    return first, [row[0] for row in lake.rows("people_clean")], sorted(bronze["_source_file"].to_pylist())


def test_only_a_root_that_deltalake_misreads_gets_its_tables_in_another_folder(tmp_path: Path) -> None:
    assert make_reachable(str(tmp_path / "ü #?{}*")) is None
    root = tmp_path / "%20" / "root"
    target = make_reachable(str(root))
    assert target is not None and target.parent == tmp_path
    assert (root / "lake").resolve() == target
    assert make_reachable(str(root)) == target


def test_tables_of_another_engine_in_such_a_root_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "[a]" / "lake").mkdir(parents=True)
    with pytest.raises(Fault, match="MR224"):
        make_reachable(str(tmp_path / "[a]"))
