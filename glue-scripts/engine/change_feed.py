"""The change feed of a partitioned table, read from its log.

deltalake cannot read it: it takes the name of a partition's folder from the log, which encodes the name once more if the value holds
`=`, `%`, `/` or a quote. `g=50%2525` in the log is the folder `g=50%25`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from engine.delta_log import Action, actions_of
from engine.faults import Fault
from engine.files import filesystem

KIND, VERSION = "_change_type", "_commit_version"


def feed_of(table: str, schema: pa.Schema, columns: Sequence[str], since: int, until: int) -> pa.Table:
    """The rows added, removed or changed after version `since` up to `until`: these columns, `_change_type` and `_commit_version`.

    MR509 if the log no longer holds one of the versions.
    """
    wanted = pa.schema(
        [*(schema.field(name) for name in columns), pa.field(KIND, pa.string()), pa.field(VERSION, pa.int64())]
    )
    parts = [
        rows.append_column(wanted.field(VERSION), pa.repeat(pa.scalar(version, pa.int64()), rows.num_rows))
        for version in range(since + 1, until + 1)
        for rows in changes_of(table, version, wanted.remove(len(wanted) - 1))
    ]
    return pa.concat_tables(parts) if parts else wanted.empty_table()


def changes_of(table: str, version: int, wanted: pa.Schema) -> Iterator[pa.Table]:
    actions = actions_of(table, version)
    if actions is None:
        message = f"the log of the table no longer holds version {version}"
        raise Fault("MR509", table, message, "run again with --force and the names of the tasks that read this table")
    written = [action["cdc"] for action in actions if "cdc" in action]
    if written:
        for file in written:
            yield rows_of_file(table, file, wanted, None)
        return
    for action in actions:
        for name, kind in (("add", "insert"), ("remove", "delete")):
            if action.get(name, {}).get("dataChange"):
                yield rows_of_file(table, action[name], wanted, kind)


def rows_of_file(table: str, file: Action, wanted: pa.Schema, kind: str | None) -> pa.Table:
    """The rows of a data file or a change file. `kind` is the kind of change for a data file, which does not hold one."""
    files, folder = filesystem(table)
    found = pq.read_table(f"{folder}/{unquote(file['path'])}", filesystem=files, partitioning=None)
    known: Mapping[str, str | None] = file.get("partitionValues") or {}
    arrays = [column_of(found, field, known, kind if field.name == KIND else None).cast(field.type) for field in wanted]
    return pa.Table.from_arrays(arrays, schema=wanted)


def column_of(found: pa.Table, field: pa.Field, known: Mapping[str, str | None], constant: str | None) -> Any:
    if constant is not None:
        return pa.repeat(pa.scalar(constant), found.num_rows)
    if field.name in found.column_names:
        return found[field.name]
    return pa.repeat(partition_value(known.get(field.name), field.type), found.num_rows)


def partition_value(text: str | None, type_: pa.DataType) -> pa.Scalar:
    """The value of a partition column, from its text in the log. Null and the empty text are null."""
    if text is None or text == "":
        return pa.scalar(None, type_)
    if pa.types.is_timestamp(type_):
        plain = pa.scalar(text.removesuffix("Z")).cast(pa.timestamp("us"))
        return pa.scalar(plain.value, pa.timestamp("us", tz="UTC")).cast(type_)
    return pa.scalar(text).cast(type_)
