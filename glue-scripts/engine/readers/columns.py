"""The columns of a source, and their names in its files."""

from typing import NamedTuple

import pyarrow as pa

from engine.plan_types import IngestTask
from engine.readers.types import arrow_type


class Wanted(NamedTuple):
    """A declared column. `header`: its name in the file. `may_lack`: a file without it is read, with nulls."""

    name: str
    type: str
    header: str
    may_lack: bool

    @property
    def arrow(self) -> pa.DataType:
        return arrow_type(self.type)


def columns_of(task: IngestTask) -> list[Wanted]:
    """The columns of an ingest task."""
    source = task["source"]
    headers: dict[str, str] = {}
    lacking: list[str] = []
    if "headers" in source:
        headers = source["headers"]
    if "mayLack" in source:
        lacking = source["mayLack"]
    return [
        Wanted(c["name"], c["type"], headers.get(c["name"], c["name"]), c["name"] in lacking) for c in task["columns"]
    ]
