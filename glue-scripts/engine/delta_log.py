"""What a commit did to the files of a Delta table, read from the table's own log: the same whoever committed."""

import json
from dataclasses import dataclass

from engine.files import exists, read_text


@dataclass(frozen=True)
class Committed:
    """Files that came with a commit, their bytes, and files that went. `by` are the transaction ids, application -> version."""

    files: int
    bytes: int
    removed: int
    by: dict[str, int]


def commit_of(table: str, version: int) -> Committed | None:
    """None where the log does not hold the commit any more."""
    place = f"{table}/_delta_log/{version:020}.json"
    if not exists(place):
        return None
    actions = [json.loads(line) for line in read_text(place).splitlines() if line.strip()]
    added = [action["add"] for action in actions if "add" in action]
    return Committed(
        files=len(added),
        bytes=sum(add["size"] for add in added),
        removed=sum("remove" in action for action in actions),
        by={action["txn"]["appId"]: action["txn"]["version"] for action in actions if "txn" in action},
    )
