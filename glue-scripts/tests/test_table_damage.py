"""The fault for a damaged table names its version, the damaged file and how to restore the table, on every engine."""

import json
import re
from pathlib import Path

import pytest
from deltalake import DeltaTable

import lookup
from engine.faults import Fault
from engine.session import Session
from engine.stage import fault_of
from engine.table_damage import damage_of
from engine.tables import Tables
from tests.damaged_lake import DAMAGES, built, faults_met, part_of
from tests.small_lake import SmallLake, write_people


@pytest.fixture
def whole(tmp_path: Path, sail: tuple[Session, Tables]) -> SmallLake:
    return built(tmp_path, *sail)


@pytest.mark.on_engines("sail", "spark")
def test_a_transform_that_cannot_read_a_table_names_it_on_every_engine(
    on_engine: tuple[Session, Tables], tmp_path: Path
) -> None:
    faults = faults_met(tmp_path, *on_engine)
    assert list(faults) == list(DAMAGES)
    for number, (name, (_, why)) in enumerate(DAMAGES.items()):
        fault = faults[name]
        assert fault is not None and fault["code"] == "MR531", (name, fault)
        table = f"{tmp_path}/damaged-{number}/lake/small/silver/people_clean"
        assert fault["path"] == table
        assert re.search(rf"^table people_clean, version \d+, cannot be read: .*{why}", fault["message"]), (name, fault)
        assert f"mv {table} {table}.damaged" in fault["hint"]


def test_a_table_is_intact_after_writes_appends_replacements_and_merges(whole: SmallLake) -> None:
    whole.begin()
    whole.ingest("people", [write_people(whole.root.parent / "data" / "people" / "2.csv", [("p1", "X", "1991-01-01")])])
    whole.transform("people_clean")
    for name in ("people", "visits", "towns", "people_clean", "visits_clean"):
        assert damage_of(name, whole.place(name)) is None, name


def test_a_failure_without_damage_is_not_changed(whole: SmallLake) -> None:
    job = whole.job("people_features", {"mode": "full", "since": {}})
    of_sql = Fault("MR306", "a.sql", "fails on a row")
    assert fault_of(of_sql, job) is of_sql
    assert fault_of(RuntimeError("unforeseen"), job) is None


def test_a_pointer_to_no_checkpoint_is_removed_and_the_table_kept(whole: SmallLake) -> None:
    place = whole.place("people_clean")
    pointer = Path(place, "_delta_log", "_last_checkpoint")
    DeltaTable(place).create_checkpoint()
    assert damage_of("people_clean", place) is None
    hint = f"run `rm {pointer}`: the table can be read without the file"
    for text, why in (('{"vers', "is damaged: "), ("", "is empty")):
        pointer.write_text(text)
        fault = damage_of("people_clean", place)
        assert fault is not None and f"_delta_log/_last_checkpoint {why}" in fault.message and fault.hint == hint
    pointer.write_text('{"version":77,"size":3}')
    job = whole.job("people_features", {"mode": "full", "since": {}})
    with pytest.raises(Exception) as failure:
        whole.transform("people_features", full=True)
    fault = fault_of(failure.value, job)
    assert fault is not None and (fault.code, fault.hint) == ("MR531", hint)
    assert "_delta_log/_last_checkpoint is damaged: there is no checkpoint of version 77" in fault.message
    pointer.unlink()
    whole.transform("people_features", full=True)


def test_a_missing_checkpoint_whose_commits_expired_is_not_blamed_on_the_pointer(whole: SmallLake) -> None:
    whole.begin()
    whole.transform("people_clean", full=True)
    place = whole.place("people_clean")
    DeltaTable(place).create_checkpoint()
    log = Path(place, "_delta_log")
    (log / f"{0:020}.json").unlink()
    for file in log.glob("*.checkpoint.parquet"):
        file.unlink()
    fault = damage_of("people_clean", place)
    assert fault is not None and f"_delta_log/{0:020}.json is missing" in fault.message and "mv " in fault.hint


def test_a_missing_table_is_not_damaged(tmp_path: Path) -> None:
    assert damage_of("x", str(tmp_path / "x")) is None
    (tmp_path / "x").mkdir()
    fault = damage_of("x", str(tmp_path / "x"))
    assert fault is not None and "holds no commit" in fault.message


def test_a_lookup_names_the_damaged_table(whole: SmallLake, capsys: pytest.CaptureFixture[str]) -> None:
    table = whole.place("people_clean")
    part_of(Path(table)).unlink()
    assert lookup.main(["--table", table, "--column", "id", "--", "p1"]) == 1
    issue = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert issue["code"] == "MR531" and issue["message"].startswith("table people_clean, version ")
