"""Delta tables on Spark, on a laptop's JVM, Glue or EMR: the same readers run inside `mapInArrow`, delta-spark commits."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from engine.arrow_types import BRONZE_COLUMNS
from engine.contents import Contents, summed, sums
from engine.delta_log import id_of, last_by, live_files, rows_at, version_of
from engine.faults import Fault
from engine.foreign_errors import first_line, is_too_large
from engine.meter import phase
from engine.plan_types import Field, IngestTask, WorkFile
from engine.quarantine import QUARANTINE_SCHEMA
from engine.read_account import ReadAccount, account_from_json
from engine.session import Session, spark_type
from engine.spark_reader import ACCOUNT, first_fault, reader_of
from engine.tables import (
    Collected,
    Commit,
    Scored,
    Scoring,
    Stored,
    Wanted,
    kept_rows,
    later_run_committed,
    one_row_per_key,
)

NOTE = "millrace.task"

LARGER = "use workers with more memory, fewer features, or fewer rows"


class SparkTables:
    #: An ingest uses all executors, and a view of the session.
    ingests_in_parallel = False
    #: Few, because each part costs some Spark tasks even if there are few rows.
    parts = 8

    def __init__(self, session: Session) -> None:
        self._spark = session.spark
        self._session = session

    def prepare_root(self, root: str) -> None:
        """Nothing to do: Hadoop can read any path."""

    def exists(self, path: str) -> bool:
        from delta.tables import DeltaTable

        return bool(DeltaTable.isDeltaTable(self._spark, path))

    def version(self, path: str) -> int:
        return version_of(path)

    def identity(self, path: str) -> str:
        # Here and below the log is read directly: through Spark each question is a job, which takes seconds on a small machine.
        found = id_of(path, self.version(path))
        if found is None:
            raise FileNotFoundError(f"the log of {path} holds no table id")
        return found

    def extent(self, path: str) -> tuple[int, int]:
        files = live_files(path, self.version(path)) or []
        return len(files), sum(int(file["size"]) for file in files)

    def rows(self, path: str) -> int:
        version = self.version(path)
        return rows_at(path, [version])[version]

    def frame(self, path: str) -> Any:
        return self._spark.read.format("delta").load(path)

    def changes(self, path: str, columns: Sequence[str], since: int) -> Any:
        return self._changes(path, since).select(*columns)

    def appended(self, path: str, since: int) -> Any:
        rows = self._changes(path, since).where("_change_type = 'insert'")
        return rows.drop("_change_type", "_commit_version", "_commit_timestamp")

    def feed(self, path: str, columns: Sequence[str], since: int) -> Any:
        return self._changes(path, since).select(*columns, "_change_type", "_commit_version")

    def added_by(self, path: str, version: int) -> Any:
        return self.appended(path, version - 1)

    def arrow(self, path: str) -> pa.Table:
        with phase("read"):
            return self._session.arrow(self.frame(path))

    def collected(self, path: str, wanted: Wanted) -> Collected:
        table, columns, label = wanted.table, wanted.columns, f"`{wanted.label}`"
        frame = self.frame(path)
        names = [f"`{column['name']}`" for column in columns]
        with phase("read"):
            labelled = self.rows_here(frame.where(f"{label} IS NOT NULL").selectExpr(*names))
            unlabelled = self.rows_here(frame.where(f"{label} IS NULL").selectExpr(*names))
        return Collected(
            labelled,
            unlabelled.cast(labelled.schema),
            self._contents(frame, table.columns, table.numbered),
            self._contents(frame.selectExpr(*names), columns, numbered=False),
        )

    def rows_here(self, frame: Any) -> pa.Table:
        """The rows of a frame on the driver. Raises MR409 if they are more than it accepts."""
        try:
            return self._session.arrow(frame)
        except Exception as failure:
            if not is_too_large(failure):
                raise
            message = "the rows to learn from are larger than the driver accepts: " + first_line(failure)
            raise Fault("MR409", "spark.driver.maxResultSize", message, LARGER) from None

    @contextmanager
    def scored(self, path: str, scoring: Scoring) -> Iterator[Scored]:
        from pyspark.sql.functions import expr

        table, unlabelled = scoring.table, f"`{scoring.label}` IS NULL"
        frame = self.frame(path)
        with phase("read"):
            whole = self._contents(frame, table.columns, table.numbered)
            unscored = frame.where(unlabelled)
            keys = self._contents(unscored, scoring.key, numbered=False)
        fields = ", ".join(f"`{column['name']}` {spark_type(column['type'])}" for column in scoring.made)
        made = unscored.select(*(expr(f"`{name}`") for name in scoring.columns))
        made = made.mapInArrow(batchwise(scoring.function), fields).persist()
        try:
            contents = self._contents(made, scoring.made, numbered=False)
            yield Scored(made, whole, keys, contents, self._contents(made, scoring.key, numbered=False))
        finally:
            made.unpersist()

    def _contents(self, frame: Any, columns: Sequence[Field], numbered: bool) -> Contents:
        return summed(self._session.arrow(frame.selectExpr(*sums(columns, numbered))).to_pylist())

    def materialise(self, frame: Any) -> Stored:
        stored = frame.persist()
        try:
            # Spark is lazy. Count now, so that an error on a row is raised here, where the caller expects it.
            stored.count()
        except Exception:
            stored.unpersist()
            raise
        return Stored(stored)

    def release(self) -> None:
        # Not one by one: for each frame that it drops, Spark plans those again that were made from it.
        self._spark.catalog.clearCache()

    def compute(self, frame: Any) -> None:
        frame.write.format("noop").mode("overwrite").save()

    def write(self, path: str, frame: Any, commit: Commit) -> int:
        with phase("write"):
            if commit.how == "merge":
                self._merge(path, frame, commit)
            else:
                self._write(path, frame, commit)
            return self.version(path)

    def write_kept(self, path: str, batch: Stored, columns: Sequence[str], commit: Commit) -> int:
        batch.frame.createOrReplaceTempView("_kept")
        return self.write(path, self._spark.sql(kept_rows("_kept", columns)), commit)

    def ingest(
        self,
        path: str,
        rejects: str,
        task: IngestTask,
        files: list[WorkFile],
        stamps: dict[str, Any],
        commit: Commit,
        account: Callable[[ReadAccount], dict[str, Any]],
    ) -> dict[str, Any]:
        columns = [*task["columns"], *(c for c in BRONZE_COLUMNS if c["name"] in ("_row", "_source_file"))]
        fields = [f"`{c['name']}` {spark_type(c['type'])}" for c in columns]
        schema = ", ".join([*fields, "_rule STRING", "_reason STRING", "_raw STRING"])
        described = [(json.dumps(file),) for file in files]
        listed = self._spark.createDataFrame(described, "file STRING")
        # One partition per file, so that a large file does not hold up the others.
        listed = listed.repartition(max(1, len(files)))
        records = listed.mapInArrow(reader_of(task, columns), schema).persist()
        try:
            with phase("read"):
                accounts = first_fault(lambda: records.where(f"_rule = '{ACCOUNT}'").select("_raw").collect())
            delivered = ReadAccount()
            for row in accounts:
                delivered.add(account_from_json(json.loads(row["_raw"])))
            outcome = account(delivered)
            records.createOrReplaceTempView("_records")
            stamped = f"CAST('{stamps['at'].isoformat()}' AS TIMESTAMP)"
            names = ", ".join(f"`{c['name']}`" for c in task["columns"])
            good = self._spark.sql(
                f"SELECT {names}, _row, _source_file, {stamped} AS _ingested_at, '{stamps['run']}' AS _run_id "
                "FROM _records WHERE _rule IS NULL"
            )
            bad = self._spark.sql(
                f"SELECT '{task['name']}' AS _task, _rule, _reason, _raw, _row, _source_file, "
                f"'{stamps['run']}' AS _run_id, {stamped} AS _rejected_at FROM _records WHERE _rule <> '{ACCOUNT}'"
            ).select(*QUARANTINE_SCHEMA.names)
            with phase("write"):
                # Rejects first: once the good rows are published, no reject of their file may be missing.
                if delivered.by_rule or self.exists(rejects):
                    how = "overwrite" if commit.how == "overwrite" or not self.exists(rejects) else "replace"
                    rejected = Commit(how, f"{commit.app}/quarantine", commit.sequence, files=commit.files)
                    self._write(rejects, bad, rejected)
                self._write(path, good, Commit(**{**commit.__dict__, "note": outcome}))
            return outcome
        finally:
            records.unpersist()

    def committed(self, path: str, app: str, sequence: int) -> dict[str, Any] | None:
        if not self.exists(path):
            return None
        newest, note = last_by(path, app) or (0, {})
        if newest > sequence:
            raise later_run_committed(path, app, sequence, newest)
        return note if newest == sequence else None

    def _write(self, path: str, frame: Any, commit: Commit) -> None:
        writer = frame.write.format("delta").option("txnAppId", commit.app).option("txnVersion", commit.sequence)
        writer = writer.option("userMetadata", _metadata(commit))
        if not self.exists(path):
            # Set with the first rows: the feed has no changes from before it was enabled.
            writer = writer.option("delta.enableChangeDataFeed", "true").partitionBy(*commit.partition_by)
        if commit.how == "overwrite":
            writer.mode("overwrite").option("overwriteSchema", "true").save(path)
        elif commit.how == "replace":
            names = ", ".join(literal(name) for name in commit.files)
            writer.mode("overwrite").option("replaceWhere", f"_source_file IN ({names})").save(path)
        else:
            writer.mode("append").save(path)

    def _merge(self, path: str, frame: Any, commit: Commit) -> None:
        from delta.tables import DeltaTable

        values = {name: f"s.`{name}`" for name in frame.columns if name != "_delete"}
        on = " AND ".join(f"t.`{name}` = s.`{name}`" for name in commit.key)
        merge = (
            DeltaTable.forPath(self._spark, path)
            .alias("t")
            .merge(frame.alias("s"), on)
            .whenMatchedDelete("s.`_delete`")
            .whenMatchedUpdate(set=values)
            .whenNotMatchedInsert("NOT s.`_delete`", values)
        )
        with self._transaction(commit), one_row_per_key(path, commit):
            merge.execute()

    @contextmanager
    def _transaction(self, commit: Commit) -> Iterator[None]:
        """Set the transaction id in the session: a merge does not take it from options."""
        settings = {
            "spark.databricks.delta.write.txnAppId": commit.app,
            "spark.databricks.delta.write.txnVersion": str(commit.sequence),
            "spark.databricks.delta.commitInfo.userMetadata": _metadata(commit),
        }
        for name, value in settings.items():
            self._spark.conf.set(name, value)
        try:
            yield
        finally:
            for name in settings:
                self._spark.conf.unset(name)

    def _changes(self, path: str, since: int) -> Any:
        if since >= self.version(path):
            empty = "_change_type STRING, _commit_version BIGINT, _commit_timestamp TIMESTAMP"
            extra = self._spark.createDataFrame([], empty)
            return self.frame(path).limit(0).crossJoin(extra)
        reader = self._spark.read.format("delta").option("readChangeFeed", "true")
        return reader.option("startingVersion", since + 1).load(path)


def batchwise(
    function: Callable[[pa.Table], pa.Table],
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The function for `mapInArrow`, which passes the rows of a partition in batches."""

    def each(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from function(pa.Table.from_batches([batch])).to_batches()

    return each


def literal(text: str) -> str:
    """A text as a literal of Spark's SQL, which escapes with `\\`; a doubled quote would be two adjacent literals."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _metadata(commit: Commit) -> str:
    return json.dumps({"app": commit.app, "sequence": commit.sequence, NOTE: commit.note})
