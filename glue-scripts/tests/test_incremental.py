"""However the input is divided into batches, the tables are the same as after one full run."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.session import Session
from engine.tables import Tables
from tests.small_lake import SmallLake, write_people, write_towns, write_visits

people = st.tuples(
    st.sampled_from(["a", "b", " a", "c "]),
    st.sampled_from(["X", "Y", ""]),
    st.sampled_from(["1990-01-01", "1991-01-01", ""]),
)
visits = st.tuples(
    st.sampled_from(["a", "b", "ghost"]), st.sampled_from(["2024-12-01T00:00:00", "2025-06-01T00:00:00"]), st.none()
)
#: A batch writes files by number; a number used before rewrites that file.
batches = st.lists(
    st.tuples(
        st.dictionaries(st.integers(0, 2), st.lists(people, max_size=4), max_size=2),
        st.dictionaries(st.integers(3, 9), st.lists(visits, max_size=4), max_size=2),
    ),
    min_size=2,
    max_size=3,
)
TRANSFORMS = ["people_clean", "visits_clean", "people_features"]


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(batches=batches)
def test_batches_give_the_tables_of_one_full_run(sail: tuple[Session, Tables], batches: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        towns = write_towns(data / "towns" / "1.parquet", {"X": 7})
        step = SmallLake(Path(folder) / "step", *sail)
        seen: set[Path] = set()
        seen_visits: set[int] = set()
        for i, (new_people, new_visits) in enumerate(batches):
            step.begin()
            if i == 0:
                step.ingest("towns", [towns])
            files = [write_people(data / "people" / f"{n}.csv", rows) for n, rows in new_people.items()]
            if files or i == 0:
                step.ingest("people", files, replace=any(f in seen for f in files))
            seen |= set(files)
            # Visits are only appended here, because after a rewritten file the runner orders a full run of visits_clean.
            fresh = {n: rows for n, rows in new_visits.items() if n not in seen_visits}
            seen_visits |= set(fresh)
            files = [write_visits(data / "visits" / f"{n}.json", rows) for n, rows in fresh.items()]
            if files or i == 0:
                step.ingest("visits", files)
            for name in TRANSFORMS:
                step.transform(name)
        whole = SmallLake(Path(folder) / "whole", *sail)
        whole.begin()
        whole.ingest("towns", [towns])
        whole.ingest("people", sorted((data / "people").glob("*.csv")))
        whole.ingest("visits", sorted((data / "visits").glob("*.json")))
        for name in TRANSFORMS:
            whole.transform(name)
            assert step.rows(name) == whole.rows(name), name


def test_a_replayed_commit_does_not_change_the_table(tmp_path: Path, sail: tuple[Session, Tables]) -> None:
    lake = SmallLake(tmp_path / "root", *sail)
    lake.begin()
    first = write_people(tmp_path / "people" / "1.csv", [("a", "X", "1990-01-01")])
    lake.ingest("people", [first])
    lake.begin()
    second = write_people(tmp_path / "people" / "2.csv", [("b", "X", "1990-01-01"), ("bad",)])  # type: ignore[list-item]
    once = lake.ingest("people", [second])
    again = lake.ingest("people", [second])
    assert once == again and once["quarantined"] == {"csv:fields": 1}
    assert lake.rows("people") == [("a", "X", "1990-01-01"), ("b", "X", "1990-01-01")]


def test_a_replayed_transform_appends_once(tmp_path: Path, sail: tuple[Session, Tables]) -> None:
    lake = SmallLake(tmp_path / "root", *sail)
    lake.begin()
    lake.ingest("visits", [write_visits(tmp_path / "visits" / "1.json", [("a", "2024-12-01T00:00:00", None)])])
    lake.transform("visits_clean")
    lake.begin()
    since = dict(lake.consumed["visits_clean"])
    lake.ingest("visits", [write_visits(tmp_path / "visits" / "2.json", [("b", "2024-12-01T00:00:00", None)])])
    once = lake.transform("visits_clean")
    # The process ended after the commit and before the outcome was saved; the stage runs again.
    lake.consumed["visits_clean"] = since
    assert lake.transform("visits_clean") == once
    assert [row[0] for row in lake.rows("visits_clean")] == ["a", "b"]


def test_a_file_of_a_killed_run_is_replaced_and_not_doubled(tmp_path: Path, sail: tuple[Session, Tables]) -> None:
    lake = SmallLake(tmp_path / "root", *sail)
    lake.begin()
    lake.ingest("people", [write_people(tmp_path / "people" / "1.csv", [("a", "X", "")])])
    second = write_people(tmp_path / "people" / "2.csv", [("b", "X", "")])
    lake.begin()
    lake.ingest("people", [second])
    # The run was killed before it could save that; the next run has another sequence number.
    lake.begin()
    lake.ingest("people", [second], replace=True)
    assert [row[0] for row in lake.rows("people")] == ["a", "b"]


@pytest.mark.parametrize("name", ["o'brien", "x''y", "a\\b", "\\'", "100%", 'a"b', "März", "$1", ":cut"])
def test_a_file_of_any_name_is_replaced(tmp_path: Path, sail: tuple[Session, Tables], name: str) -> None:
    lake = SmallLake(tmp_path / "root", *sail)
    lake.begin()
    people = tmp_path / "people"
    lake.ingest("people", [write_people(people / f"{name}.csv", [("a", "X", ""), ("b", "X", "")])])
    lake.begin()
    outcome = lake.ingest("people", [write_people(people / f"{name}.csv", [("c", "X", "")])], replace=True)
    assert outcome["written"] == 1
    assert [row[0] for row in lake.rows("people")] == ["c"]
