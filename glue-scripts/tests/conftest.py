from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from engine.session import Session
from engine.tables import Tables
from tests.jvm import PYTHON, Jvm
from tests.prepared import Stage, lake_at
from tests.small_lake import SmallLake, opened, write_people, write_towns, write_visits

# No deadline, so that no property test fails on a busy machine.
settings.register_profile("millrace", deadline=None)
settings.load_profile("millrace")


JVM = pytest.StashKey[Jvm]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--in-the-jvm", action="store_true", help="this is the process with the JVM")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "on_engines(*names): run once on each of these, `sail` or `spark`")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if mark := metafunc.definition.get_closest_marker("on_engines"):
        metafunc.parametrize("engine", mark.args, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--in-the-jvm"):
        items[:] = [OnJvm.from_parent(item.parent, name=item.name) if runs_on_spark(item) else item for item in items]


def runs_on_spark(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    return call is not None and "on_engines" in item.keywords and call.params["engine"] == "spark"


class OnJvm(pytest.Item):
    """A test that runs in the process with the JVM."""

    def runtest(self) -> None:
        if not PYTHON.exists():
            pytest.skip("no Spark environment: npm run setup -- --spark")
        if JVM not in self.config.stash:
            self.config.stash[JVM] = Jvm(Path(pytest.__file__).parent.parent)
        found = self.config.stash[JVM].run(self.nodeid)
        print(found["printed"], end="")
        if found["outcome"] != "passed":
            (pytest.skip if found["outcome"] == "skipped" else pytest.fail)(found["text"])

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        return str(excinfo.value)


def pytest_unconfigure(config: pytest.Config) -> None:
    if JVM in config.stash:
        config.stash[JVM].stop()


@pytest.fixture(scope="session")
def engine() -> str:
    return "sail"


@pytest.fixture(scope="session")
def on_engine(engine: str) -> Iterator[tuple[Session, Tables]]:
    session, tables = opened(engine)
    yield session, tables
    session.stop()


@pytest.fixture(scope="session")
def sail() -> Iterator[tuple[Session, Tables]]:
    session, tables = opened("sail")
    yield session, tables
    session.stop()


@pytest.fixture
def lake(tmp_path: Path, on_engine: tuple[Session, Tables]) -> SmallLake:
    """Two people, three visits and a town, ingested but not yet transformed."""
    return lake_at(INGESTED, tmp_path, *on_engine)


def ingest_all(lake: SmallLake, data: Path) -> None:
    lake.begin()
    people = [("a", "X", "1990-01-01"), ("a ", "X", "1991-01-01"), ("b", "nowhere", "")]
    lake.ingest("people", [write_people(data / "people" / "1.csv", people)])
    visits = [
        ("a", "2024-12-01T00:00:00", 5.0),
        ("a", "2025-03-01T00:00:00", 5.0),
        ("ghost", "2024-12-02T00:00:00", None),
    ]
    lake.ingest("visits", [write_visits(data / "visits" / "1.json", visits)])
    lake.ingest("towns", [write_towns(data / "towns" / "1.parquet", {"X": 7})])


INGESTED = Stage("small, ingested", ingest_all)
