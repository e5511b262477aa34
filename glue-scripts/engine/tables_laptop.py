"""Delta tables on a laptop: Arrow reads the files, Sail computes, `deltalake` commits."""

import itertools
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import DeltaError

from engine.arrow_types import BRONZE_COLUMNS, arrow_schema
from engine.cell_hash import contents_of
from engine.change_feed import feed_of
from engine.contents import Contents
from engine.delta_log import last_by, version_of
from engine.faults import Fault
from engine.files import uri
from engine.lake_folder import make_reachable
from engine.meter import phase
from engine.plan_types import IngestTask, WorkFile
from engine.quarantine import rejected_rows
from engine.read_account import ReadAccount, checked_chunks
from engine.session import Session
from engine.table_rows import dataset_of, plain, rows_of
from engine.tables import Collected, Commit, Scored, Scoring, Stored, Wanted, later_run_committed, one_row_per_key

NOTE = "millrace.task"
#: The property with which a table records its changes.
FEED = {"delta.enableChangeDataFeed": "true"}

#: If the input has more bytes than this, its rows wait for the commit in a file instead of in memory.
IN_MEMORY_BYTES = 1 << 30


class LaptopTables:
    #: An ingest reads in this process and commits without the session.
    ingests_in_parallel = True
    parts = 16

    def __init__(self, session: Session) -> None:
        self._session = session
        self._scratch = tempfile.TemporaryDirectory(prefix="millrace-")
        self._files = itertools.count(1)

    def prepare_root(self, root: str) -> None:
        if "://" not in root:
            make_reachable(root)

    def exists(self, path: str) -> bool:
        return DeltaTable.is_deltatable(path)

    def version(self, path: str) -> int:
        return version_of(path)

    def identity(self, path: str) -> str:
        return str(DeltaTable(path).metadata().id)

    def extent(self, path: str) -> tuple[int, int]:
        sizes = pa.table(DeltaTable(path).get_add_actions(flatten=True))["size_bytes"]
        return len(sizes), int(pc.sum(sizes).as_py() or 0)

    def rows(self, path: str) -> int:
        actions = pa.table(DeltaTable(path).get_add_actions(flatten=True))
        return int(pc.sum(actions["num_records"]).as_py() or 0)

    def frame(self, path: str) -> Any:
        # Not Sail's Delta reader. If a column has one value in a whole file, it takes that value from the log's statistics, where a
        # double can lose its last digit; and it fails on files of a delta-rs merge, whose strings are typed as views. Its Parquet
        # reader has neither problem. Arrow reads partitioned tables, because partition values are not in the files, and empty ones.
        table = DeltaTable(path)
        files = table.file_uris()
        partitioned = table.metadata().partition_columns
        return self._stored(rows_of(path)) if partitioned or unmergeable(table, files) else self._parquet(table, files)

    def _parquet(self, table: DeltaTable, files: Sequence[str]) -> Any:
        # A plain path would be expanded as a pattern. deltalake encodes paths, but not the characters of a pattern.
        places = [file if "://" in file else uri(unquote(file)) for file in files]
        # Spark's MERGE leaves a change feed column in the files: select the table's columns only.
        return self._session.spark.read.parquet(*places).select(*(field.name for field in table.schema().fields))

    def changes(self, path: str, columns: Sequence[str], since: int) -> Any:
        return self._stored(self._changes(path, since, list(columns)).select(list(columns)))

    def appended(self, path: str, since: int) -> Any:
        changes = self._changes(path, since, None)
        inserted = changes.filter(pc.equal(changes["_change_type"], "insert"))
        return self._stored(inserted.drop_columns(["_change_type", "_commit_version", "_commit_timestamp"]))

    def feed(self, path: str, columns: Sequence[str], since: int) -> Any:
        names = [*columns, "_change_type", "_commit_version"]
        return self._stored(self._changes(path, since, list(columns)).select(names))

    def added_by(self, path: str, version: int) -> Any:
        table = DeltaTable(path, version=version)
        earlier = set(DeltaTable(path, version=version - 1).file_uris()) if version else set()
        files = [file for file in table.file_uris() if file not in earlier]
        if not files:
            return self.frame(path).limit(0)
        partitioned = table.metadata().partition_columns
        return (
            self.appended(path, version - 1)
            if partitioned or unmergeable(table, files)
            else self._parquet(table, files)
        )

    def arrow(self, path: str) -> pa.Table:
        with phase("read"):
            return rows_of(path)

    def collected(self, path: str, wanted: Wanted) -> Collected:
        dataset = dataset_of(path)
        names = [column["name"] for column in wanted.columns]
        schema = plain(dataset.schema.empty_table().select(names)).schema
        parts: dict[bool, list[pa.Table]] = {True: [schema.empty_table()], False: [schema.empty_table()]}
        read = contents_of(plain(dataset.schema.empty_table()), wanted.table.columns, wanted.table.numbered)
        with phase("read"):
            for rows in self.batches(dataset):
                read += contents_of(rows, wanted.table.columns, wanted.table.numbered)
                has_label, needed = pc.is_valid(rows[wanted.label]), rows.select(names)
                parts[True].append(needed.filter(has_label))
                parts[False].append(needed.filter(pc.invert(has_label)))
        labelled, unlabelled = (pa.concat_tables(parts[has]) for has in (True, False))
        return Collected(labelled, unlabelled, read, kept=Contents(read.rows))

    def batches(self, dataset: pads.Dataset) -> Iterator[pa.Table]:
        # By default Arrow reads 16 batches of twice this size ahead.
        for batch in dataset.to_batches(batch_size=1 << 16, batch_readahead=4, fragment_readahead=2):
            yield plain(pa.Table.from_batches([batch]))

    @contextmanager
    def scored(self, path: str, scoring: Scoring) -> Iterator[Scored]:
        rows = self.arrow(path)
        unlabelled = rows.filter(pc.is_null(rows[scoring.label]))
        made = scoring.function(unlabelled)
        yield Scored(
            made,
            read=contents_of(rows, scoring.table.columns, scoring.table.numbered),
            key_read=contents_of(unlabelled, scoring.key, numbered=False),
            made=contents_of(made, scoring.made, numbered=False),
            key_made=contents_of(made, scoring.key, numbered=False),
        )

    def materialise(self, frame: Any) -> Stored:
        target = self._path()
        frame.write.parquet(uri(target))
        return Stored(self._session.spark.read.schema(frame.schema).parquet(uri(target)), target)

    def release(self) -> None:
        """Nothing to do: the files go with the stage's temporary folder."""

    def compute(self, frame: Any) -> None:
        self.materialise(frame)

    def write(self, path: str, frame: Any, commit: Commit) -> int:
        with phase("write"):
            table = frame if isinstance(frame, pa.Table) else self._session.arrow(frame)
            if commit.how == "merge":
                self._merge(path, table, commit)
            else:
                self._write(path, table, commit)
            return self.version(path)

    def write_kept(self, path: str, batch: Stored, columns: Sequence[str], commit: Commit) -> int:
        assert batch.folder is not None
        if not Path(batch.folder).exists():
            # Sail writes no file if there are no rows.
            return self.write(path, batch.frame.select(*columns), commit)
        # Read the stored file directly: through the session the same rows take four times as long.
        keeps = pc.field("_bad").is_null() & (pc.field("_rank") == 1)
        with phase("write"):
            rows = pq.read_table(batch.folder, columns=list(columns), filters=keeps)
            return self.write(path, plain(rows), commit)

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
        schema = arrow_schema([*task["columns"], *BRONZE_COLUMNS])
        rejected: list[pa.RecordBatch] = []
        delivered = ReadAccount()

        def good_rows() -> Iterator[pa.RecordBatch]:
            for file in files:
                for chunk in checked_chunks(task, file, delivered):
                    if chunk.rejected.num_rows:
                        rejected.append(chunk.rejected)
                    yield _stamped(chunk.good, schema, stamps)

        with phase("read"):
            rows = self._spooled(schema, good_rows(), sum(file["size"] for file in files))
            outcome = account(delivered)
        # Rejects first: once the good rows are published, no reject of their file may be missing.
        with phase("write"):
            self._write_rejects(rejects, rejected_rows(rejected, task["name"], stamps), commit)
            self._write(path, rows, replace(commit, note=outcome))
        return outcome

    def _spooled(self, schema: pa.Schema, batches: Iterator[pa.RecordBatch], size: int) -> Any:
        """The rows, in memory if the input is small, else in a scratch file."""
        if size <= IN_MEMORY_BYTES:
            return pa.Table.from_batches(batches, schema)
        target = self._path()
        with pq.ParquetWriter(target, schema, compression="lz4") as writer:
            for batch in batches:
                writer.write_batch(batch)
        return pq.ParquetFile(target).iter_batches()

    def committed(self, path: str, app: str, sequence: int) -> dict[str, Any] | None:
        if not DeltaTable.is_deltatable(path):
            return None
        done = DeltaTable(path).transaction_version(app)
        if done is None or done < sequence:
            return None
        if done > sequence:
            raise later_run_committed(path, app, sequence, done)
        # Not simply the newest commit: another program may have committed after it.
        found = last_by(path, app)
        return None if found is None else found[1]

    def _write_rejects(self, path: str, rows: pa.Table, commit: Commit) -> None:
        exists = DeltaTable.is_deltatable(path)
        if rows.num_rows == 0 and not exists:
            return
        how = "overwrite" if commit.how == "overwrite" or not exists else "replace"
        self._write(path, rows, Commit(how, f"{commit.app}/quarantine", commit.sequence, files=commit.files))

    def _write(self, path: str, rows: Any, commit: Commit) -> None:
        properties = _properties(commit)
        exists = DeltaTable.is_deltatable(path)
        options: dict[str, Any] = {"commit_properties": properties}
        if not exists:
            options["configuration"] = FEED
            options["partition_by"] = list(commit.partition_by) or None
            if "://" not in path:
                Path(path).mkdir(parents=True, exist_ok=True)
        else:
            switch_feed_on(path)
        if commit.how == "overwrite":
            write_deltalake(path, rows, mode="overwrite", schema_mode="overwrite" if exists else None, **options)
        elif commit.how == "replace" and exists:
            names = ", ".join("'" + name.replace("'", "''") + "'" for name in commit.files)
            write_deltalake(path, rows, mode="overwrite", predicate=f"_source_file IN ({names})", **options)
        else:
            write_deltalake(path, rows, mode="append", **options)

    def _merge(self, path: str, rows: pa.Table, commit: Commit) -> None:
        columns = [name for name in rows.column_names if name != "_delete"]
        values = {name: f"s.`{name}`" for name in columns}
        on = " AND ".join(f"t.`{name}` = s.`{name}`" for name in commit.key)
        switch_feed_on(path)
        merge = DeltaTable(path).merge(
            rows, on, source_alias="s", target_alias="t", commit_properties=_properties(commit)
        )
        with one_row_per_key(path, commit):
            (
                merge.when_matched_delete("s.`_delete`")
                .when_matched_update(values)
                .when_not_matched_insert(values, predicate="NOT s.`_delete`")
                .execute()
            )

    def _changes(self, path: str, since: int, columns: list[str] | None) -> pa.Table:
        table = DeltaTable(path)
        if since >= table.version():
            schema = pa.schema(table.schema().to_arrow())
            names = columns or schema.names
            extra = {"_change_type": pa.string(), "_commit_version": pa.int64(), "_commit_timestamp": pa.int64()}
            fields = [pa.field(name, schema.field(name).type) for name in names]
            return pa.schema([*fields, *(pa.field(n, t) for n, t in extra.items())]).empty_table()
        if table.metadata().partition_columns:
            schema = plain(pa.schema(table.schema().to_arrow()).empty_table()).schema
            feed = feed_of(path, schema, columns or schema.names, since, table.version())
            return feed.append_column("_commit_timestamp", pa.nulls(feed.num_rows, pa.int64()))
        names = None if columns is None else [*columns, "_change_type", "_commit_version", "_commit_timestamp"]
        try:
            return plain(pa.table(table.load_cdf(since + 1, table.version(), columns=names)))
        except DeltaError as e:
            if "change data" not in str(e).lower():
                raise
            versions = f"from version {since + 1} to {table.version()}"
            what = f"not all changes {versions} were recorded: another program switched the change feed off"
            raise Fault("MR327", path, what, "run with --force transform: the tables are then read in full") from e

    def _stored(self, table: pa.Table) -> Any:
        target = self._path()
        pq.write_table(table, target, compression="lz4")
        return self._session.spark.read.parquet(uri(target))

    def _path(self) -> str:
        return str(Path(self._scratch.name) / f"{next(self._files)}.parquet")


