"""Bounds on rows quarantined, null or lost: what fails a task, what is a warning, and what is usual."""

import copy
from pathlib import Path
from typing import Any

import pytest

from engine.bounds import check_nulls, check_quarantined, check_rows
from engine.faults import Fault
from tests.small_lake import SmallLake, write_people
from tests.test_transform import altered


class Task:
    """The part of a job that the bounds read."""

    def __init__(self, full: bool = False, usual: dict[str, Any] | None = None, **bounds: Any) -> None:
        self.task = {"name": "t", "path": "t/*.csv", "bounds": bounds}
        self.item = {"usual": usual}
        self.full = full


USUAL = {"read": 1000, "quarantined": 10, "rows": 1000, "nulls": {"c": 50}}


@pytest.mark.parametrize(
    ("job", "read", "rejected"),
    [
        (Task(full=True), 530_106, 530_106),
        (Task(full=True), 1, 1),
        (Task(), 150, 150),
        (Task(), 1000, 600),
        (Task(quarantined={"error": 0.1}), 2000, 300),
        (Task(quarantined={"error": 0.1}, atLeast=5), 10, 6),
    ],
)
def test_too_much_in_quarantine_is_an_error_with_a_hint(job: Any, read: int, rejected: int) -> None:
    with pytest.raises(
        Fault, match=r"MR331.*csv:fields.*repair or remove the input, or skip it with `millrace bookmarks set`"
    ):
        check_quarantined(job, read, {"csv:fields": rejected})


@pytest.mark.parametrize(
    ("job", "read", "rejected", "warned"),
    [
        (Task(), 1, 1, True),
        (Task(), 30, 30, True),
        (Task(full=True), 5000, 150, True),
        (Task(full=True), 5000, 50, False),
        (Task(usual=USUAL), 5000, 200, True),
        (Task(usual=USUAL), 5000, 140, False),
        (Task(usual={**USUAL, "quarantined": 0}), 5000, 30, True),
        (Task(quarantined={"warn": 0.2}), 5000, 900, False),
        (Task(full=True, quarantined={"error": 1}), 500, 500, True),
        (Task(), 5000, 0, False),
    ],
)
def test_a_usual_share_gives_no_warning_and_a_rise_gives_one(job: Any, read: int, rejected: int, warned: bool) -> None:
    assert bool(check_quarantined(job, read, {"r": rejected} if rejected else {})) == warned


def test_a_sudden_rise_of_nulls_is_a_warning_and_exceeding_a_declared_bound_an_error() -> None:
    quiet: Any = Task(usual=USUAL)
    assert check_nulls(quiet, 1000, {"c": 200, "new": 1000}) == []
    assert check_nulls(quiet, 10, {"c": 10}) == []
    assert check_nulls(quiet, 1000, {"c": 900}) == ["90.0% of c is null in 1,000 rows of t, 5.0% in the last runs"]
    bounded: Any = Task(nulls={"c": {"error": 0.3}})
    assert check_nulls(bounded, 1000, {"c": 300}) == []
    with pytest.raises(Fault, match="MR332"):
        check_nulls(bounded, 1000, {"c": 301})


def test_a_table_that_shrinks_is_a_warning_or_an_error_if_declared() -> None:
    job: Any = Task(full=True)
    assert check_rows(job, 1000, 600) == [] and check_rows(job, None, 5) == [] and check_rows(job, 5, 1) == []
    assert check_rows(job, 1000, 400) == ["t shrinks from 1,000 to 400 rows"]
    strict: Any = Task(full=True, fall={"error": 0.2})
    with pytest.raises(Fault, match="MR333"):
        check_rows(strict, 1000, 700)


@pytest.mark.on_engines("sail", "spark")
def test_a_source_with_only_bad_rows_commits_nothing_until_it_is_repaired(lake: SmallLake, tmp_path: Path) -> None:
    lake.begin()
    broken = tmp_path / "data" / "people" / "broken.csv"
    broken.write_text("id,town,born\n" + "a\n" * 3)
    before = lake.rows("people")
    with pytest.raises(Fault, match="MR331"):
        lake.ingest("people", [broken], full=True)
    assert lake.rows("people") == before
    outcome = lake.ingest("people", [write_people(broken, [("r", "X", "1990-01-01")])], full=True)
    assert outcome["written"] == 1 and outcome["measures"] == {"read": 1, "quarantined": 0, "rows": 1, "nulls": {}}


@pytest.mark.on_engines("sail", "spark")
def test_a_table_whose_rows_are_all_quarantined_is_not_emptied(lake: SmallLake) -> None:
    first = lake.transform("people_clean")
    assert first["measures"] == {"read": 3, "quarantined": 0, "rows": 2, "nulls": {"town": 0, "born": 1, "size": 1}}
    reads = copy.deepcopy(lake.task("people_clean")["reads"])
    reads[0]["quarantine"] = [{"name": "never", "sql": "town = 'Z'"}]
    altered(lake, "people_clean", reads=reads)
    lake.begin()
    with pytest.raises(Fault, match=r"MR331.*100.0% of 3 rows of people_clean went to quarantine \(never 3\)"):
        lake.transform("people_clean", full=True)
    assert len(lake.rows("people_clean")) == 2
