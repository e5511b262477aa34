"""Proposes a JSON lines source for a file."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from discovery.lines import lines_of
from discovery.names import column_names
from discovery.types import is_date, is_time, misfits, too_few
from engine.words import counted


def look_at_json(path: str) -> dict[str, Any]:
    values: dict[str, list[Any]] = {}
    rows = bad = 0
    lines, options, notes = lines_of(path)
    for line in lines:
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            bad += 1
            continue
        rows += 1
        for name, value in record.items():
            values.setdefault(name, []).append(value)
    if bad and rows == 0:
        notes.append("no line is a JSON object; a run reads one object per line")
    elif bad:
        notes.append(f"{bad:,} of {counted(bad + rows, 'line')} would be quarantined: not a JSON object")
    if options:
        notes.append("the file is UTF-16, but a run reads JSON lines as UTF-8: convert it")
    columns = []
    for name, header in zip(column_names(list(values)), values, strict=True):
        full = [value for value in values[header] if value is not None]
        type_, others = type_of_json(full)
        note = misfits([json.dumps(other, ensure_ascii=False) for other in others], len(full))
        column = {"name": name, "header": header, "type": type_, "nullable": len(full) < rows}
        columns.append({**column, "note": f"{note}: quarantined" if note else ""})
    return {"format": "json", "options": {}, "columns": columns, "rows": rows, "notes": notes}


JSON_TESTS: dict[str, Callable[[Any], object]] = {
    "boolean": lambda v: isinstance(v, bool),
    "int": lambda v: type(v) is int and -(2**31) <= v < 2**31,
    "bigint": lambda v: type(v) is int and -(2**63) <= v < 2**63,
    "double": lambda v: type(v) in (int, float),
    "date": lambda v: isinstance(v, str) and is_date(v),
    "timestamp": lambda v: isinstance(v, str) and is_time(v),
}


def type_of_json(values: Sequence[Any]) -> tuple[str, list[Any]]:
    """Like `type_of_texts`, for JSON values. Every value can be a string, as the file writes it."""
    nearly: tuple[str, list[Any]] | None = None
    for name, fits in JSON_TESTS.items() if values else ():
        others: list[Any] | None = too_few(values, fits)
        if others == []:
            return name, []
        if others is not None and (nearly is None or len(others) < len(nearly[1])):
            nearly = name, others
    return nearly or ("string", [])
