"""What the plan says of a source, for tests that have no definition."""

import json
from pathlib import Path
from typing import Any

_GOLDEN = json.loads((Path(__file__).parents[2] / "contracts" / "golden" / "small.plan.json").read_text())

#: Format -> its options by default, as the compiler writes them.
DEFAULTS: dict[str, dict[str, Any]] = {
    **{task["source"]["format"]: task["source"] for task in _GOLDEN["tasks"] if task["kind"] == "ingest"},
    "text": {"format": "text", "encoding": "utf-8"},
}


def source_of(format_: str, **options: Any) -> dict[str, Any]:
    return {**DEFAULTS[format_], **options}


def with_options(task: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The task with other options of its format."""
    return {**task, "source": {**task["source"], **options}}
