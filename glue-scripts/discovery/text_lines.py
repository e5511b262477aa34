"""What a source of text lines would say of a file."""

from collections.abc import Sequence
from typing import Any

from discovery.lines import lines_of


def look_at_text(path: str) -> dict[str, Any]:
    lines, options, notes = lines_of(path)
    return lines_as_source(list(lines), options, notes)


def lines_as_source(lines: Sequence[str], options: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    column = {"name": "line", "header": "line", "type": "string", "nullable": False, "note": ""}
    return {"format": "text", "options": options, "columns": [column], "rows": len(lines), "notes": notes}
