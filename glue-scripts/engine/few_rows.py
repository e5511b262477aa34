"""Reads a few rows in this process, from the files that a table's log lists.

A query costs an engine as much for ten rows as for ten thousand, on Spark a second and more. For small reads, such as of a task's own
commit, this is much faster, and it is another reader than the one that computed the rows.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.arrow_types import arrow_schema
from engine.delta_log import Action
from engine.files import filesystem
from engine.plan_types import Field

#: Above these sizes an engine is faster, because it uses all processors.
MOST_BYTES, MOST_FILES = 2 << 20, 16


class Having(NamedTuple):
    """A condition: the rows that have one of these texts in a column."""

    column: str
    texts: Collection[str]


def few_rows(
    table: str, files: Sequence[Action] | None, columns: Sequence[Field], having: Having | None = None
) -> pa.Table | None:
    """The columns of the rows in some files of a table, given as `add` actions.

    None if an engine must read them: there are too many, or the log changes what the files hold (partitions, deleted rows).
    """
    if files is None or len(files) > MOST_FILES or sum(file["size"] for file in files) > MOST_BYTES:
        return None
    if any(file.get("partitionValues") or file.get("deletionVector") for file in files):
        return None
    schema = arrow_schema(columns)
    if having is not None and having.column not in schema.names:
        schema = schema.append(pa.field(having.column, pa.string()))
    storage, folder = filesystem(table)
    parts = [schema.empty_table()]
    for file in files:
        with storage.open_input_file(f"{folder}/{unquote(file['path'])}") as stream:
            opened = pq.ParquetFile(stream)
            if not set(schema.names) <= set(opened.schema_arrow.names):
                return None
            part = opened.read(columns=schema.names).select(schema.names)
        try:
            parts.append(part.cast(schema))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None
    rows = pa.concat_tables(parts)
    return rows.filter(pc.is_in(rows[having.column], pa.array(list(having.texts), pa.string()))) if having else rows
