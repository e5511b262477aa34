"""Rows of a Delta table as Arrow reads its files, without a session."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
from deltalake import DeltaTable
from pyarrow.fs import SubTreeFileSystem

from engine.files import filesystem


def rows_of(path: str, columns: Sequence[str] | None = None, where: pc.Expression | None = None) -> pa.Table:
    """Rows of the newest version of a table."""
    return plain(dataset_of(path).to_table(columns=list(columns) if columns else None, filter=where))


def dataset_of(path: str, version: int | None = None) -> pads.Dataset:
    """The files of a version of a table, by default the newest.

    Read through Arrow's own file system: deltalake's is Python that Arrow's threads call, and every fourth process or so that had
    read through it aborted at its exit.
    """
    files, folder = filesystem(path)
    return DeltaTable(path, version=version).to_pyarrow_dataset(filesystem=SubTreeFileSystem(folder, files))


def plain(table: pa.Table) -> pa.Table:
    """Strings as strings: delta-rs gives views, which Arrow's functions do not take yet."""
    fields = [pa.field(f.name, pa.string()) if f.type == pa.string_view() else f for f in table.schema]
    return table.cast(pa.schema(fields))
