"""Reads the log of a Delta table: one commit, or the rows of a version. The result is the same whichever engine committed."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pyarrow.fs as pafs
import pyarrow.parquet as pq

from engine.files import exists, filesystem, read_text

#: The key of a task's account in a commit: at the top of `commitInfo` on a laptop, inside `userMetadata` on Spark.
NOTE = "millrace.task"

Action = dict[str, Any]


@dataclass(frozen=True)
class Committed:
    """One commit: files added, their bytes and rows, and the number of files removed. `by`: `appId` -> transaction version."""

    files: int
    bytes: int
    rows: int
    removed: int
    by: dict[str, int]
    #: What the task wrote into the commit; empty if it wrote nothing.
    note: dict[str, Any]


def commit_of(table: str, version: int) -> Committed | None:
    """One commit of a table; None if the log no longer holds it."""
    actions = actions_of(table, version)
    if actions is None:
        return None
    added = added_in(actions)
    return Committed(
        files=len(added),
        bytes=sum(add["size"] for add in added),
        rows=sum(rows_in(table, add) for add in added),
        removed=sum("remove" in action for action in actions),
        by={action["txn"]["appId"]: action["txn"]["version"] for action in actions if "txn" in action},
        note=note_of(actions),
    )


def rows_at(table: str, versions: Iterable[int]) -> dict[int, int]:
    """Version -> its number of rows. A version that the log no longer holds is left out."""
    live = {version: live_files(table, version) for version in set(versions)}
    return {version: sum(rows_in(table, add) for add in files) for version, files in live.items() if files is not None}


def live_files(table: str, version: int) -> list[Action] | None:
    """The files of a version, as `add` actions; None if the log no longer holds the version."""
    begin = newest_checkpoint(table, version)
    live = {file_key(add): add for add in checkpoint(table, begin)} if begin >= 0 else {}
    for step in range(begin + 1, version + 1):
        actions = actions_of(table, step)
        if actions is None:
            return None
        for action in actions:
            if "remove" in action:
                live.pop(file_key(action["remove"]), None)
            if "add" in action:
                live[file_key(action["add"])] = action["add"]
    return list(live.values())


def files_added_by(table: str, version: int) -> list[Action] | None:
    """The files that a version added, as `add` actions; None if the log no longer holds its commit."""
    actions = actions_of(table, version)
    return None if actions is None else added_in(actions)


def added_in(actions: list[Action]) -> list[Action]:
    return [action["add"] for action in actions if "add" in action]


def newest_version(table: str) -> int | None:
    """The number of the newest version; None if the log holds no commit."""
    return max((int(name[:20]) for name in log_files(table) if COMMIT.match(name)), default=None)


def version_of(table: str) -> int:
    """The number of the newest version. Lists the log: to open the table reads all of it, which takes 50 times as long."""
    version = newest_version(table)
    if version is None:
        raise FileNotFoundError(f"{table} is not a Delta table")
    return version


def id_of(table: str, version: int) -> str | None:
    """The table's id at a version; a recreated table has a new id. None if the log does not hold it."""
    begin = newest_checkpoint(table, version)
    for step in range(version, begin, -1):
        for action in actions_of(table, step) or []:
            if "metaData" in action:
                return str(action["metaData"]["id"])
    actions_with_id = checkpoint(table, begin, "metaData", "id") if begin >= 0 else []
    return str(actions_with_id[0]["id"]) if actions_with_id else None


def last_by(table: str, app: str) -> tuple[int, dict[str, Any]] | None:
    """Transaction version and note of the last commit by this `appId`; None if the log holds none."""
    for version in range(newest_version(table) or 0, -1, -1):
        actions = actions_of(table, version)
        if actions is None:
            return None
        for action in actions:
            if "txn" in action and action["txn"]["appId"] == app:
                return int(action["txn"]["version"]), note_of(actions)
    return None


