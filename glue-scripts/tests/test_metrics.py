"""The files and bytes that a task reports match the files on disk."""

import logging
from pathlib import Path
from typing import Any

import pytest

from engine.delta_log import commit_of
from engine.meter import Meter
from engine.metrics import metrics_of, spark_of
from tests.small_lake import SmallLake, write_visits


def of(lake: SmallLake, name: str, item: dict[str, Any], outcome: dict[str, Any]) -> dict[str, Any]:
    return metrics_of(lake.job(name, item), outcome, Meter(), -1)


def parquet(lake: SmallLake, name: str) -> dict[str, int]:
    files = list(Path(lake.place(name)).glob("*.parquet"))
    return {"files": len(files), "bytes": sum(file.stat().st_size for file in files)}


def test_an_ingest_reads_its_files_and_writes_one(lake: SmallLake, tmp_path: Path) -> None:
    file = write_visits(tmp_path / "data" / "visits" / "2.json", [("a", "2024-12-01T00:00:00", 1.0)])
    lake.begin()
    before = parquet(lake, "visits")
    outcome = lake.ingest("visits", [file])
    entry = {"size": file.stat().st_size}
    found = of(lake, "visits", {"mode": "incremental", "files": [entry]}, outcome)
    after = parquet(lake, "visits")
    assert found["read"] == {"files": 1, "bytes": file.stat().st_size}
    assert found["written"] == {"files": 1, "bytes": after["bytes"] - before["bytes"], "removed": 0}


def test_a_full_transform_reads_whole_tables_and_removes_the_old_files(lake: SmallLake) -> None:
    lake.transform("people_clean")
    lake.begin()
    outcome = lake.transform("people_clean", full=True)
    found = of(lake, "people_clean", {"mode": "full", "since": {}}, outcome)
    reads = [parquet(lake, read["table"]) for read in lake.task("people_clean")["reads"]]
    assert found["read"] == {key: sum(read[key] for read in reads) for key in ("files", "bytes")}
    assert (found["written"]["files"], found["written"]["removed"]) == (1, 1)


def test_a_read_of_new_rows_counts_only_the_new_files(lake: SmallLake, tmp_path: Path) -> None:
    lake.transform("visits_clean")
    lake.begin()
    since = dict(lake.consumed["visits_clean"])
    lake.ingest("visits", [write_visits(tmp_path / "data" / "v" / "2.json", [("b", "2024-12-01T00:00:00", 1.0)])])
    commit = commit_of(lake.place("visits"), since["visits"] + 1)
    outcome = lake.transform("visits_clean")
    found = of(lake, "visits_clean", {"mode": "incremental", "since": since}, outcome)
    new = [read["table"] for read in lake.task("visits_clean")["reads"] if read["scope"] == "new"]
    assert new == ["visits"] and commit is not None
    others = [parquet(lake, r["table"])["bytes"] for r in lake.task("visits_clean")["reads"] if r["table"] not in new]
    assert found["read"]["bytes"] == commit.bytes + sum(others)


def test_a_commit_of_an_earlier_run_does_not_count(lake: SmallLake) -> None:
    outcome = lake.transform("people_clean")
    lake.begin()
    found = of(lake, "people_clean", {"mode": "full", "since": {}}, outcome)
    assert found["written"] == {"files": 0, "bytes": 0, "removed": 0}


def test_a_metric_that_cannot_be_measured_is_left_out_and_logged(
    lake: SmallLake, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = of(lake, "people_clean", {"mode": "full", "since": {}}, {"version": None})
    assert "written" not in found and "read" in found
    assert "cannot measure written of people_clean" in caplog.text


def test_the_counters_of_sparks_stages_are_summed() -> None:
    stage = {"numCompleteTasks": 4, "executorRunTime": 1500, "executorCpuTime": 10**9, "jvmGcTime": 20, "inputBytes": 7}
    found = spark_of([stage, {**stage, "numFailedTasks": 1, "diskBytesSpilled": 5}])
    assert found is not None
    assert (found["stages"], found["tasks"], found["failed_tasks"]) == (2, 8, 1)
    assert (found["executor_seconds"], found["cpu_seconds"], found["gc_seconds"]) == (3.0, 2.0, 0.04)
    assert (found["input_bytes"], found["spilled_bytes"]) == (14, 5)
    assert spark_of(None) is None
