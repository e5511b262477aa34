"""Proposes a Parquet source for a file."""

import re
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from discovery.names import column_names
from engine.readers.types import type_name


def look_at_parquet(path: str) -> dict[str, Any]:
    file = pq.ParquetFile(path)
    schema = file.schema_arrow
    notes = []
    columns = []
    for name, field in zip(column_names(schema.names), schema, strict=True):
        type_ = parquet_type(field.type)
        if type_ is None:
            notes.append(
                f"no type is proposed for {field.name}, which is {field.type}: declare it yourself, or leave it out"
            )
            continue
        nulls = sum(chunk.null_count for batch in file.iter_batches(columns=[field.name]) for chunk in batch.columns)
        columns.append({"name": name, "header": field.name, "type": type_, "nullable": nulls > 0, "note": ""})
    return {"format": "parquet", "options": {}, "columns": columns, "rows": file.metadata.num_rows, "notes": notes}


NARROW = {pa.int8(): "int", pa.int16(): "int", pa.float32(): "double", pa.large_string(): "string"}


def parquet_type(kind: pa.DataType) -> str | None:
    """The contract type of a column; None if it is nested, or if there is no contract type for it."""
    if pa.types.is_dictionary(kind):
        return parquet_type(kind.value_type)
    if pa.types.is_nested(kind):
        return None
    name = NARROW.get(kind) or type_name(kind)
    return (
        name
        if re.fullmatch(r"string|boolean|int|bigint|double|date|timestamp|binary|decimal\(\d+,\d+\)", name)
        else None
    )
