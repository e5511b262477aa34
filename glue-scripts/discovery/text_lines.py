"""Proposes a source of text lines for a file."""

from typing import Any

from discovery.lines import lines_of


def look_at_text(path: str) -> dict[str, Any]:
    lines, options, notes = lines_of(path)
    column = {"name": "line", "header": "line", "type": "string", "nullable": False, "note": ""}
    rows = sum(1 for _ in lines)
    return {"format": "text", "options": options, "columns": [column], "rows": rows, "notes": notes}
