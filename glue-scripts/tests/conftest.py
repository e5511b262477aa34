from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from engine.session import Session
from engine.tables import Tables
from tests.small_lake import SmallLake, opened, write_people, write_towns, write_visits

# A busy machine is no fault: no property test fails for being slow.
settings.register_profile("millrace", deadline=None)
settings.load_profile("millrace")


@pytest.fixture(scope="session")
def sail() -> Iterator[tuple[Session, Tables]]:
    session, tables = opened("sail")
    yield session, tables
    session.stop()


@pytest.fixture
def lake(tmp_path: Path, sail: tuple[Session, Tables]) -> SmallLake:
    """Two people, three visits and a town, ingested but not yet transformed."""
    small = SmallLake(tmp_path / "root", *sail)
    small.begin()
    data = tmp_path / "data"
    people = [("a", "X", "1990-01-01"), ("a ", "X", "1991-01-01"), ("b", "nowhere", "")]
    small.ingest("people", [write_people(data / "people" / "1.csv", people)])
    visits = [
        ("a", "2024-12-01T00:00:00", 5.0),
        ("a", "2025-03-01T00:00:00", 5.0),
        ("ghost", "2024-12-02T00:00:00", None),
    ]
    small.ingest("visits", [write_visits(data / "visits" / "1.json", visits)])
    small.ingest("towns", [write_towns(data / "towns" / "1.parquet", {"X": 7})])
    return small
