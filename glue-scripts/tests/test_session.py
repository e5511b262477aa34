"""An interrupted session ends, and nothing waits for a stopped server. Old dates are the same on Spark as in Arrow."""

import datetime
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from engine.session import ENGINES, Engine, Session, open_session
from engine.session_sail import IDLE
from engine.tables import Tables

#: Long enough for any machine, unless the process waits for minutes.
LIMIT = 120


GONE = """
from engine.session_sail import SailSession
session = SailSession()
session._server.stop()
try:
    session.spark.sql("SELECT 1").collect()
except Exception as failure:
    print(type(failure).__name__)
session.stop()
"""


def test_a_session_does_not_wait_for_a_stopped_server() -> None:
    # In a separate process, because in this one an existing client would be used instead of a new one.
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", GONE], cwd=root, capture_output=True, text=True, timeout=LIMIT)
    assert (done.returncode, done.stdout.strip() != "") == (0, True), done.stderr[-2000:]


PAUSED = """
import os, sys, time
from engine.session_sail import IDLE, SailSession
session = SailSession()
session.spark.sql("SELECT 1 AS a").createOrReplaceTempView("kept")
print(os.environ[IDLE], flush=True)
ended = False
while sys.argv[1] == "until it ends" and not ended:
    time.sleep(4)
    try:
        session.spark.sql("SELECT * FROM kept").collect()
    except Exception as failure:
        ended = "is not running" in str(failure)
print(ended)
session.stop()
"""


def test_a_pause_between_two_queries_does_not_end_the_session() -> None:
    """A training may take longer than the time after which Sail drops an idle session. A short time shows that the setting works."""

    def paused(how: str, **more: str) -> list[str]:
        env = {name: value for name, value in os.environ.items() if name != IDLE} | more
        command = [sys.executable, "-c", PAUSED, how]
        root = Path(__file__).parent.parent
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=LIMIT)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.split()

    [seconds, _] = paused("no longer")
    assert int(seconds) >= 30 * 24 * 3600
    assert paused("until it ends", **{IDLE: "1"}) == ["1", "True"]


INTERRUPTED = """
import sys
from engine.scratch import scratch_below
with scratch_below(sys.argv[1], "r-1"):
    from engine.session import open_session
    session = open_session("sail")
    print("there", flush=True)
    try:
        while True:
            session.spark.sql("SELECT count(*) FROM range(100000) a JOIN range(300) b ON a.id > b.id").collect()
    finally:
        session.stop()
"""


def test_an_interrupt_during_a_query_ends_the_process(tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    working = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
    assert working.stdout is not None and working.stdout.readline() == "there\n"
    time.sleep(1)
    working.send_signal(signal.SIGINT)
    try:
        assert working.wait(LIMIT) == 128 + signal.SIGINT
    finally:
        working.kill()


class FakeBuilder:
    """A stand-in for Spark's builder that records its settings."""

    def __init__(self) -> None:
        self.settings: dict[str, str] = {}

    def appName(self, name: str) -> "FakeBuilder":
        return self

    def master(self, master: str) -> "FakeBuilder":
        return self.config("spark.master", master)

    def config(self, name: str, value: str) -> "FakeBuilder":
        self.settings[name] = value
        return self

    def getOrCreate(self) -> MagicMock:
        return MagicMock()


@pytest.mark.parametrize("variables", [{}, {"GLUE_VERSION": "5.1", "SPARK_MASTER": "yarn"}], ids=["bare", "service's"])
@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine != "sail"])
def test_only_the_flag_decides_whose_spark_is_used(
    engine: Engine, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    builder = FakeBuilder()
    monkeypatch.setattr("pyspark.sql.SparkSession", SimpleNamespace(builder=builder))
    monkeypatch.setattr("engine.session_spark.use_packaged_java", lambda: None)
    for name in ("SPARK_LOCAL_IP", "PYTHONPATH", "PYSPARK_PYTHON"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    session = open_session(engine)
    session.stop()
    # A service sets its own master. Tables and SQL depend on `engine`.
    assert (session.engine, builder.settings.get("spark.master")) == (
        "spark",
        "local[*]" if engine == "spark" else None,
    )


@pytest.mark.on_engines("spark")
def test_old_dates_and_times_pass_through_spark_unchanged(on_engine: tuple[Session, Tables], tmp_path: Path) -> None:
    days = [datetime.date(1, 1, 1), datetime.date(1582, 10, 4), datetime.date(2025, 1, 1), datetime.date(9999, 12, 31)]
    # Arrow and Sail read INT96 as 64-bit nanoseconds, which cover only the two years in the middle.
    times = [datetime.datetime(year, 1, 1, 12, tzinfo=datetime.UTC) for year in (1, 1850, 2025, 9999)]
    schema = pa.schema({"day": pa.date32(), "time": pa.timestamp("us", "UTC")})
    pq.write_table(pa.table({"day": days, "time": times}, schema=schema), tmp_path / "old.parquet")
    spark = on_engine[0].spark
    spark.read.parquet(str(tmp_path / "old.parquet")).write.format("delta").save(str(tmp_path / "copy"))
    copy = DeltaTable(str(tmp_path / "copy"))
    assert copy.to_pyarrow_table().to_pydict() == {"day": days, "time": times}
    # A table may hold files of both engines, and Sail can read them together only if their types are equal.
    written = pq.ParquetFile(copy.file_uris()[0]).schema_arrow
    assert written.field("time").type == pa.timestamp("us", "UTC")
