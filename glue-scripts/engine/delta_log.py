"""What a Delta table's own log says: of one commit, and of the rows that a version has. The same whichever engine committed."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pyarrow.fs as pafs
import pyarrow.parquet as pq

from engine.files import exists, filesystem, read_text

#: Where a task's account stands in a commit: by itself on a laptop, inside of `userMetadata` on Spark.
NOTE = "millrace.task"

Action = dict[str, Any]


@dataclass(frozen=True)
class Committed:
    """Files that came with a commit, their bytes and rows, and files that went. `by`: application -> version of its transaction."""

    files: int
    bytes: int
    rows: int
    removed: int
    by: dict[str, int]
    #: What the task wrote into the commit; empty where it wrote nothing.
    note: dict[str, Any]


def commit_of(table: str, version: int) -> Committed | None:
    """None where the log does not hold the commit any more."""
    actions = actions_of(table, version)
    if actions is None:
        return None
    added = [action["add"] for action in actions if "add" in action]
    return Committed(
        files=len(added),
        bytes=sum(add["size"] for add in added),
        rows=sum(rows_in(table, add) for add in added),
        removed=sum("remove" in action for action in actions),
        by={action["txn"]["appId"]: action["txn"]["version"] for action in actions if "txn" in action},
        note=note_of(actions),
    )


def rows_at(table: str, versions: Iterable[int]) -> dict[int, int]:
    """Rows of each of these versions; those that the log does not hold any more are left out."""
    live = {version: live_files(table, version) for version in set(versions)}
    return {version: sum(rows_in(table, add) for add in files) for version, files in live.items() if files is not None}


def live_files(table: str, version: int) -> list[Action] | None:
    """The files of a version, as `add` actions; None where the log does not hold it any more."""
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


def newest_version(table: str) -> int | None:
    """None where the log holds no commit."""
    return max((int(name[:20]) for name in log_files(table) if COMMIT.match(name)), default=None)


def id_of(table: str, version: int) -> str | None:
    """The id that the table has at a version: a table that is made anew has another. None where the log does not say."""
    begin = newest_checkpoint(table, version)
    for step in range(version, begin, -1):
        for action in actions_of(table, step) or []:
            if "metaData" in action:
                return str(action["metaData"]["id"])
    told = checkpoint(table, begin, "metaData", "id") if begin >= 0 else []
    return str(told[0]["id"]) if told else None


def last_by(table: str, app: str) -> tuple[int, dict[str, Any]] | None:
    """Number and note of the last commit with a transaction of this application; None where the log holds none."""
    for version in range(newest_version(table) or 0, -1, -1):
        actions = actions_of(table, version)
        if actions is None:
            return None
        for action in actions:
            if "txn" in action and action["txn"]["appId"] == app:
                return int(action["txn"]["version"]), note_of(actions)
    return None


def note_at(table: str, version: int) -> dict[str, Any]:
    """What a task wrote into the last commit up to this version that changed rows; empty where there is no such note."""
    for step in range(version, -1, -1):
        actions = actions_of(table, step)
        if actions is None:
            return {}
        # A table that is only compacted holds the rows that it held.
        if note := note_of(actions):
            return note
        if any(action.get(kind, {}).get("dataChange") for action in actions for kind in ("add", "remove")):
            return {}
    return {}


def actions_of(table: str, version: int) -> list[Action] | None:
    place = f"{table}/_delta_log/{version:020}.json"
    if not exists(place):
        return None
    # Not splitlines: a value of a column may hold U+2028, which ends no line of JSON.
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
    """Rows of a file, as the log has them; where the log has none, as the file's footer has them."""
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
    """The version of the newest checkpoint up to this one, -1 where there is none."""
    found = [int(match[1]) for name in log_files(table) if (match := CHECKPOINT.match(name))]
    return max((each for each in found if each <= version), default=-1)


def checkpoint(table: str, version: int, kind: str = "add", required: str = "path") -> list[Action]:
    """The actions of a kind that a checkpoint holds: those whose `required` is there."""
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
