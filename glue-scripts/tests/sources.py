"""Sources as in a plan, for tests without a definition."""

import json
from pathlib import Path
from typing import Any

_GOLDEN = json.loads((Path(__file__).parents[2] / "contracts" / "golden" / "small.plan.json").read_text())

#: Format -> the default options that the compiler writes.
DEFAULTS: dict[str, dict[str, Any]] = {
    **{task["source"]["format"]: task["source"] for task in _GOLDEN["tasks"] if task["kind"] == "ingest"},
    "access-log": {"format": "access-log", "layout": "combined"},
    "text": {"format": "text", "encoding": "utf-8"},
}


def source_of(format_: str, **options: Any) -> dict[str, Any]:
    return {**DEFAULTS[format_], **options}


def with_options(task: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The task with changed options of its format."""
    return {**task, "source": {**task["source"], **options}}
