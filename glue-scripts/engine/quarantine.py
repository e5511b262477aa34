"""The table of rejected rows: the rule, the reason and the original row, so that a repaired row can be sent back."""

from typing import Any

import pyarrow as pa

QUARANTINE_SCHEMA = pa.schema(
    [
        pa.field("_task", pa.string()),
        pa.field("_rule", pa.string()),
        pa.field("_reason", pa.string()),
        pa.field("_raw", pa.string()),
        pa.field("_row", pa.int64()),
        pa.field("_source_file", pa.string()),
        pa.field("_run_id", pa.string()),
        pa.field("_rejected_at", pa.timestamp("us", tz="UTC")),
    ]
)


def rejected_rows(batches: list[pa.RecordBatch], task: str, stamps: dict[str, Any]) -> pa.Table:
    """Rejects of the readers (rule, reason, raw, _source_file, _row) as rows of the quarantine table."""
    if not batches:
        return QUARANTINE_SCHEMA.empty_table()
    rejects = pa.Table.from_batches(batches)
    constants = {"_task": task, "_run_id": stamps["run"], "_rejected_at": stamps["at"]}
    named = {"_rule": "rule", "_reason": "reason", "_raw": "raw"}
    arrays = [
        pa.repeat(pa.scalar(constants[field.name], field.type), rejects.num_rows)
        if field.name in constants
        else rejects[named.get(field.name, field.name)].cast(field.type)
        for field in QUARANTINE_SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=QUARANTINE_SCHEMA)
