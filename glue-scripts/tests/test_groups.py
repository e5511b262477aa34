"""An aggregate that drops one row and doubles another fails although its count of rows is right."""

import copy
import itertools
from pathlib import Path

import pytest

from engine import groups
from engine.faults import Fault
from engine.groups import PARTS, PARTS_OF_MANY, parts_of
from tests.small_lake import SmallLake, write_visits
from tests.test_transform import altered

COUNTED = "SELECT v.id, CAST(max({weight}) AS BIGINT) AS size, count(*) AS visits, sum({weight}) AS _rows_visits_clean"


def counting(lake: SmallLake, folder: Path, weight: str) -> None:
    """`people_features` counts forty visits, each with a weight that depends on its minutes, 0 to 39."""
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


@pytest.mark.on_engines("sail", "spark")
def test_the_check_passes_only_if_each_row_is_counted_once(lake: SmallLake, tmp_path: Path) -> None:
    counting(lake, tmp_path, "1")
    assert lake.transform("people_features")["aggregated"] == {"people_features": 40}
    weight = "CASE WHEN minutes < 5 THEN 0 WHEN minutes >= 35 THEN 2 ELSE 1 END"
    altered(lake, "people_features", sql=COUNTED.format(weight=weight) + " FROM visits_clean v GROUP BY v.id")
    lake.begin()
    with pytest.raises(Fault, match="MR325"):
        lake.transform("people_features", full=True)


@pytest.mark.parametrize("lost", [1, 5, 20])
def test_as_many_lost_as_doubled_rows_fail(lake: SmallLake, tmp_path: Path, lost: int) -> None:
    counting(lake, tmp_path, f"CASE WHEN minutes < {lost} THEN 0 WHEN minutes >= {40 - lost} THEN 2 ELSE 1 END")
    with pytest.raises(Fault, match=r"MR325.*does not count each row of visits_clean once"):
        lake.transform("people_features")
    assert not lake.tables.exists(lake.place("people_features"))


def test_few_pairs_are_in_the_same_parts_throughout_a_run_and_none_over_several_runs(
    lake: SmallLake,
) -> None:
    alike = set(itertools.combinations(range(60), 2))
    escaped = 0
    for run in range(1, 11):
        lake.begin()
        parts = ", ".join(f"{part} AS p{i}" for i, part in enumerate(parts_of(lake.job("people_features", {}))))
        rows = lake.session.arrow(lake.session.sql(f"SELECT {parts} FROM (SELECT id AS _row FROM range(60))", {}))
        codes = [tuple(row.values()) for row in rows.to_pylist()]
        assert len(codes[0]) == PARTS
        escaped += 60 - len(set(codes))
        alike = {(a, b) for a, b in alike if codes[a][:PARTS_OF_MANY] == codes[b][:PARTS_OF_MANY]}
        assert run > 1 or len(alike) < 60 * 59 / 2 / 8, "few parts of one run tell most pairs apart"
    assert escaped <= 2, "of 17,700 pairs, one in 65,536 is to be expected"
    assert alike == set()


@pytest.mark.parametrize(("few", "at_once"), [(1_000, 1_000), (0, 1_000), (0, 0)])
def test_lost_and_doubled_rows_fail_for_any_number_of_rows(
    lake: SmallLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int, at_once: int
) -> None:
    monkeypatch.setattr(groups, "FEW", few)
    monkeypatch.setattr(groups, "AT_ONCE", at_once)
    counting(lake, tmp_path, "CASE WHEN minutes < 5 THEN 0 WHEN minutes >= 35 THEN 2 ELSE 1 END")
    with pytest.raises(Fault, match="MR325"):
        lake.transform("people_features")


def test_sql_with_a_cte_named_like_the_table_or_a_final_comment_is_counted(lake: SmallLake, tmp_path: Path) -> None:
    counting(lake, tmp_path, "1")
    own = "WITH visits_clean AS (SELECT * FROM visits_clean) " + COUNTED.format(weight="1")
    altered(lake, "people_features", sql=own + " FROM visits_clean v GROUP BY v.id -- once each")
    assert lake.transform("people_features")["aggregated"] == {"people_features": 40}
