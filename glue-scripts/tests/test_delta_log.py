"""What the engine reads from a Delta table's log matches what Delta's own libraries report."""

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from engine.delta_log import id_of, last_by, live_files, newest_version, rows_at
from engine.faults import Fault
from engine.session import Session
from engine.tables import Commit, Tables


def write(tables: Tables, path: str, how: str, sequence: int, *, app: str = "small/people", note: int = 0) -> None:
    rows = pa.table({"id": [sequence, sequence + 1], "g": ["a", "b"]})
    tables.write(path, rows, Commit(how, app, sequence, note={"read": note}, partition_by=["g"]))


@pytest.mark.parametrize("forgotten", [False, True], ids=["with all its commits", "with a checkpoint alone"])
def test_the_state_of_a_table_is_what_deltas_own_library_reads(
    tmp_path: Path, sail: tuple[Session, Tables], forgotten: bool
) -> None:
    _, tables = sail
    path = str(tmp_path / "table")
    for sequence, how in enumerate(["overwrite", "append", "append", "overwrite", "append"], start=1):
        write(tables, path, how, sequence)
    if forgotten:
        DeltaTable(path).create_checkpoint()
        for commit in range(4):
            (tmp_path / "table" / "_delta_log" / f"{commit:020}.json").unlink()
        write(tables, path, "append", 6)
    version = tables.version(path)
    assert newest_version(path) == version
    assert id_of(path, version) == tables.identity(path)
    files = live_files(path, version)
    assert files is not None
    assert (len(files), sum(file["size"] for file in files)) == tables.extent(path)
    assert rows_at(path, [version]) == {version: tables.rows(path)}


def test_a_recreated_table_has_a_new_id(tmp_path: Path, sail: tuple[Session, Tables]) -> None:
    _, tables = sail
    for name in ("one", "two"):
        write(tables, str(tmp_path / name), "overwrite", 1)
    assert id_of(str(tmp_path / "one"), 0) != id_of(str(tmp_path / "two"), 0)


def test_a_missing_table_has_no_version_and_no_commits(tmp_path: Path) -> None:
    assert newest_version(str(tmp_path / "none")) is None
    assert last_by(str(tmp_path / "none"), "small/people") is None


@pytest.mark.on_engines("sail", "spark")
def test_a_commit_is_found_by_its_transaction_id_behind_later_commits_of_others(
    tmp_path: Path, on_engine: tuple[Session, Tables]
) -> None:
    session, tables = on_engine
    path = str(tmp_path / "table")
    spark = session.spark
    for sequence, app in ((3, "small/people"), (9, "another")):
        frame = spark.sql(f"SELECT CAST({sequence} AS INT) AS id, 'a' AS g")
        commit = Commit("append", app, sequence, note={"read": sequence}, partition_by=["g"])
        tables.write(path, frame, commit)
    assert tables.committed(path, "small/people", 3) == {"read": 3}
    assert tables.committed(path, "small/people", 4) is None
    assert tables.committed(path, "nobody", 1) is None
    with pytest.raises(Fault, match="MR310"):
        tables.committed(path, "small/people", 2)
    # Delta's own library, whichever engine wrote the table.
    known = DeltaTable(path)
    assert tables.version(path) == known.version()
    assert tables.identity(path) == str(known.metadata().id)
    assert tables.rows(path) == 2
    assert tables.extent(path)[0] == len(known.file_uris())
    # The change feed is enabled from the first rows on.
    assert sorted(session.arrow(tables.appended(path, -1))["id"].to_pylist()) == [3, 9]
