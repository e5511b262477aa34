"""Proposes a csv source for a file, from at most a million records."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any

from discovery.lines import lines_of
from discovery.names import column_names
from discovery.types import TESTS, misfits, type_of_texts
from engine.words import counted

DELIMITERS = ",;\t|"
SAMPLE_CHARACTERS = 1 << 20
MOST_RECORDS = 1_000_000

#: A text is a csv if at least this share of its records has the same number of cells.
ALIKE = 0.9


def look_at_csv(path: str) -> dict[str, Any]:
    lines, options, notes = lines_of(path)
    return records_as_source(list(lines), options, notes)


def is_like_csv(path: str) -> bool:
    """Whether some delimiter splits the file into records with equal numbers of cells."""
    lines, _, _ = lines_of(path)
    _, alike = likely_delimiter("".join(lines)[:SAMPLE_CHARACTERS])
    return alike >= ALIKE


def records_as_source(lines: list[str], options: dict[str, Any], notes: list[str]) -> dict[str, Any]:
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
        # Columns are then found by position.
        header, rows = [""] * width, records
        cells = [[first, *column] for first, column in zip(records[0], cells, strict=True)]
        options["header"] = 0
        notes.append("the file has no header: its first line is a record, so choose the column names")
    elif any(re.fullmatch(r"[-+]?[\d.,]+|", name.strip()) for name in header) or len(set(header)) < width:
        notes.append(
            "the first line may not be a header: it has numbers, empty names or duplicates (header: 0 reads it as a record)"
        )
    ragged = sum(len(row) != width for row in rows)
    if ragged:
        notes.append(
            f"{ragged:,} of {counted(len(rows), 'record')} would be quarantined: not as many cells as the header"
        )
    names = column_names(header)
    for name, head, column in zip(names, header, cells, strict=True):
        holds, note = cell_type(column)
        found["columns"].append(
            {"name": name, "header": head or name, "type": "string", "nullable": True, "holds": holds, "note": note}
        )
    found["rows"] = len(rows)
    return found


def likely_delimiter(text: str) -> tuple[str, float]:
    """The delimiter with the largest share of records with the same number of cells (more than one), and this share."""

    def score(delimiter: str) -> tuple[float, int]:
        records = [r for r in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if r]
        # The last record may be cut off.
        records = (records[:-1] if len(text) == SAMPLE_CHARACTERS else records) or [[]]
        cells, alike = Counter(map(len, records)).most_common(1)[0]
        return (alike / len(records) if cells > 1 else 0.0, cells)

    best = max(DELIMITERS, key=score)
    return best, score(best)[0]


def is_data(header: Sequence[str], cells: Sequence[Sequence[str]]) -> bool:
    """Whether the first line is a record: each of its cells has the type of its column, and a column is not text."""
    types = [type_of_texts([cell.strip() for cell in column if cell.strip()])[0] for column in cells]
    typed = [(name.strip(), type_) for name, type_ in zip(header, types, strict=True) if type_ != "string"]
    return bool(typed) and all(name == "" or TESTS[type_](name) for name, type_ in typed)


def cell_type(cells: Sequence[str]) -> tuple[str, str]:
    """The type to which a silver table can cast the column, with `?` if cells are empty; and a note on cells that do not fit."""
    stripped = [cell.strip() for cell in cells]
    full = [cell for cell in stripped if cell]
    type_, others = type_of_texts(full)
    return type_ + ("?" if len(full) < len(stripped) else ""), misfits(
        [json.dumps(other, ensure_ascii=False) for other in others], len(full)
    )