def changed_by_others(table: str, pipeline: str, sequence: int) -> str | None:
    """A commit in which another program changed rows after the pipeline's last run before run number `sequence`, such as
    `DELETE in version 3`. None if there is none, or if the log no longer holds it.
    """
    newest = newest_version(table)
    for version in range(-1 if newest is None else newest, -1, -1):
        actions = actions_of(table, version)
        if actions is None:
            return None
        runs = [
            int(a["txn"]["version"]) for a in actions if a.get("txn", {}).get("appId", "").startswith(f"{pipeline}/")
        ]
        if any(run < sequence for run in runs):
            return None
        if not runs and changes_rows(actions):
            operation = next((a["commitInfo"].get("operation") for a in actions if "commitInfo" in a), None)
            return f"{operation or 'a commit'} in version {version}"
    return None


def changes_rows(actions: list[Action]) -> bool:
    """Compaction also adds and removes files, but says that their rows are the same."""
    return any(action.get(kind, {}).get("dataChange") for action in actions for kind in ("add", "remove"))


def note_at(table: str, version: int) -> dict[str, Any]:
    """The task's note in the last commit that changed rows, up to this version; empty if that commit has no note."""
    for step in range(version, -1, -1):
        actions = actions_of(table, step)
        if actions is None:
            return {}
        # A commit that only compacts leaves the rows as they are: look further back.
        if note := note_of(actions):
            return note
        if changes_rows(actions):
            return {}
    return {}


def actions_of(table: str, version: int) -> list[Action] | None:
    place = f"{table}/_delta_log/{version:020}.json"
    if not exists(place):
        return None
    # Not splitlines: a column value may hold U+2028, which splitlines takes for the end of a line.
    return [json.loads(line) for line in read_text(place).split("\n") if line.strip()]


def note_of(actions: list[Action]) -> dict[str, Any]:
    for action in actions:
        about = action.get("commitInfo", {})
        if NOTE in about:
            return dict(json.loads(about[NOTE]))
        if NOTE in (about.get("userMetadata") or ""):
            return dict(json.loads(about["userMetadata"])[NOTE])
    return {}


def rows_in(table: str, add: Action) -> int:
    """The number of rows in a file, from the log, or from the file's footer if the log does not hold it."""
    rows = json.loads(add.get("stats") or "{}").get("numRecords")
    if rows is None:
        files, folder = filesystem(table)
        with files.open_input_file(f"{folder}/{unquote(add['path'])}") as file:
            rows = pq.ParquetFile(file).metadata.num_rows
    return int(rows) - int((add.get("deletionVector") or {}).get("cardinality") or 0)


def file_key(entry: Action) -> tuple[str, str]:
    vector = entry.get("deletionVector") or {}
    return entry["path"], f"{vector.get('pathOrInlineDv')}@{vector.get('offset')}"


COMMIT = re.compile(r"^\d{20}\.json$")
CHECKPOINT = re.compile(r"^(\d{20})\.checkpoint(\.\d{10}\.\d{10})?\.parquet$")


def newest_checkpoint(table: str, version: int) -> int:
    """The version of the newest checkpoint up to this version; -1 if there is none."""
    found = [int(match[1]) for name in log_files(table) if (match := CHECKPOINT.match(name))]
    return max((each for each in found if each <= version), default=-1)


def checkpoint(table: str, version: int, kind: str = "add", required: str = "path") -> list[Action]:
    """The actions of one kind in a checkpoint, without those whose `required` field is null."""
    files, folder = filesystem(f"{table}/_delta_log")
    parts = [name for name in log_files(table) if (match := CHECKPOINT.match(name)) and int(match[1]) == version]
    rows = [
        row
        for part in parts
        for row in pq.read_table(f"{folder}/{part}", columns=[kind], filesystem=files)[kind].to_pylist()
    ]
    return [row for row in rows if row is not None and row.get(required) is not None]


def log_files(table: str) -> list[str]:
    files, folder = filesystem(f"{table}/_delta_log")
    return [info.base_name for info in files.get_file_info(pafs.FileSelector(folder, allow_not_found=True))]
