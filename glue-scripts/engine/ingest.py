"""Ingest: reads input files into a bronze table, without changing rows. Unreadable records go to quarantine."""

import datetime
from collections.abc import Sequence
from typing import Any

from engine.bounds import check_quarantined
from engine.commits import confirm, confirm_rejects, contents_before, contents_of_rows
from engine.contents import NOTED, Contents, noted
from engine.dialect.tokens import quoted
from engine.faults import Fault
from engine.few_rows import Having
from engine.job import Job
from engine.meter import phase
from engine.plan_types import IngestTask, TaskAccount
from engine.read_account import ReadAccount
from engine.readers import warnings_of
from engine.readers.formats import format_of
from engine.tables import Commit
from engine.upstream import REBUILD
from engine.words import counted


def run_ingest(job: Job[IngestTask]) -> TaskAccount:
    """Runs an ingest task. Returns its account with the committed version. `read` is the number of records in the files."""
    files = list(job.item["files"])
    withdrawn = list(job.item.get("withdrawn", ()))
    replaces = bool(withdrawn) or any(file["replace"] for file in files)
    how = "overwrite" if job.full else "replace" if replaces else "append"
    names = [*(file["path"] for file in files), *withdrawn]
    commit = Commit(how, job.app, job.work["sequence"], files=names)
    columns = job.task["columns"]
    outcome = job.committed()
    added: Contents | None = None
    if outcome is None:
        with phase("read"):
            if how == "append":
                refuse_duplicates(job, names)
            unchanged = contents_unchanged(job, how, names)
        stamps = {"run": job.work["run"], "at": datetime.datetime.fromisoformat(job.work["startedAt"])}

        def account(delivered: ReadAccount) -> dict[str, Any]:
            nonlocal added
            added = delivered.accepted
            quarantined = dict(sorted(delivered.by_rule.items()))
            return {
                "read": delivered.counted,
                "written": delivered.accepted.rows,
                "quarantined": quarantined,
                "files": {**{file["path"]: 0 for file in files}, **delivered.files},
                "rejects": delivered.rejected.as_note(),
                "warnings": [
                    *warnings_of(delivered.notes, format_of(job.task).unlisted_name),
                    *check_quarantined(job, delivered.counted, quarantined),
                ],
                NOTED: (unchanged + delivered.accepted).as_note(),
            }

        rejects = job.lake.quarantine(job.task["name"])
        outcome = job.tables.ingest(job.path, rejects, job.task, files, stamps, commit, account)
    whole = noted(outcome)
    if whole is not None:
        with phase("write"):
            confirm_rejects(job, Contents(**outcome["rejects"]))
            # If an earlier try committed, its added rows are unknown: then all rows are checked.
            checked = commit if added else Commit("replace", job.app, job.work["sequence"])
            confirm(job, job.path, checked, added or whole, whole, columns, numbered=True)
    rejected = sum(outcome["quarantined"].values())
    read = outcome.get("read", outcome["written"] + rejected)
    return {
        "read": read,
        "written": outcome["written"],
        "aggregated": {},
        "deduplicated": 0,
        "filtered": {},
        "quarantined": outcome["quarantined"],
        "lookups": {},
        "consumed": {},
        # A commit of an older engine has no warnings.
        "warnings": outcome.get("warnings", []),
        "measures": {"read": read, "quarantined": rejected, "rows": outcome["written"], "nulls": {}},
        "version": job.tables.version(job.path),
        "rewritten": how != "append",
        "fileRows": outcome["files"],
    }


def refuse_duplicates(job: Job[IngestTask], names: Sequence[str]) -> None:
    """Raises MR334 if the table already has rows of a file to append. A claim marks such a file with `replace`."""
    if not names or not job.tables.exists(job.path):
        return
    listed = ", ".join(quoted(name) for name in names)
    present = job.tables.frame(job.path).where(f"_source_file IN ({listed})").select("_source_file").distinct()
    if found := sorted(job.session.arrow(present)["_source_file"].to_pylist()):
        message = f"{job.task['name']} already has rows of {counted(len(found), 'new file')}, such as {found[0]}"
        raise Fault("MR334", job.path, message, REBUILD.format(job.task["name"]))


def contents_unchanged(job: Job[IngestTask], how: str, names: Sequence[str]) -> Contents:
    """The contents of the rows of the table that an ingest keeps. `names`: the files whose rows it replaces or removes."""
    columns = job.task["columns"]
    if how == "overwrite" or not job.tables.exists(job.path):
        return Contents(0, 0, 0)
    before = contents_before(job, job.path, columns, numbered=True)
    if how == "append":
        return before
    of_files = Having("_source_file", names)
    return before - contents_of_rows(job, job.path, columns, numbered=True, having=of_files)
