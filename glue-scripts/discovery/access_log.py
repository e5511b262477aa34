"""Proposes an access-log source for a file."""

from typing import Any, cast

from engine.plan_types import IngestTask
from engine.readers import read_file
from engine.readers.access_log import LAYOUTS, READ
from engine.words import counted

#: A file with at least this share of lines of one layout is an access log.
ALIKE = 0.9


def is_like_access_log(path: str) -> bool:
    _, good, bad = nearest_layout(path)
    return good > 0 and good >= ALIKE * (good + bad)


def look_at_access_log(path: str) -> dict[str, Any]:
    layout, good, bad = nearest_layout(path)
    names = [name for name in READ if layout == "combined" or name not in ("referer", "agent")]
    column = {"type": "string", "nullable": True, "note": ""}
    return {
        "format": "access-log",
        "options": {} if layout == "combined" else {"layout": layout},
        "columns": [{"name": name, "header": name, **column} for name in names],
        "rows": good,
        "notes": [f"{bad:,} of {counted(good + bad, 'line')} would be quarantined: not of this form"] if bad else [],
    }


def nearest_layout(path: str) -> tuple[str, int, int]:
    """The layout that rejects the fewest lines, how many it accepts, and how many it rejects."""
    found = [(layout, *rows_of(path, layout)) for layout in LAYOUTS]
    return min(found, key=lambda each: each[2])


def rows_of(path: str, layout: str) -> tuple[int, int]:
    task = cast(IngestTask, {"source": {"format": "access-log", "layout": layout}, "columns": []})
    good = bad = 0
    for chunk in read_file(task, path, source_file=path, etag=""):
        good += chunk.good.num_rows
        bad += chunk.rejected.num_rows
    return good, bad
