"""An ingest adds a file to its table once."""

from pathlib import Path

import pytest

from engine.faults import Fault
from tests.small_lake import SmallLake, write_people

pytestmark = pytest.mark.on_engines("sail", "spark")


def test_a_file_that_the_table_holds_is_not_added_again(lake: SmallLake, tmp_path: Path) -> None:
    """Whatever the ledger says: it alone knew, and a ledger can be lost."""
    names = ["o'brien.csv", "a\\b.csv", "new.csv"]
    held = [write_people(tmp_path / "people" / name, [("a", "X", "")]) for name in names[:2]]
    lake.begin()
    lake.ingest("people", held)
    before = lake.rows("people")
    new = write_people(tmp_path / "people" / names[2], [("n", "X", "")])
    lake.begin()
    with pytest.raises(Fault, match=r"MR334.*2 files .* have rows in people already, such as people/a\\b.csv"):
        lake.ingest("people", [new, *held])
    assert lake.rows("people") == before
    assert lake.ingest("people", [new])["written"] == 1
    lake.begin()
    assert lake.ingest("people", held, replace=True)["written"] == 2
    assert len(lake.rows("people")) == len(before) + 1
