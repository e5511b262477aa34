"""The small pipeline with decimal and nested cells, from files to features."""

import copy
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.small_lake import golden_plan
from tests.sources import source_of

DEEP = [
    {"name": "paid", "nullable": True, "type": "decimal(9,2)"},
    {"name": "extra", "nullable": True, "type": "struct<tags:array<string>,seen:map<string,date>>"},
]


def deep_plan() -> dict[str, Any]:
    """The golden plan `small`, with people as JSON with a decimal and a nested column."""
    deep = copy.deepcopy(golden_plan("small"))
    tasks = {task["name"]: task for task in deep["tasks"]}
    tasks["people"]["source"] = source_of("json")
    for name in ("people", "people_clean", "people_features"):
        tasks[name]["columns"] += DEEP
    for name, before in (("people_clean", "t.size"), ("people_features", "p.size")):
        tasks[name]["sql"] = tasks[name]["sql"].replace(before, f"{before}, p.paid, p.extra", 1)
    tasks["people_features"]["columns"].append({"name": "town", "nullable": True, "type": "string"})
    tasks["people_features"]["sql"] = tasks["people_features"]["sql"].replace("p.size,", "p.size, p.town,", 1)
    return deep


def write_deep_people(path: Path, rows: Iterable[tuple[str, str, str]]) -> Path:
    lines = []
    for number, (id, town, born) in enumerate(rows):
        extra = {"tags": [town, "x"], "seen": {id: born or None}}
        lines.append(json.dumps({"id": id, "town": town, "born": born, "paid": f"{number}.50", "extra": extra}) + "\n")
    path.write_text("".join(lines))
    return path
