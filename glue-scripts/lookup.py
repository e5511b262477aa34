"""Prints rows of a Delta table by key: `lookup.py --table PATH --column NAME VALUE [VALUE ...]`.

A JSON line for each row found, in the order of the values: {"asked": value, "row": {column: value}}. A value that no row has gives
no line. What JSON or JavaScript cannot hold is a text (times, decimals, integers beyond 2^53, infinity) or null (NaN).
"""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from engine.table_damage import damage_of
from engine.tables_laptop import rows_of

#: The greatest integer up to which JavaScript holds each.
SAFE = 2**53 - 1


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Look rows of a Delta table up by key.")
    parser.add_argument("--table", required=True)
    parser.add_argument("--column", required=True)
    parser.add_argument("values", nargs="+")
    arguments = parser.parse_args(argv)
    try:
        rows = found(arguments.table, arguments.column, arguments.values)
    except Exception:
        fault = damage_of(Path(arguments.table).name, arguments.table)
        if fault is None:
            raise
        print(json.dumps(fault.as_issue()), file=sys.stderr)
        return 1
    for asked, row in rows:
        line = {"asked": asked, "row": {name: written(value) for name, value in row.items()}}
        print(json.dumps(line, allow_nan=False))
    return 0


def found(table: str, column: str, values: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """Each value, as it was asked for, with each row that has it."""
    kind = pa.schema(DeltaTable(table).schema().to_arrow()).field(column).type
    keys = {value: key for value in values if (key := key_of(value, kind)) is not None}
    if not keys:
        return []
    wanted = pa.array(list(keys.values()), text_or(kind))
    rows = rows_of(table, where=pc.field(column).isin(wanted)).to_pylist()
    return [(value, row) for value in values if value in keys for row in rows if row[column] == keys[value]]


def key_of(text: str, kind: pa.DataType) -> Any:
    """The value of a column of this type that the text stands for; None where it stands for none."""
    try:
        if pa.types.is_timestamp(kind):
            at = datetime.fromisoformat(text.strip())
            # Without a zone a time is UTC, as everywhere in the lake.
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            return at.astimezone(UTC) if kind.tz else at.astimezone(UTC).replace(tzinfo=None)
        if pa.types.is_date(kind):
            return date.fromisoformat(text.strip())
        if is_text(kind):
            return text
        return pa.array([text.strip()]).cast(kind)[0].as_py()
    except (ValueError, pa.ArrowException):
        return None


def is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view())


def text_or(kind: pa.DataType) -> pa.DataType:
    """Strings as strings: Arrow compares no views."""
    return pa.string() if is_text(kind) else kind


def written(value: Any) -> Any:
    match value:
        case bool() | str() | None:
            return value
        case int():
            return value if abs(value) <= SAFE else str(value)
        case float():
            return None if math.isnan(value) else value if math.isfinite(value) else f"{'-' * (value < 0)}Infinity"
        case bytes():
            return value.hex()
        case list():
            return [written(part) for part in value]
        case dict():
            return {name: written(part) for name, part in value.items()}
        case date():
            return value.isoformat()
    return str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
