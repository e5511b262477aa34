"""A session on Sail, a Spark Connect server in this process."""

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine.files import uri
from engine.session import StageWork, with_common_settings

#: Stopped sessions, kept so that Python does not collect them. A collected session closes its client a second time, during
#: whatever call the process is making, and the two calls deadlock.
_stopped: list[Any] = []

#: Sail's setting of the seconds after which it drops a session that got no query.
IDLE = "SAIL_SPARK__SESSION_TIMEOUT_SECS"


class SailSession:
    """Sail, a Spark Connect server in this process."""

    engine = "sail"

    def __init__(self) -> None:
        # Sail logs each start and stop, which would clutter a user's terminal.
        os.environ.setdefault("RUST_LOG", "error")
        # Parquet statistics leave NaN out. With them, Sail's filter `x > 1` misses NaN, and its max is wrong.
        os.environ["SAIL_PARQUET__PRUNING"] = os.environ["SAIL_EXECUTION__COLLECT_STATISTICS"] = "false"
        # By default Sail drops a session that got no query for 15 minutes, as during a long training. A session ends with its process.
        os.environ.setdefault(IDLE, str(365 * 24 * 3600))
        from pysail.spark import SparkConnectServer
        from pyspark.sql import SparkSession as Connect
        from pyspark.sql.connect.client.retries import DefaultPolicy

        self._server = SparkConnectServer("127.0.0.1", 0)
        self._server.start(background=True)
        _, port = self._server.listening_address
        self.spark: Any = with_common_settings(Connect.builder.remote(f"sc://127.0.0.1:{port}")).getOrCreate()
        # The server runs in this process. If it does not answer, it has stopped (an interrupt stops it); by default the client
        # would retry for ten minutes.
        self.spark.client.set_retry_policies([DefaultPolicy(max_retries=3)])
        # A client can attach again to a query whose connection broke, which costs a third of each small query. Here none breaks.
        self.spark.client.disable_reattachable_execute()
        self._scratch = tempfile.TemporaryDirectory(prefix="millrace-")
        self._views = 0

    def sql(self, text: str, args: Mapping[str, Any]) -> Any:
        from pyspark.sql.connect.dataframe import DataFrame
        from pyspark.sql.connect.functions import lit
        from pyspark.sql.connect.plan import SQL

        # The client's own `sql` first sends the text as a command, which takes four times as long as analysing it.
        return DataFrame(SQL(text, None, {name: lit(value) for name, value in args.items()}), self.spark)

    def arrow(self, frame: Any) -> pa.Table:
        from pyspark.sql.pandas.types import to_arrow_schema

        # Like the client's `toArrow`, but without a second request for the schema, which comes with the rows.
        table, schema = frame._to_table()
        return table.cast(to_arrow_schema(schema or frame.schema))

    def view(self, name: str, table: pa.Table) -> None:
        # Through a file, because a local relation is sent in one message of at most 128 MB.
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
        with contextlib.suppress(RuntimeError):  # an interrupt may have stopped it already
            self._server.stop()
        self._scratch.cleanup()


def function_names() -> list[str]:
    """The names of Spark's functions in Python. Almost all are those of its SQL."""
    from pyspark.sql.connect import functions

    return dir(functions)
