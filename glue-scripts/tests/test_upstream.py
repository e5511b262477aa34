"""In every run, each read returns what the log of the upstream table says was written, or the task fails."""

from pathlib import Path
from typing import Any

import pytest

from engine.faults import Fault
from tests.small_lake import SmallLake, write_people, write_visits


def reads(outcome: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {read["table"]: read for read in outcome["reads"]}


@pytest.fixture
def grown(lake: SmallLake, tmp_path: Path) -> SmallLake:
    """A lake that was built once, and then got another file of each source."""
    for name in ("people_clean", "visits_clean", "people_features"):
        lake.transform(name)
    lake.begin()
    lake.ingest("people", [write_people(tmp_path / "2.csv", [("c", "X", "1992-01-01"), ("a", "X", "1993-01-01")])])
    lake.ingest("visits", [write_visits(tmp_path / "2.json", [("c", "2024-12-01T00:00:00", 1.0)])])
    return lake


def test_a_full_read_has_all_rows_in_the_log(lake: SmallLake) -> None:
    found = reads(lake.transform("people_clean"))
    assert found["people"] == {"table": "people", "to": 0, "upstream": 3, "read": 3}
    assert found["towns"] == {"table": "towns", "to": 0, "upstream": 1, "read": 1}


def test_a_read_of_new_rows_has_the_rows_that_the_log_gained(grown: SmallLake) -> None:
    found = reads(grown.transform("visits_clean"))
    assert found["visits"] == {"table": "visits", "from": 0, "to": 1, "upstream": 1, "grown": 1, "read": 1}


def test_a_read_of_affected_keys_has_every_added_or_changed_row(grown: SmallLake) -> None:
    found = reads(grown.transform("people_clean"))
    # The affected keys are a and c: two new rows, and the two old rows of a.
    assert found["people"] == {
        "table": "people",
        "from": 0,
        "to": 1,
        "upstream": 5,
        "grown": 2,
        "changed": 2,
        "read": 4,
    }
    grown.transform("visits_clean")
    found = reads(grown.transform("people_features"))
    # The row of a has changed and that of c is new; no other row was read.
    assert (found["people_clean"]["grown"], found["people_clean"]["changed"], found["people_clean"]["read"]) == (
        1,
        2,
        2,
    )
    assert (found["visits_clean"]["grown"], found["visits_clean"]["changed"]) == (1, 1)


def test_a_full_read_that_misses_a_row_fails_the_task(lake: SmallLake, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = lake.tables.frame
    monkeypatch.setattr(
        lake.tables,
        "frame",
        lambda path: whole(path).where("coalesce(id, '') <> 'b'") if path.endswith("/people") else whole(path),
    )
    with pytest.raises(
        Fault, match=r"MR323.*people_clean read 2 rows of people, and the table.s log has 3 at version 0"
    ):
        lake.transform("people_clean")
    assert not lake.tables.exists(lake.place("people_clean"))


def test_a_read_of_new_rows_that_misses_a_row_fails_the_task(grown: SmallLake, monkeypatch: pytest.MonkeyPatch) -> None:
    appended = grown.tables.appended
    monkeypatch.setattr(grown.tables, "appended", lambda path, since: appended(path, since).limit(0))
    with pytest.raises(
        Fault, match=r"MR323.*visits_clean read 0 rows of visits, and the table.s log has 1 from version 0 to 1"
    ):
        grown.transform("visits_clean")


def test_a_read_of_affected_keys_that_misses_a_changed_key_fails_the_task(
    grown: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = grown.tables.changes
    monkeypatch.setattr(grown.tables, "changes", lambda *what: changes(*what).where("id <> 'c'"))
    with pytest.raises(
        Fault, match=r"MR324.*people_clean did not read 1 of 2 rows of people that were added or changed"
    ):
        grown.transform("people_clean")


def test_a_cell_that_differs_from_the_commit_fails_its_readers(
    lake: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("people_clean", "visits_clean"):
        lake.transform(name)
    whole = lake.tables.frame

    def swapped(path: str) -> Any:
        frame = whole(path)
        if not path.endswith("/people_clean"):
            return frame
        return frame.selectExpr("_row", "id", "CASE id WHEN 'a' THEN 'nowhere' ELSE 'X' END AS town", "born", "size")

    monkeypatch.setattr(lake.tables, "frame", swapped)
    with pytest.raises(
        Fault, match=r"MR323.*read 2 rows of people_clean, and the table.s log has 2.*not the same rows"
    ):
        lake.transform("people_features")


def test_the_version_recorded_as_read_is_the_one_that_was_read(lake: SmallLake, tmp_path: Path) -> None:
    outcome = lake.transform("people_clean")
    assert outcome["consumed"] == {"people": 0, "towns": 0}
