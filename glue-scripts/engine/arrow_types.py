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
    """The Arrow schema of these columns. Every field is nullable: the contract's nulls are checked row by row before the commit."""
    return pa.schema([pa.field(c["name"], arrow_type(c["type"])) for c in columns])
