"""An ingest adds a file to its table once."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from engine.faults import Fault
from engine.ingest import run_ingest
from tests.small_lake import SmallLake, write_people, write_visits

pytestmark = pytest.mark.on_engines("sail", "spark")


def test_a_file_that_is_already_in_the_table_is_not_added_again(lake: SmallLake, tmp_path: Path) -> None:
    """Even if the bookmarks do not know the file, because bookmarks can be lost."""
    names = ["o'brien.csv", "a\\b.csv", "new.csv"]
    held = [write_people(tmp_path / "people" / name, [("a", "X", "")]) for name in names[:2]]
    lake.begin()
    lake.ingest("people", held)
    before = lake.rows("people")
    new = write_people(tmp_path / "people" / names[2], [("n", "X", "")])
    lake.begin()
    with pytest.raises(Fault, match=r"MR334.*people already has rows of 2 new files, such as people/a\\b.csv"):
        lake.ingest("people", [new, *held])
    assert lake.rows("people") == before
    assert lake.ingest("people", [new])["written"] == 1
    lake.begin()
    assert lake.ingest("people", held, replace=True)["written"] == 2
    assert len(lake.rows("people")) == len(before) + 1


def test_a_fault_in_a_file_is_the_same_on_every_engine(lake: SmallLake, tmp_path: Path) -> None:
    """Its texts contain separators. On Spark it comes from another process, inside a JVM exception."""
    path = tmp_path / "people" / "a: b (c) 'd' \u00e9.csv"
    path.parent.mkdir()
    path.write_text("id,town: (of birth)\n1,X\n")
    lake.begin()
    with pytest.raises(Fault) as found:
        lake.ingest("people", [path])
    fault = found.value
    assert (fault.code, fault.path) == ("MR203", f"people/{path.name}")
    assert fault.message == 'the header lacks "town", "born"; it has "id", "town: (of birth)"'
    assert fault.hint == "add the column to the file, remove it from the source, or list it in `mayLack`"


def test_a_date_before_the_calendar_changed_stays_the_same(lake: SmallLake, tmp_path: Path) -> None:
    """By default Spark refuses dates before 1582 and times before 1900 in Parquet."""
    days = ["0001-01-01", "1582-10-04", "1582-10-10", "1899-12-31"]
    lake.begin()
    people = [(day, "X", day) for day in days]
    lake.ingest("people", [write_people(tmp_path / "people" / "old.csv", people)])
    visits = [(day, f"{day}T00:00:00", 1.0) for day in days]
    lake.ingest("visits", [write_visits(tmp_path / "visits" / "old.json", visits)])
    lake.transform("people_clean")
    lake.transform("visits_clean")
    born = {row[0]: str(row[2]) for row in lake.rows("people_clean")}
    seen = {row[0]: row[1].isoformat()[:10] for row in lake.rows("visits_clean")}
    assert [(born[day], seen[day]) for day in days] == [(day, day) for day in days]


def test_if_a_file_has_changed_since_the_claim_no_file_adds_rows(lake: SmallLake, tmp_path: Path) -> None:
    claimed = write_people(tmp_path / "people" / "claimed.csv", [("n", "X", ""), ("o", "Y", "")])
    whole = claimed.read_bytes()
    files: list[dict[str, Any]] = [
        {
            "path": f"people/{file.name}",
            "uri": str(file),
            "etag": hashlib.sha256(file.read_bytes()).hexdigest(),
            "size": file.stat().st_size,
            "replace": False,
        }
        for file in (claimed, write_people(tmp_path / "people" / "beside.csv", [("p", "X", "")]))
    ]
    before = lake.rows("people")
    lake.begin()
    for other in (whole[:-6], whole.replace(b"Y", b"Z")):
        claimed.write_bytes(other)
        with pytest.raises(Fault, match=r"MR208.*claimed"):
            run_ingest(lake.job("people", {"mode": "incremental", "files": files}))
        assert lake.rows("people") == before
    claimed.write_bytes(whole)
    assert run_ingest(lake.job("people", {"mode": "incremental", "files": files}))["written"] == 3
