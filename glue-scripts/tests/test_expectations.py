"""Expectations of the batch and of the table: which are judged when, and how unjudged ones are reported."""

import copy
from pathlib import Path
from typing import Any

import pytest

from engine.faults import Fault
from tests.small_lake import SmallLake, write_people
from tests.test_transform import altered

NOT_EMPTY = {"name": "not_empty", "sql": "count(*) > 0", "severity": "error"}


def with_rule(lake: SmallLake, expect: list[dict[str, Any]]) -> None:
    reads = copy.deepcopy(lake.task("people_clean")["reads"])
    reads[0]["quarantine"] = [{"name": "has_town", "sql": "town <> 'nowhere'"}]
    altered(lake, "people_clean", reads=reads, expect=expect)


def arrived(lake: SmallLake, tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    lake.begin()
    lake.ingest("people", [write_people(tmp_path / "data" / "people" / f"{lake.sequence}.csv", rows)])


def test_expectations_of_an_empty_incremental_batch_are_reported_as_unjudged(lake: SmallLake, tmp_path: Path) -> None:
    with_rule(lake, [NOT_EMPTY])
    lake.transform("people_clean")
    arrived(lake, tmp_path, [("z", "nowhere", "1990-01-01")])
    outcome = lake.transform("people_clean")
    assert outcome["written"] == 0 and outcome["unjudged"] == ["not_empty: count(*) > 0"]
    assert outcome["quarantined"] == {"has_town": 1} and len(lake.rows("people_clean")) == 1


def test_expectations_of_an_empty_full_run_are_judged_and_fail_with_a_hint(lake: SmallLake) -> None:
    with_rule(lake, [NOT_EMPTY])
    reads = copy.deepcopy(lake.task("people_clean")["reads"])
    reads[0]["quarantine"], reads[0]["keep"] = [], [{"name": "never", "sql": "false"}]
    altered(lake, "people_clean", reads=reads)
    with pytest.raises(Fault, match=r"MR305.*quarantine table, repair or remove the input"):
        lake.transform("people_clean")


@pytest.mark.on_engines("sail", "spark")
@pytest.mark.parametrize("most", [1, 2])
def test_an_expectation_of_the_table_sees_old_and_new_rows(lake: SmallLake, tmp_path: Path, most: int) -> None:
    """Two people become three: one moves, one stays, one is new."""
    of_table = {"name": "few", "sql": f"count(*) <= {most + 1} AND count_if(town = 'Y') = 1", "on": "table"}
    lake.transform("people_clean")
    arrived(lake, tmp_path, [("b", "Y", "1990-01-01"), ("n", "X", "1990-01-01")])
    altered(lake, "people_clean", expect=[{**of_table, "severity": "error"}])
    if most == 2:
        assert lake.transform("people_clean")["warnings"] == []
        assert len(lake.rows("people_clean")) == 3
    else:
        with pytest.raises(Fault, match="MR305"):
            lake.transform("people_clean")
        assert len(lake.rows("people_clean")) == 2


def test_an_expectation_of_the_table_is_judged_even_if_the_batch_is_empty(lake: SmallLake, tmp_path: Path) -> None:
    with_rule(
        lake, [{**NOT_EMPTY, "on": "table"}, {"name": "many", "sql": "count(*) > 9", "severity": "warn", "on": "table"}]
    )
    lake.transform("people_clean")
    arrived(lake, tmp_path, [("z", "nowhere", "1990-01-01")])
    outcome = lake.transform("people_clean")
    assert outcome["warnings"][-1] == "expectation many does not hold: count(*) > 9" and "unjudged" not in outcome


@pytest.mark.on_engines("sail", "spark")
def test_a_partition_value_that_cannot_name_a_folder_is_quarantined(lake: SmallLake, tmp_path: Path) -> None:
    altered(lake, "people_clean", partitionBy=["town"])
    unfit = ["x" * 250, "ü" * 60, "a/b" * 40]
    people = [(f"k{i}", town, "1990-01-01") for i, town in enumerate(unfit)]
    arrived(lake, tmp_path, [*people, ("m", "short & sweet/é", "1990-01-01")])
    outcome = lake.transform("people_clean", full=True)
    assert outcome["quarantined"] == {"partition:town": 3}
    assert sorted(row[1] for row in lake.rows("people_clean")) == ["X", "nowhere", "short & sweet/é"]
    # Read again by key and replaced: the partition is found although its folder's name is encoded.
    altered(lake, "people_clean", expect=[{**NOT_EMPTY, "sql": "count(*) = 3", "on": "table"}])
    arrived(lake, tmp_path, [("m", "50% = ü", "1991-01-01")])
    lake.transform("people_clean")
    assert sorted(row[1] for row in lake.rows("people_clean")) == ["50% = ü", "X", "nowhere"]
