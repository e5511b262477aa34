"""Transforms on Sail: what is written, where every row ends up, and what happens if the SQL is wrong."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from engine.faults import Fault
from tests.small_lake import SmallLake, write_people


def altered(lake: SmallLake, name: str, **changes: Any) -> None:
    plan = copy.deepcopy(lake.plan)
    next(t for t in plan["tasks"] if t["name"] == name).update(changes)
    lake.plan = plan


def test_one_row_per_key_is_kept_and_so_is_a_row_whose_lookup_fails(lake: SmallLake) -> None:
    outcome = lake.transform("people_clean")
    assert [(row[0], row[1], row[3]) for row in lake.rows("people_clean")] == [("a", "X", 7), ("b", "nowhere", None)]
    assert (outcome["read"], outcome["written"], outcome["deduplicated"]) == (3, 2, 1)
    assert outcome["lookups"] == {"towns": 1}


def test_the_latest_row_of_a_key_wins(lake: SmallLake) -> None:
    lake.transform("people_clean")
    assert str(lake.rows("people_clean")[0][2]) == "1991-01-01"


def test_aggregated_and_filtered_rows_are_counted_by_rule(lake: SmallLake) -> None:
    lake.transform("people_clean")
    lake.transform("visits_clean")
    outcome = lake.transform("people_features")
    assert outcome["aggregated"] == {"people_features": 1}
    assert outcome["filtered"] == {"before": 1, "known": 1}
    assert outcome["read"] == 5 and outcome["written"] == 2
    assert lake.rows("people_features") == [("a", 7, 1), ("b", None, 0)]


def test_a_where_in_the_sql_is_a_gap_and_nothing_is_committed(lake: SmallLake) -> None:
    lake.transform("people_clean")
    before = lake.rows("people_clean")
    altered(lake, "people_clean", sql=lake.task("people_clean")["sql"] + " WHERE p.town = 'X'")
    lake.begin()
    with pytest.raises(Fault, match=r"MR302.*3 rows went into the SQL of people_clean and 2 came out"):
        lake.transform("people_clean", full=True)
    assert lake.rows("people_clean") == before


def test_a_lost_row_and_a_doubled_row_are_found_although_the_count_is_right(lake: SmallLake) -> None:
    sql = "SELECT max(_row) OVER () AS _row, trim(id) AS id, town, CAST(NULL AS DATE) AS born, t.size FROM people"
    altered(lake, "people_clean", sql=sql.replace("t.size", "CAST((SELECT max(size) FROM towns) AS BIGINT) AS size"))
    with pytest.raises(Fault, match="not the same rows"):
        lake.transform("people_clean")


def test_an_inner_join_of_an_aggregate_is_a_gap(lake: SmallLake) -> None:
    lake.transform("people_clean")
    lake.transform("visits_clean")
    reads = copy.deepcopy(lake.task("people_features")["reads"])
    reads[1]["keep"] = []
    altered(lake, "people_features", reads=reads)
    with pytest.raises(Fault, match="3 rows of visits_clean went into the SQL of people_features, which counts 2"):
        lake.transform("people_features")


def test_a_row_with_a_forbidden_null_is_quarantined_as_it_would_have_been_written(lake: SmallLake) -> None:
    columns = [{**c, "nullable": False} if c["name"] == "born" else c for c in lake.task("people_clean")["columns"]]
    altered(lake, "people_clean", columns=columns)
    outcome = lake.transform("people_clean")
    assert outcome["quarantined"] == {"not_null:born": 1}
    quarantine = lake.session.arrow(lake.tables.frame(lake.lake.quarantine("people_clean"))).to_pylist()
    assert [row["_rule"] for row in quarantine] == ["not_null:born"]
    # Columns that the engine adds are not part of the row.
    raw = json.loads(quarantine[0]["_raw"])
    assert raw["id"] == "b"
    assert set(raw) <= {column["name"] for column in columns}


def test_a_rule_keeps_the_raw_row_in_quarantine(lake: SmallLake) -> None:
    reads = copy.deepcopy(lake.task("people_clean")["reads"])
    reads[0]["quarantine"] = [{"name": "has_town", "sql": "town <> 'nowhere'"}]
    altered(lake, "people_clean", reads=reads)
    outcome = lake.transform("people_clean")
    assert outcome["quarantined"] == {"has_town": 1}
    [row] = lake.session.arrow(lake.tables.frame(lake.lake.quarantine("people_clean"))).to_pylist()
    assert row["_task"] == "people_clean" and '"town":"nowhere"' in row["_raw"] and '"_source_file"' in row["_raw"]


def test_a_failed_expectation_commits_nothing_or_is_reported_as_a_warning(lake: SmallLake) -> None:
    altered(lake, "people_clean", expect=[{"name": "many", "sql": "count(*) > 100", "severity": "warn"}])
    assert lake.transform("people_clean")["warnings"] == ["expectation many does not hold: count(*) > 100"]
    version = lake.tables.version(lake.place("people_clean"))
    altered(lake, "people_clean", expect=[{"name": "many", "sql": "count(*) > 100", "severity": "error"}])
    lake.begin()
    with pytest.raises(Fault, match="MR305"):
        lake.transform("people_clean", full=True)
    assert lake.tables.version(lake.place("people_clean")) == version


def test_a_cast_that_fails_on_a_row_is_a_fault_with_a_hint(lake: SmallLake) -> None:
    altered(lake, "people_clean", sql=lake.task("people_clean")["sql"].replace("try_cast(p.born", "CAST(p.town"))
    with pytest.raises(Fault, match=r"MR306.*try_cast"):
        lake.transform("people_clean")


def test_a_repeated_key_in_an_aggregate_is_a_fault(lake: SmallLake) -> None:
    lake.transform("people_clean")
    task = lake.task("people_features")
    reads = [{**task["reads"][1], "keep": [], "scope": "all"}, {**task["reads"][0], "use": "lookup", "scope": "all"}]
    sql = "SELECT v.id, CAST(1 AS BIGINT) AS size, CAST(1 AS BIGINT) AS visits, 1 AS _rows_visits_clean FROM visits_clean v"
    altered(lake, "people_features", reads=reads, sql=sql)
    lake.transform("visits_clean")
    with pytest.raises(Fault, match="MR303"):
        lake.transform("people_features")


def people(lake: SmallLake, tmp_path: Path, rows: list[tuple[str, str, str]]) -> dict[str, Any]:
    """Reads these people instead of those of the fixture, and returns the outcome of the transform that keeps one row per id."""
    lake.begin()
    lake.ingest("people", [write_people(tmp_path / "other.csv", rows)], full=True)
    return lake.transform("people_clean", full=True)


def test_rows_of_one_key_that_nothing_tells_apart_are_warned_of(lake: SmallLake, tmp_path: Path) -> None:
    twice = [("a", "X", "1990-01-01"), ("a", "Y", "1990-01-01"), ("b", "X", "1990-01-01")]
    outcome = people(lake, tmp_path, twice)
    assert outcome["deduplicated"] == 1
    same = "1 row of people_clean had the key of another row, but other values and the same born"
    assert outcome["warnings"] == [f"{same}; one of them was kept: add a column to latestBy that tells them apart"]

    altered(lake, "people_clean", latestBy=[])
    outcome = people(lake, tmp_path, [*twice, ("b", "X", "1999-09-09"), ("b", "X", "1999-09-09")])
    assert outcome["deduplicated"] == 3
    [warning] = outcome["warnings"]
    # Of one file the last row is kept.
    assert warning.startswith("2 rows of people_clean had the key of another row, but other values; ")
    assert warning.endswith("one of them was kept, not always the latest: add latestBy to people_clean")


def test_equal_rows_and_rows_that_latest_by_tells_apart_are_dropped_without_a_warning(
    lake: SmallLake, tmp_path: Path
) -> None:
    rows = [("a", "X", "1990-01-01"), ("a", "Y", "1991-01-01"), ("b", "X", "1990-01-01"), ("b", "X", "1990-01-01")]
    outcome = people(lake, tmp_path, rows)
    assert (outcome["deduplicated"], outcome["warnings"]) == (2, [])
