"""Decimals, arrays, maps and structs pass unchanged through files, commits of every kind, and tables."""

from pathlib import Path

import pytest

from engine.session import Session
from engine.tables import Tables
from tests.deep_lake import deep_plan, write_deep_people
from tests.small_lake import SmallLake, write_towns, write_visits

DAYS = [
    {"1": [("a", "X", "1990-01-01"), ("b", "Y", "")], "2": [("c", "Z", "1991-01-01")]},
    {"3": [("a", "Q", "1999-01-01"), ("d", "", "")]},
    {"1": [("b", "X", "1992-01-01")]},
    {"4": [("e", "Y", "1993-01-01")]},
]
TABLES = ("people", "people_clean", "people_features")


@pytest.mark.on_engines("sail", "spark")
def test_many_commits_give_the_tables_of_one_full_run(on_engine: tuple[Session, Tables], tmp_path: Path) -> None:
    # Few batches, because each transform takes Spark many seconds.
    days, names = (DAYS, TABLES) if on_engine[0].engine == "sail" else (DAYS[::2], TABLES[:2])
    step = SmallLake(tmp_path / "step", *on_engine, deep_plan())
    seen: set[Path] = set()
    for number, day in enumerate(days):
        step.begin()
        files = [write_deep_people(tmp_path / f"{name}.json", rows) for name, rows in day.items()]
        step.ingest("people", files, replace=any(file in seen for file in files))
        if number == 0:
            others(step, tmp_path)
        for name in names[1:]:
            step.transform(name)
        seen |= set(files)
    whole = SmallLake(tmp_path / "whole", *on_engine, deep_plan())
    whole.begin()
    whole.ingest("people", sorted(seen))
    others(whole, tmp_path)
    for name in names[1:]:
        whole.transform(name)
    assert all(len(whole.rows(name)) >= 2 for name in names)
    assert [step.rows(name) for name in names] == [whole.rows(name) for name in names]


def others(lake: SmallLake, folder: Path) -> None:
    lake.ingest("towns", [write_towns(folder / "towns.parquet", {"X": 7})])
    lake.ingest("visits", [write_visits(folder / "visits.json", [("a", "2024-12-01T00:00:00", 1.0)])])
    lake.transform("visits_clean")
