"""A rejected row is kept completely on every engine."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from engine.job import Job
from engine.session import Session


@pytest.mark.on_engines("sail", "spark")
def test_a_rejected_time_keeps_its_microseconds(on_engine: tuple[Session, Any]) -> None:
    session, _ = on_engine
    at = [datetime(2025, 1, 2, 3, 4, 5, 678901, UTC), datetime(1969, 12, 31, 23, 59, 59, 1, UTC), None]
    session.view("timed", pa.table({"at": pa.array(at, pa.timestamp("us", "UTC")), "n": [1, 2, 3]}))
    raw = Job.raw(SimpleNamespace(session=session), "at, n")  # type: ignore[arg-type]
    found = [
        json.loads(row["r"]) for row in session.arrow(session.spark.sql(f"SELECT {raw} AS r FROM timed")).to_pylist()
    ]
    assert sorted(row["n"] for row in found) == [1, 2, 3]
    assert {row["n"]: row.get("at") for row in found} == {
        1: "2025-01-02T03:04:05.678901Z",
        2: "1969-12-31T23:59:59.000001Z",
        3: None,
    }
