"""Contract types as Arrow types."""

from collections.abc import Iterable

import pyarrow as pa

from engine.plan_types import Field
from engine.readers.types import arrow_type

BRONZE_COLUMNS: list[Field] = [
    {"name": "_row", "type": "bigint"},
    {"name": "_source_file", "type": "string"},
    {"name": "_ingested_at", "type": "timestamp"},
    {"name": "_run_id", "type": "string"},
]


def arrow_schema(columns: Iterable[Field]) -> pa.Schema:
    """Every field is nullable in the file; the contract's nulls are checked before the commit, row by row."""
    return pa.schema([pa.field(c["name"], arrow_type(c["type"])) for c in columns])
