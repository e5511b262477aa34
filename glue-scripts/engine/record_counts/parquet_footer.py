"""Counts the rows of a Parquet file."""

import pyarrow.parquet as pq

from engine.files import filesystem


def rows_in_footer(uri: str) -> int:
    """The number of rows of a Parquet file, from its footer; 0 for an empty file."""
    files, path = filesystem(uri)
    with files.open_input_file(path) as stream:
        return pq.ParquetFile(stream).metadata.num_rows if stream.size() else 0
