"""The promotion log in a model's folder. Its last entry names the live version."""

import json
from collections.abc import Sequence
from typing import Any

from engine.faults import Fault
from engine.files import exists, read_text
from engine.lake import Lake

Entry = dict[str, Any]


def promotions(lake: Lake, model: str) -> list[Entry]:
    """The log's entries, oldest first. An incomplete last line, left by a killed process, is ignored; any other damage is MR532."""
    place = lake.promotions(model)
    lines = read_text(place).split("\n") if exists(place) else []
    entries = []
    for i, line in enumerate(lines):
        if line.strip() == "":
            continue
        try:
            entries.append(dict(json.loads(line)))
        except ValueError:
            if i == len(lines) - 1:
                break
            message = f"line {i + 1} of the promotion log is damaged"
            raise Fault(
                "MR532",
                place,
                message,
                "restore the line, or delete it: the line before it then names the live version",
            ) from None
    return entries


def last_good(log: Sequence[Entry]) -> int | None:
    """The version that a rollback would make live: the newest earlier one that has not itself been rolled back since."""
    bad: set[int] = set()
    for entry in log:
        if "rollback" in entry:
            bad.add(entry["rollback"]["from"])
        else:
            bad.discard(entry["version"])
    live = log[-1]["version"] if log else None
    versions = [entry["version"] for entry in log if entry["version"] != live and entry["version"] not in bad]
    return versions[-1] if versions else None
