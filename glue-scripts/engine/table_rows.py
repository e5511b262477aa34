"""Reads the rows of a Delta table with Arrow, without a session."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
from deltalake import DeltaTable
from pyarrow.fs import SubTreeFileSystem

from engine.files import filesystem


def rows_of(path: str, columns: Sequence[str] | None = None, where: pc.Expression | None = None) -> pa.Table:
    """The rows of the newest version of a table."""
    return plain(dataset_of(path).to_table(columns=list(columns) if columns else None, filter=where))


def dataset_of(path: str, version: int | None = None) -> pads.Dataset:
    """The files of a version of a table, by default the newest.

    Uses Arrow's file system. deltalake's is Python code called from Arrow's threads: about every fourth process that used it aborted
    at exit.
    """
    files, folder = filesystem(path)
    return DeltaTable(path, version=version).to_pyarrow_dataset(filesystem=SubTreeFileSystem(folder, files))


def plain(table: pa.Table) -> pa.Table:
    """The table with plain strings. delta-rs returns string views, which many of Arrow's functions do not accept yet."""
    fields = [pa.field(f.name, pa.string()) if f.type == pa.string_view() else f for f in table.schema]
    return table.cast(pa.schema(fields))
