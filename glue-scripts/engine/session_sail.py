"""A session of Sail, a Spark Connect server in this process."""

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine.files import uri
from engine.session import StageWork, settled

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
