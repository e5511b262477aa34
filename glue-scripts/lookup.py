"""Prints rows of a Delta table by key: `lookup.py --table PATH --column NAME [--column NAME ...] VALUE [VALUE ...]`.

If the key has several columns, give one value per column, in the order of the columns, for each key. Prints one JSON line per row
found, in the order of the keys: {"key": [value, ...], "row": {column: value}}. A key without a row prints nothing.
Values that JSON or JavaScript cannot hold are printed as text (times, decimals, integers beyond 2^53, infinity) or null (NaN).
"""

import argparse
import json
import math
import operator
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from engine.table_damage import damage_of
from engine.table_rows import rows_of
from engine.words import counted

#: JavaScript's greatest safe integer.
SAFE = 2**53 - 1


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Look rows of a Delta table up by key.")
    parser.add_argument("--table", required=True)
    parser.add_argument("--column", required=True, action="append")
    parser.add_argument("values", nargs="+")
    arguments = parser.parse_args(argv)
    width = len(arguments.column)
    if len(arguments.values) % width:
        parser.error(f"give {width} for each key: a key has {counted(width, 'value')}")
    keys = [tuple(arguments.values[at : at + width]) for at in range(0, len(arguments.values), width)]
    try:
        rows = found(arguments.table, arguments.column, keys)
    except Exception:
        fault = damage_of(Path(arguments.table).name, arguments.table)
        if fault is None:
            raise
        print(json.dumps(fault.as_issue()), file=sys.stderr)
        return 1
    for key, row in rows:
        line = {"key": key, "row": {name: written(value) for name, value in row.items()}}
        print(json.dumps(line, allow_nan=False))
    return 0


Key = tuple[str, ...]


def found(table: str, columns: Sequence[str], wanted: Sequence[Key]) -> list[tuple[Key, dict[str, Any]]]:
    """Each wanted key, as it was given, with each row that has it."""
    schema = pa.schema(DeltaTable(table).schema().to_arrow())
    kinds = [schema.field(column).type for column in columns]
    read = {key: tuple(map(key_of, key, kinds)) for key in wanted}
    keys = {key: values for key, values in read.items() if None not in values}
    if not keys:
        return []
    # Filter by each column separately, which removes most rows, then compare whole keys. Not by decimals of more than 15 digits: the
    # log has the bounds of a file as doubles, so such a decimal would be looked for in the wrong files.
    parts = [
        pc.field(column).isin(pa.array(list({values[i] for values in keys.values()}), text_or(kinds[i])))
        for i, column in enumerate(columns)
        if not (pa.types.is_decimal(kinds[i]) and kinds[i].precision > 15)
    ]
    rows = rows_of(table, where=reduce(operator.and_, parts) if parts else None).to_pylist()
    having: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        having.setdefault(tuple(row[column] for column in columns), []).append(row)
    return [(key, row) for key in wanted if key in keys for row in having.get(keys[key], [])]


def key_of(text: str, kind: pa.DataType) -> Any:
    """The text as a value of this type; None if it is not a valid one."""
    try:
        if pa.types.is_timestamp(kind):
            at = datetime.fromisoformat(text.strip())
            # A time without a zone is UTC, as everywhere in the lake.
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            return at.astimezone(UTC) if kind.tz else at.astimezone(UTC).replace(tzinfo=None)
        if pa.types.is_date(kind):
            return date.fromisoformat(text.strip())
        if is_text(kind):
            return text
        if pa.types.is_decimal(kind):
            # More digits than the column has are fine if they are zeros: 1.50 is 1.5.
            return pa.scalar(exact(text, kind.scale), kind).as_py()
        return pa.array([text.strip()]).cast(kind)[0].as_py()
    except (ValueError, ArithmeticError, pa.ArrowException):
        return None


def exact(text: str, scale: int) -> Decimal:
    """The number with `scale` digits after the point. Raises ValueError if it has more."""
    number = Decimal(text.strip())
    with localcontext(prec=100):
        scaled = number.quantize(Decimal(1).scaleb(-scale))
    if scaled != number:
        raise ValueError(f"{text} has more than {scale} digits after the point")
    return scaled


def is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view())


def text_or(kind: pa.DataType) -> pa.DataType:
    """The type for a filter. Plain strings in place of string views, which Arrow cannot compare."""
    return pa.string() if is_text(kind) else kind


def written(value: Any) -> Any:
    """A value in a form that JSON and JavaScript can hold."""
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
