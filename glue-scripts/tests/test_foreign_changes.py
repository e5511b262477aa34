"""Rows that another program changes between the claim and the commit of a run are noticed, and the run stops."""

from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import DeltaTable

from engine.delta_log import changed_by_others
from engine.faults import Fault
from engine.ingest import run_ingest
from engine.tables import Commit
from tests.small_lake import SmallLake, write_people, write_visits

CHANGES: dict[str, Callable[[DeltaTable], object]] = {
    "DELETE": lambda table: table.delete("id = 'a'"),
    "UPDATE": lambda table: table.update({"id": "'z'"}, predicate="id = 'a'"),
}


def changed(lake: SmallLake, name: str, how: str) -> None:
    CHANGES[how](DeltaTable(lake.place(name)))


@pytest.fixture
def claimed(lake: SmallLake, tmp_path: Path) -> SmallLake:
    """A lake that was built once, with the claim of a second run that finds new files."""
    for name in ("people_clean", "visits_clean"):
        lake.transform(name)
    lake.begin()
    write_people(tmp_path / "2.csv", [("c", "X", "1992-01-01"), ("a", "X", "1993-01-01")])
    write_visits(tmp_path / "2.json", [("c", "2024-12-01T00:00:00", 1.0)])
    return lake


@pytest.mark.parametrize("how", CHANGES)
def test_an_ingest_adds_no_rows_to_a_table_that_changed_since_the_claim(
    claimed: SmallLake, tmp_path: Path, how: str
) -> None:
    changed(claimed, "people", how)
    version = claimed.tables.version(claimed.place("people"))
    with pytest.raises(
        Fault, match=rf"MR335.*another program changed the table while this run worked \({how} in version 1\)"
    ):
        claimed.ingest("people", [tmp_path / "2.csv"])
    assert claimed.tables.version(claimed.place("people")) == version


@pytest.mark.parametrize("name", ["people_clean", "visits_clean"], ids=["merge", "append"])
def test_a_transform_adds_no_rows_to_a_table_that_changed_since_the_claim(
    claimed: SmallLake, tmp_path: Path, name: str
) -> None:
    claimed.ingest("people", [tmp_path / "2.csv"])
    claimed.ingest("visits", [tmp_path / "2.json"])
    changed(claimed, name, "DELETE")
    version = claimed.tables.version(claimed.place(name))
    with pytest.raises(Fault, match="MR335"):
        claimed.transform(name)
    assert claimed.tables.version(claimed.place(name)) == version
    claimed.transform(name, full=True)


def test_a_change_just_before_the_commit_is_noticed_after_it(
    claimed: SmallLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = claimed.tables.ingest

    def late(path: str, *more: object) -> object:
        changed(claimed, "people", "UPDATE")
        return write(path, *more)

    monkeypatch.setattr(claimed.tables, "ingest", late)
    with pytest.raises(Fault, match="MR335"):
        claimed.ingest("people", [tmp_path / "2.csv"])


def test_a_rebuild_that_keeps_rows_of_deleted_files_is_the_answer_to_a_change(
    claimed: SmallLake, tmp_path: Path
) -> None:
    changed(claimed, "people", "UPDATE")
    file = tmp_path / "2.csv"
    read = {"path": "people/2.csv", "uri": str(file), "etag": "", "size": file.stat().st_size, "replace": True}
    item = {"mode": "incremental", "since": {}, "files": [read]}
    with pytest.raises(Fault, match="MR335"):
        run_ingest(claimed.job("people", item))
    assert run_ingest(claimed.job("people", {**item, "rebuild": True}))["written"] == 2


def test_compaction_and_the_pipelines_earlier_runs_are_no_changes_by_others(claimed: SmallLake) -> None:
    path = claimed.place("people")
    assert changed_by_others(path, "small", 2) is None
    DeltaTable(path).optimize.compact()
    assert changed_by_others(path, "small", 2) is None
    changed(claimed, "people", "DELETE")
    assert changed_by_others(path, "small", 2) == f"DELETE in version {claimed.tables.version(path)}"
    frame = claimed.tables.frame(path)
    claimed.tables.write(path, frame, Commit("overwrite", "small/people", 2))
    assert changed_by_others(path, "small", 3) is None
