"""Looks at a file and prints what a source would say of it, as JSON: `discover.py --format csv|json|parquet|text FILE`.

{format, delimiter, options, columns: [{name, header, type, nullable, holds, note}], rows, notes: [text]}. Packed files are read as a
run reads them.
Of a csv at most a million records are looked at; nothing is written. Exit status 1 with one line on stderr where it cannot be read.
"""

import argparse
import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine.faults import Fault
from engine.readers.streams import unpacked
from engine.readers.types import type_name
from engine.words import counted

DELIMITERS = ",;\t|"
SAMPLE_CHARACTERS = 1 << 20
MOST_RECORDS = 1_000_000

#: A type that so many of the cells have is that of the column; the others are named.
NEARLY_ALL = 0.99

#: A first line of a text is a header, or data, by at least this share of its records having as many cells.
ALIKE = 0.9

UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Propose what a source has to say of a file.")
    parser.add_argument("--format", required=True, choices=["csv", "txt", "json", "parquet", "text"])
    parser.add_argument("file")
    arguments = parser.parse_args(argv)
    looks = {
        **{"csv": look_at_csv, "txt": look_at_txt, "json": look_at_json, "parquet": look_at_parquet},
        "text": look_at_text,
    }
    try:
        print(json.dumps(looks[arguments.format](arguments.file)))
    except Fault as fault:
        print(f"{fault.message}; {fault.hint}", file=sys.stderr)
        return 1
    except pa.ArrowInvalid as failure:
        print(f"it is not {arguments.format}: {str(failure).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


def lines_of(path: str) -> tuple[Iterator[str], dict[str, Any], list[str]]:
    """The lines of a text file with their ends, the options by which they are read, and what is to be said of it."""
    with open(path, "rb") as file:
        raw = _all(unpacked(file, path))
    if raw[:2] in UTF_16:
        return iter(io.StringIO(raw.decode("utf-16", "replace"), newline="")), {"encoding": "utf-16"}, []
    try:
        return iter(io.StringIO(raw.decode("utf-8-sig"), newline="")), {}, []
    except UnicodeDecodeError:
        note = "not all of it is UTF-8: lines with other bytes are quarantined, unless `encoding` says what they are"
        return iter(io.StringIO(raw.decode("latin-1"), newline="")), {}, [note]


def _all(stream: Any) -> bytes:
    pieces = []
    while piece := stream.read(1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def look_at_csv(path: str) -> dict[str, Any]:
    lines, options, notes = lines_of(path)
    return _csv(list(lines), options, notes)


def look_at_txt(path: str) -> dict[str, Any]:
    """A csv, where a delimiter makes records of as many cells; else lines of text."""
    lines, options, notes = lines_of(path)
    whole = list(lines)
    _, alike = likely_delimiter("".join(whole)[:SAMPLE_CHARACTERS])
    return _csv(whole, options, notes) if alike >= ALIKE else _text(whole, options, notes)


def look_at_text(path: str) -> dict[str, Any]:
    lines, options, notes = lines_of(path)
    return _text(list(lines), options, notes)


def _text(lines: Sequence[str], options: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    column = {"name": "line", "header": "line", "type": "string", "nullable": False, "note": ""}
    return {"format": "text", "options": options, "columns": [column], "rows": len(lines), "notes": notes}


def _csv(lines: list[str], options: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    stated = re.fullmatch(r'"?sep=(.)"?\s*', lines[0], re.IGNORECASE | re.DOTALL) if lines else None
    text = "".join(lines[1:] if stated else lines)
    delimiter = stated[1] if stated else likely_delimiter(text[:SAMPLE_CHARACTERS])[0]
    found: dict[str, Any] = {
        "format": "csv",
        "delimiter": delimiter,
        "options": options,
        "columns": [],
        "rows": 0,
        "notes": notes,
    }
    if stated:
        notes.append("its first line names the delimiter")
    elif delimiter != ",":
        options["delimiter"] = delimiter
    csv.field_size_limit(1 << 30)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records = [record for record in islice(reader, MOST_RECORDS + 1) if record]
    if not records:
        notes.append("the file is empty")
        return found
    header, *rows = records
    if len(records) > MOST_RECORDS:
        notes.append(f"only the first {counted(MOST_RECORDS, 'record')} were looked at")
    width = len(header)
    cells = [[row[i] for row in rows if len(row) == width] for i in range(width)]
    if is_data(header, cells):
        # Columns are found by their place.
        header, rows = [""] * width, records
        cells = [[first, *column] for first, column in zip(records[0], cells, strict=True)]
        options["header"] = 0
        notes.append("the first line is a record like the others, not a header: name the columns as you like")
    elif any(re.fullmatch(r"[-+]?[\d.,]+|", name.strip()) for name in header) or len(set(header)) < width:
        notes.append(
            "the first line may be no header: it has numbers, blanks or a name twice (header: 0 takes it as a record)"
        )
    ragged = sum(len(row) != width for row in rows)
    if ragged:
        notes.append(
            f"{ragged:,} of {counted(len(rows), 'record')} would be quarantined: another number of cells than the header"
        )
    names = column_names(header)
    for name, stands, column in zip(names, header, cells, strict=True):
        holds, note = held(column)
        found["columns"].append(
            {"name": name, "header": stands or name, "type": "string", "nullable": True, "holds": holds, "note": note}
        )
    found["rows"] = len(rows)
    return found


def likely_delimiter(text: str) -> tuple[str, float]:
    """The one by which most records have the same number of cells, and more than one of them; and the share of these records."""

    def score(delimiter: str) -> tuple[float, int]:
        records = [r for r in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if r]
        # The last may be cut off.
        records = (records[:-1] if len(text) == SAMPLE_CHARACTERS else records) or [[]]
        cells, alike = Counter(map(len, records)).most_common(1)[0]
        return (alike / len(records) if cells > 1 else 0.0, cells)

    best = max(DELIMITERS, key=score)
    return best, score(best)[0]


def is_data(header: Sequence[str], cells: Sequence[Sequence[str]]) -> bool:
    """Whether a first line is a record: each of its cells is of the type of its column, and one of these types is more than text."""
    types = [type_of_texts([cell.strip() for cell in column if cell.strip()])[0] for column in cells]
    typed = [(name.strip(), type_) for name, type_ in zip(header, types, strict=True) if type_ != "string"]
    return bool(typed) and all(name == "" or TESTS[type_](name) for name, type_ in typed)


def held(cells: Sequence[str]) -> tuple[str, str]:
    """The type that a silver table may cast the cells of a csv column to, with `?` where some are empty; and what does not fit it."""
    seen = [cell.strip() for cell in cells]
    full = [cell for cell in seen if cell]
    type_, others = type_of_texts(full)
    return type_ + ("?" if len(full) < len(seen) else ""), misfits(
        [json.dumps(other, ensure_ascii=False) for other in others], len(full)
    )


def misfits(others: Sequence[str], total: int) -> str:
    """`3 of 4,000 are not: "n/a", "-"`, of values as a file writes them; nothing where all fit."""
    if not others:
        return ""
    names = [text if len(text) <= 24 else f"{text[:24]}..." for text in dict.fromkeys(others)]
    more = ", ..." if len(names) > 3 else ""
    return f"{len(others):,} of {total:,} {'is' if len(others) == 1 else 'are'} not: {', '.join(names[:3])}{more}"


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


#: From the narrowest type to the widest.
TESTS: dict[str, Callable[[str], object]] = {
    "boolean": lambda t: t.lower() in ("true", "false"),
    "int": lambda t: re.fullmatch(r"-?(0|[1-9]\d{0,8})", t),
    "bigint": lambda t: re.fullmatch(r"-?(0|[1-9]\d{0,17})", t),
    "double": lambda t: re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", t) and not re.match(r"-?0\d", t),
    "date": is_date,
    "timestamp": is_time,
}


def type_of_texts(texts: Sequence[str]) -> tuple[str, list[str]]:
    """The type that all texts have, or else the one that nearly all have, and those that have it not."""
    nearly: tuple[str, list[str]] | None = None
    for name, fits in TESTS.items() if texts else ():
        others = too_few(texts, fits)
        if others == []:
            return name, []
        if others is not None and (nearly is None or len(others) < len(nearly[1])):
            nearly = name, others
    return nearly or ("string", [])


def too_few(texts: Sequence[str], fits: Callable[[str], object]) -> list[str] | None:
    """The texts that do not fit; None where they are more than a few."""
    most = int(len(texts) * (1 - NEARLY_ALL) + 1e-9)
    others: list[str] = []
    for text in texts:
        if not fits(text):
            others.append(text)
            if len(others) > most:
                return None
    return others


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
        notes.append("no line of it is a JSON object, and a run reads one object a line")
    elif bad:
        notes.append(f"{bad:,} of {counted(bad + rows, 'line')} would be quarantined: no JSON object")
    if options:
        notes.append("it is UTF-16: a run reads JSON lines as UTF-8, so write it anew")
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
    """As `type_of_texts`; anything is a string, as the file writes it."""
    nearly: tuple[str, list[Any]] | None = None
    for name, fits in JSON_TESTS.items() if values else ():
        others: list[Any] | None = too_few(values, fits)
        if others == []:
            return name, []
        if others is not None and (nearly is None or len(others) < len(nearly[1])):
            nearly = name, others
    return nearly or ("string", [])


def look_at_parquet(path: str) -> dict[str, Any]:
    file = pq.ParquetFile(path)
    schema = file.schema_arrow
    notes = []
    columns = []
    for name, field in zip(column_names(schema.names), schema, strict=True):
        type_ = parquet_type(field.type)
        if type_ is None:
            notes.append(f"{field.name} is {field.type}, which is not proposed: declare it by hand, or leave it out")
            continue
        nulls = sum(chunk.null_count for batch in file.iter_batches(columns=[field.name]) for chunk in batch.columns)
        columns.append({"name": name, "header": field.name, "type": type_, "nullable": nulls > 0, "note": ""})
    return {"format": "parquet", "options": {}, "columns": columns, "rows": file.metadata.num_rows, "notes": notes}


NARROW = {pa.int8(): "int", pa.int16(): "int", pa.float32(): "double", pa.large_string(): "string"}


def parquet_type(kind: pa.DataType) -> str | None:
    """As a definition writes it; None for nested columns, and for what has no name there."""
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
