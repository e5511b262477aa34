"""Ingest: input files to a bronze table, each row as it came; what can't be read goes to quarantine."""

import datetime
from typing import Any

from engine.job import Job
from engine.tables import Commit


def run_ingest(job: Job) -> dict[str, Any]:
    """Returns the accounting of the task and the version it committed."""
    files = list(job.item["files"])
    withdrawn = list(job.item.get("withdrawn", ()))
    replaces = bool(withdrawn) or any(file["replace"] for file in files)
    how = "overwrite" if job.full else "replace" if replaces else "append"
    outcome = job.committed()
    if outcome is None:
        commit = Commit(how, job.app, job.work["sequence"], files=[*(file["path"] for file in files), *withdrawn])
        stamps = {"run": job.work["run"], "at": datetime.datetime.fromisoformat(job.work["startedAt"])}
        rejects = job.lake.quarantine(job.task["name"])
        outcome = job.tables.ingest(job.path, rejects, job.task, files, stamps, commit)
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
        "version": job.tables.version(job.path),
        "rewritten": how != "append",
        "fileRows": outcome["files"],
    }
