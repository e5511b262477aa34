"""An aggregate that drops a row and doubles another has the right count of rows, and fails all the same."""

import copy
import itertools
from pathlib import Path

import pytest

from engine.faults import Fault
from engine.groups import parts_of
from tests.small_lake import SmallLake, write_visits
from tests.test_transform import altered

COUNTED = "SELECT v.id, CAST(max({weight}) AS BIGINT) AS size, count(*) AS visits, sum({weight}) AS _rows_visits_clean"


def counting(lake: SmallLake, folder: Path, weight: str) -> None:
    """`people_features` counts forty visits, each by its weight, which depends on its minutes: 0 to 39."""
    lake.transform("people_clean")
    lake.begin()
    visits = [("a", "2024-12-01T00:00:00", float(i)) for i in range(40)]
    lake.ingest("visits", [write_visits(folder / "many.json", visits)], full=True)
    lake.transform("visits_clean")
    plan = copy.deepcopy(lake.plan)
    task = next(t for t in plan["tasks"] if t["name"] == "people_features")
    people, visits_read = task["reads"]
    task["reads"] = [{**visits_read, "keep": [], "scope": "all"}, {**people, "use": "lookup", "scope": "all"}]
    task["sql"] = COUNTED.format(weight=weight) + " FROM visits_clean v GROUP BY v.id"
    lake.plan = plan


def test_rows_that_are_each_counted_once_pass_and_others_fail(lake: SmallLake, tmp_path: Path) -> None:
    counting(lake, tmp_path, "1")
    assert lake.transform("people_features")["aggregated"] == {"people_features": 40}
    weight = "CASE WHEN minutes < 5 THEN 0 WHEN minutes >= 35 THEN 2 ELSE 1 END"
    altered(lake, "people_features", sql=COUNTED.format(weight=weight) + " FROM visits_clean v GROUP BY v.id")
    lake.begin()
    with pytest.raises(Fault, match="MR325"):
        lake.transform("people_features", full=True)


@pytest.mark.parametrize("lost", [1, 5, 20])
def test_rows_lost_and_as_many_doubled_fail(lake: SmallLake, tmp_path: Path, lost: int) -> None:
    counting(lake, tmp_path, f"CASE WHEN minutes < {lost} THEN 0 WHEN minutes >= {40 - lost} THEN 2 ELSE 1 END")
    with pytest.raises(Fault, match=r"MR325.*does not count each row of visits_clean once"):
        lake.transform("people_features")
    assert not lake.tables.exists(lake.lake.of(lake.task("people_features")))


def test_rows_that_no_part_of_one_run_tells_apart_are_told_apart_by_the_parts_of_others(lake: SmallLake) -> None:
    alike = set(itertools.combinations(range(60), 2))
    for run in range(1, 11):
        lake.begin()
        parts = ", ".join(f"{part} AS p{i}" for i, part in enumerate(parts_of(lake.job("people_features", {}))))
        rows = lake.session.arrow(lake.session.sql(f"SELECT {parts} FROM (SELECT id AS _row FROM range(60))", {}))
        codes = [tuple(row.values()) for row in rows.to_pylist()]
        alike = {(a, b) for a, b in alike if codes[a] == codes[b]}
        assert run > 1 or len(alike) < 60 * 59 / 2 / 8, "one run tells most pairs apart"
    assert alike == set()
