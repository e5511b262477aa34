"""Ingest: input files to a bronze table, each row as it came; what can't be read goes to quarantine."""

import datetime
from collections.abc import Mapping
from typing import Any

from engine.lake import Lake
from engine.tables import Commit, Tables


def run_ingest(
    tables: Tables, lake: Lake, task: dict[str, Any], item: Mapping[str, Any], work: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the accounting of the task and the version it committed."""
    files = list(item["files"])
    path = lake.of(task)
    replaced = [file["path"] for file in files if file["replace"]]
    how = "overwrite" if item["mode"] == "full" else "replace" if replaced else "append"
    commit = Commit(
        how,
        app=f"{work['pipeline']}/{task['name']}",
        sequence=work["sequence"],
        files=[file["path"] for file in files],
    )
    stamps = {"run": work["run"], "at": datetime.datetime.fromisoformat(work["startedAt"])}
    outcome = tables.committed(path, commit.app, commit.sequence)
    if outcome is None:
        outcome = tables.ingest(path, lake.quarantine(task["name"]), task, files, stamps, commit)
    quarantined = outcome["quarantined"]
    return {
        "read": outcome["written"] + sum(quarantined.values()),
        "written": outcome["written"],
        "aggregated": {},
        "deduplicated": 0,
        "filtered": {},
        "quarantined": quarantined,
        "lookups": {},
        "warnings": [],
        "version": tables.version(path),
        "rewritten": how != "append",
    }