def switch_feed_on(path: str) -> None:
    """Readers need the feed of every commit. Another program may have created the table, or changed its properties."""
    table = DeltaTable(path)
    if any(table.metadata().configuration.get(name) != value for name, value in FEED.items()):
        table.alter.set_table_properties(FEED)


def unmergeable(table: DeltaTable, files: Sequence[str]) -> bool:
    """Whether Sail cannot read these files as one table: if there are none, or if a column is a map.

    Each delta-rs commit may give the fields inside a map other names.
    """
    return not files or (len(files) > 1 and '"type":"map"' in table.schema().to_json())


def _properties(commit: Commit) -> CommitProperties:
    return CommitProperties(
        app_transactions=[Transaction(commit.app, commit.sequence)],
        custom_metadata={NOTE: json.dumps(commit.note)} if commit.note else None,
    )


def _stamped(rows: pa.RecordBatch, schema: pa.Schema, stamps: dict[str, Any]) -> pa.RecordBatch:
    """The batch with `_ingested_at` and `_run_id` added, in the order of the bronze schema."""
    constants = {
        "_ingested_at": pa.repeat(pa.scalar(stamps["at"], pa.timestamp("us", tz="UTC")), rows.num_rows),
        "_run_id": pa.repeat(pa.scalar(stamps["run"], pa.string()), rows.num_rows),
    }
    arrays = [constants[f.name] if f.name in constants else rows.column(f.name) for f in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
