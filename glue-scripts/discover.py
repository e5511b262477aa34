"""Looks at a file and prints what it holds, as JSON: `discover.py --format csv|json|parquet|text FILE`.

{delimiter, columns: [{name, header, type, nullable}], rows, notes: [text]}. All of the file is looked at; nothing is written.
"""

import argparse
import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

DELIMITERS = ",;\t|"
SAMPLE_CHARACTERS = 1 << 20
PARQUET_TYPES = {
    pa.string(): "string",
    pa.large_string(): "string",
    pa.bool_(): "boolean",
    pa.int8(): "int",
    pa.int16(): "int",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float32(): "double",
    pa.float64(): "double",
    pa.date32(): "date",
}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Propose what a source has to say of a file.")
    parser.add_argument("--format", required=True, choices=["csv", "json", "parquet", "text"])
    parser.add_argument("file")
    arguments = parser.parse_args(argv)
    look = {"csv": look_at_csv, "json": look_at_json, "parquet": look_at_parquet, "text": look_at_text}[
        arguments.format
    ]
    print(json.dumps(look(arguments.file)))
    return 0


def look_at_csv(path: str) -> dict[str, Any]:
    with open(path, "rb") as file:
        raw = file.read()
    notes = []
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
        notes.append("not all of it is UTF-8: lines with other bytes are quarantined")
    delimiter = likely_delimiter(text[:SAMPLE_CHARACTERS])
    records = [record for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if record]
    if not records:
        return {"delimiter": delimiter, "columns": [], "rows": 0, "notes": [*notes, "the file is empty"]}
    header, *rows = records
    if any(re.fullmatch(r"[-+]?[\d.,]+|", name.strip()) for name in header) or len(set(header)) < len(header):
        notes.append("the first line may be no header: it has numbers, blanks or a name twice")
    ragged = sum(len(row) != len(header) for row in rows)
    if ragged:
        notes.append(
            f"{ragged} of {len(rows)} records have another number of cells than the header, and would be quarantined"
        )
    names = column_names(header)
    columns = [
        {
            "name": name,
            "header": told,
            "type": "string",
            "nullable": True,
            "holds": held(row[i] for row in rows if len(row) > i),
        }
        for i, (name, told) in enumerate(zip(names, header, strict=True))
    ]
    return {"delimiter": delimiter, "columns": columns, "rows": len(rows), "notes": notes}


def likely_delimiter(text: str) -> str:
    """The one by which most records have the same number of cells, and more than one of them."""

    def score(delimiter: str) -> tuple[float, int]:
        records = [r for r in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if r][:-1] or [[]]
        cells, alike = Counter(map(len, records)).most_common(1)[0]
        return (alike / len(records) if cells > 1 else 0.0, cells)

    return max(DELIMITERS, key=score)


def held(cells: Iterable[str]) -> str:
    """What the cells of a csv column hold: the type that a silver table may cast them to, with `?` where some are empty."""
    seen = [cell.strip() for cell in cells]
    full = [cell for cell in seen if cell]
    return type_of_texts(full) + ("?" if len(full) < len(seen) else "")


def type_of_texts(texts: list[str]) -> str:
    tests = [
        ("boolean", lambda t: t.lower() in ("true", "false")),
        ("int", lambda t: re.fullmatch(r"-?(0|[1-9]\d{0,8})", t)),
        ("bigint", lambda t: re.fullmatch(r"-?(0|[1-9]\d{0,17})", t)),
        ("double", lambda t: re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", t) and not re.match(r"-?0\d", t)),
        ("date", lambda t: is_date(t)),
        ("timestamp", lambda t: is_time(t)),
    ]
    return next((name for name, fits in tests if texts and all(map(fits, texts))), "string")


def is_date(text: str) -> bool:
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def is_time(text: str) -> bool:
    try:
        return re.match(r"\d{4}-\d\d-\d\d[T ]", text) is not None and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def look_at_json(path: str) -> dict[str, Any]:
    values: dict[str, list[Any]] = {}
    rows = bad = 0
    with open(path, "rb") as file:
        for line in file:
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
    notes = [f"{bad} lines are no JSON object, and would be quarantined"] if bad else []
    columns = []
    for name, header in zip(column_names(list(values)), values, strict=True):
        full = [value for value in values[header] if value is not None]
        columns.append({"name": name, "header": header, "type": type_of_json(full), "nullable": len(full) < rows})
    return {"columns": columns, "rows": rows, "notes": notes}


def look_at_text(path: str) -> dict[str, Any]:
    with open(path, "rb") as file:
        raw = file.read()
    notes = []
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.append("not all of it is UTF-8: lines with other bytes are quarantined")
    rows = raw.count(b"\n") + (not raw.endswith(b"\n") and bool(raw))
    return {
        "columns": [{"name": "line", "header": "line", "type": "string", "nullable": False}],
        "rows": rows,
        "notes": notes,
    }


def type_of_json(values: list[Any]) -> str:
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in values):
        return "int" if all(-(2**31) <= value < 2**31 for value in values) else "bigint"
    if kinds and kinds <= {int, float}:
        return "double"
    if kinds == {str}:
        found = type_of_texts(values)
        return found if found in ("date", "timestamp") else "string"
    return "string"


def look_at_parquet(path: str) -> dict[str, Any]:
    file = pq.ParquetFile(path)
    schema = file.schema_arrow
    notes = []
    columns = []
    for name, field in zip(column_names(schema.names), schema, strict=True):
        type_ = "timestamp" if pa.types.is_timestamp(field.type) else PARQUET_TYPES.get(field.type)
        if type_ is None:
            notes.append(f"{field.name} is {field.type}, which is not proposed: declare it by hand, or leave it out")
            continue
        nulls = sum(chunk.null_count for batch in file.iter_batches(columns=[field.name]) for chunk in batch.columns)
        columns.append({"name": name, "header": field.name, "type": type_, "nullable": nulls > 0})
    return {"columns": columns, "rows": file.metadata.num_rows, "notes": notes}


def column_names(headers: list[str]) -> list[str]:
    """Names that a definition takes: `customer ID` as `customer_ID`; each once, in whichever case."""
    names: list[str] = []
    for i, header in enumerate(headers):
        plain = re.sub(r"[^A-Za-z0-9]+", "_", header.strip()).strip("_")
        name = plain if re.match(r"[A-Za-z]", plain) else f"c_{plain or i + 1}"
        taken = {other.lower() for other in names}
        names.append(name if name.lower() not in taken else f"{name}_{i + 1}")
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
