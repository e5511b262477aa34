"""Checks that an ingest reads exactly the records of each file: compares the rows from the reader with an independent count."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.cell_hash import contents_of
from engine.contents import Contents
from engine.faults import Fault
from engine.plan_types import Field, IngestTask, WorkFile
from engine.readers import Chunk, FileNotes, read_file
from engine.readers.formats import format_of
from engine.readers.partitions import partitioned
from engine.words import counted

#: The columns of a reject that are also in its quarantine table.
REJECT: list[Field] = [{"name": name, "type": "string"} for name in ("rule", "reason", "raw", "_source_file")]


#: The number of rows to hash together: for fewer rows, the overhead of numpy dominates.
ROWS_TO_HASH = 16 << 10
#: The number of hashes that may be pending, because their rows stay in memory.
PENDING_HASHES = 4


@dataclass
class ReadAccount:
    """The records counted in one or more files, and the rows that their readers delivered."""

    counted: int = 0
    accepted: Contents = field(default_factory=lambda: Contents(0, 0, 0))
    rejected: Contents = field(default_factory=lambda: Contents(0, 0, 0))
    by_rule: dict[str, int] = field(default_factory=dict)
    #: Path -> number of accepted rows.
    files: dict[str, int] = field(default_factory=dict)
    #: The notes of the reader, one per file.
    notes: list[FileNotes] = field(default_factory=list)

    def add(self, other: "ReadAccount") -> None:
        self.counted += other.counted
        self.accepted += other.accepted
        self.rejected += other.rejected
        self.files |= other.files
        self.notes += other.notes
        for rule, rows in other.by_rule.items():
            self.by_rule[rule] = self.by_rule.get(rule, 0) + rows

    def as_json(self) -> dict[str, Any]:
        known: dict[str, Any] = {"counted": self.counted, "by_rule": self.by_rule, "files": self.files}
        known["notes"] = [asdict(note) for note in self.notes]
        return {**known, "accepted": self.accepted.as_note(), "rejected": self.rejected.as_note()}


def account_from_json(document: Mapping[str, Any]) -> ReadAccount:
    """The account of which `document` is the JSON, as `as_json` returns it."""
    accepted, rejected = Contents(**document["accepted"]), Contents(**document["rejected"])
    notes = [FileNotes(**note) for note in document["notes"]]
    return ReadAccount(document["counted"], accepted, rejected, document["by_rule"], document["files"], notes)


def checked_chunks(task: IngestTask, file: WorkFile, total: ReadAccount) -> Iterator[Chunk]:
    """The chunks of a file. After the last chunk, the account of the file is added to `total`.

    Raises MR320 if the rows of the chunks are not exactly the records of the file.
    """
    found, numbers = ReadAccount(notes=[FileNotes()]), Numbers()
    counting = format_of(task).counting(task["source"], file["uri"])
    # Hashing runs in parallel to parsing, because both release the GIL.
    with ThreadPoolExecutor(1) as pool:
        hashes: list[Future[Contents]] = []
        unhashed: list[pa.RecordBatch] = []
        without_partitions, add_partitions = partitioned(task, file.get("partition", {}))
        reading = read_file(
            without_partitions,
            file["uri"],
            source_file=file["path"],
            etag=file["etag"],
            size=file["size"],
            notes=found.notes[0],
            watch=counting.watch,
        )
        for chunk in map(add_partitions, reading):
            unhashed.append(chunk.good)
            if sum(batch.num_rows for batch in unhashed) >= ROWS_TO_HASH:
                hashes.append(pool.submit(contents_of_batches, unhashed, task["columns"]))
                unhashed = []
            if len(hashes) > PENDING_HASHES:
                found.accepted += hashes.pop(0).result()
            numbers.see(chunk.good.column("_row"))
            if chunk.rejected.num_rows:
                found.rejected += contents_of(chunk.rejected, REJECT)
                numbers.see(chunk.rejected.column("_row"))
                for entry in pc.value_counts(chunk.rejected.column("rule")).to_pylist():
                    found.by_rule[entry["values"]] = found.by_rule.get(entry["values"], 0) + entry["counts"]
            yield chunk
        if unhashed:
            found.accepted += contents_of_batches(unhashed, task["columns"])
        for contents in hashes:
            found.accepted += contents.result()
    found.counted = counting.finish()
    delivered = found.accepted.rows + found.rejected.rows
    if found.counted != delivered or not numbers.are_each_once():
        message = (
            f"the file has {counted(found.counted, 'record')}, but its reader accepted {found.accepted.rows:,} "
            f"and rejected {found.rejected.rows:,}"
        )
        if found.counted == delivered:
            message = f"the reader did not return each of the {counted(found.counted, 'record')} exactly once"
        raise Fault(
            "MR320", file["path"], message, "this is a bug in Millrace: please report it, if possible with the file"
        )
    found.files = {file["path"]: found.accepted.rows}
    total.add(found)


def contents_of_batches(batches: Sequence[pa.RecordBatch], columns: Sequence[Field]) -> Contents:
    return contents_of(pa.Table.from_batches(batches).combine_chunks(), columns)


class Numbers:
    """Checks that row numbers are consecutive, each exactly once, from any first number on."""

    def __init__(self) -> None:
        self._origin: int | None = None
        self._rows = self._sum = self._least = self._most = 0

    def see(self, rows: pa.Array) -> None:
        if not len(rows):
            return
        numbers = rows.to_numpy()
        if self._origin is None:
            self._origin = int(numbers[0])
        # Differences are small, so their sum is exact.
        steps = numbers - np.int64(self._origin)
        self._rows += len(steps)
        self._sum += int(steps.sum())
        self._least = min(self._least, int(steps.min()))
        self._most = max(self._most, int(steps.max()))

    def are_each_once(self) -> bool:
        if not self._rows:
            return True
        sum_from_zero = self._sum - self._rows * self._least
        return self._most - self._least == self._rows - 1 and sum_from_zero == self._rows * (self._rows - 1) // 2
