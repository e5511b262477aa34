"""Query plans are saved for each SQL, without folders of this machine, and never stop a task."""

import logging
import tempfile
from pathlib import Path

import pytest

from engine import query_plan
from engine.faults import Fault
from engine.query_plan import without_places
from tests.small_lake import SmallLake
from tests.test_transform import altered


def kept(lake: SmallLake, name: str) -> str:
    return (lake.root / "runs" / "small" / f"r{lake.sequence}" / "tasks" / f"{name}.plan.txt").read_text()


def test_a_plan_shows_what_is_read_and_no_folder_of_this_machine(lake: SmallLake) -> None:
    lake.transform("people_clean")
    text = kept(lake, "people_clean")
    assert "== Physical Plan ==" in text
    assert "<root>/lake/small/bronze/people/part-" in text and "<root>/lake/small/bronze/towns/part-" in text
    assert str(lake.root).strip("/") not in text and tempfile.gettempdir().strip("/") + "/millrace-" not in text


def test_a_query_with_parameters_has_a_plan_and_a_merge_has_two(lake: SmallLake) -> None:
    for name in ("people_clean", "visits_clean", "people_features"):
        lake.transform(name)
    assert kept(lake, "people_features").count("== Physical Plan ==") == 1
    lake.begin()
    lake.transform("people_features")
    text = kept(lake, "people_features")
    assert "the rows to merge\n-----------------\n" in text and text.count("== Physical Plan ==") == 2


def test_a_task_that_fails_on_a_row_has_a_plan_too(lake: SmallLake) -> None:
    altered(
        lake, "people_clean", sql=lake.task("people_clean")["sql"].replace("t.size", "CAST(p.town AS BIGINT) AS size")
    )
    with pytest.raises(Fault, match="MR306"):
        lake.transform("people_clean")
    assert "== Physical Plan ==" in kept(lake, "people_clean")


def test_a_plan_that_cannot_be_saved_does_not_stop_the_task(
    lake: SmallLake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full_disk(place: str, text: str) -> None:
        raise OSError(28, "No space left on device", place)

    monkeypatch.setattr(query_plan, "write_text", full_disk)
    with caplog.at_level(logging.WARNING):
        outcome = lake.transform("people_clean")
    assert outcome["written"] == 2
    assert "cannot save the query plan of people_clean" in caplog.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[[srv/lake root/lake/a.parquet:0..9]]", "[[<root>/lake/a.parquet:0..9]]"),
        ("[file:/srv/lake root/lake/a]", "[<root>/lake/a]"),
        ("[/srv/lake root/lake/a, srv/other/b]", "[<root>/lake/a, srv/other/b]"),
        (f"[[{tempfile.gettempdir()[1:]}/millrace-x_1/3.parquet]]", "[[<scratch>/3.parquet]]"),
    ],
)
def test_folders_are_replaced_however_the_engines_write_them(text: str, shown: str) -> None:
    assert without_places(text, "/srv/lake root") == shown


def test_paths_in_a_bucket_are_kept() -> None:
    assert without_places("[s3://b/lake/a]", "s3://b") == "[s3://b/lake/a]"
    assert str(Path.cwd()) in without_places(f"{Path.cwd()}/x", "s3://b")
