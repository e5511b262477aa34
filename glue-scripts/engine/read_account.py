"""What the reader of an ingest hands on, file by file, beside what was counted in the file by other means."""

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

#: The cells of a reject that are the same in its quarantine table.
REJECT: list[Field] = [{"name": name, "type": "string"} for name in ("rule", "reason", "raw", "_source_file")]


#: Rows that are hashed in one go: of fewer, numpy's calls take longer than its work.
TOGETHER = 16 << 10
#: Chunks that may wait for their hash: more would be held in memory for it alone.
WAITING = 4


@dataclass
class ReadAccount:
    """Of one file or of several: records counted, and what was delivered on."""

    counted: int = 0
    accepted: Contents = field(default_factory=lambda: Contents(0, 0, 0))
    rejected: Contents = field(default_factory=lambda: Contents(0, 0, 0))
    by_rule: dict[str, int] = field(default_factory=dict)
    #: Path -> rows accepted.
    files: dict[str, int] = field(default_factory=dict)
    #: What the readers have to say of each file.
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


def account_from_json(told: Mapping[str, Any]) -> ReadAccount:
    """What `as_json` made of it."""
    accepted, rejected = Contents(**told["accepted"]), Contents(**told["rejected"])
    notes = [FileNotes(**note) for note in told["notes"]]
    return ReadAccount(told["counted"], accepted, rejected, told["by_rule"], told["files"], notes)


def checked_chunks(task: IngestTask, file: WorkFile, total: ReadAccount) -> Iterator[Chunk]:
    """The chunks of a file, which is added to `total` after the last. MR320 where these are not the records of the file."""
    found, numbers = ReadAccount(notes=[FileNotes()]), Numbers()
    counting = format_of(task).counting(task["source"], file["uri"])
    # Hashing goes on beside parsing: both leave Python's lock to the other.
    with ThreadPoolExecutor(1) as pool:
        hashes: list[Future[Contents]] = []
        waiting: list[pa.RecordBatch] = []
        of_file, beside = partitioned(task, file.get("partition", {}))
        reading = read_file(
            of_file,
            file["uri"],
            source_file=file["path"],
            etag=file["etag"],
            size=file["size"],
            notes=found.notes[0],
            watch=counting.watch,
        )
        for chunk in map(beside, reading):
            waiting.append(chunk.good)
            if sum(batch.num_rows for batch in waiting) >= TOGETHER:
                hashes.append(pool.submit(contents_together, waiting, task["columns"]))
                waiting = []
            if len(hashes) > WAITING:
                found.accepted += hashes.pop(0).result()
            numbers.see(chunk.good.column("_row"))
            if chunk.rejected.num_rows:
                found.rejected += contents_of(chunk.rejected, REJECT)
                numbers.see(chunk.rejected.column("_row"))
                for entry in pc.value_counts(chunk.rejected.column("rule")).to_pylist():
                    found.by_rule[entry["values"]] = found.by_rule.get(entry["values"], 0) + entry["counts"]
            yield chunk
        if waiting:
            found.accepted += contents_together(waiting, task["columns"])
        for contents in hashes:
            found.accepted += contents.result()
    found.counted = counting.finish()
    delivered = found.accepted.rows + found.rejected.rows
    if found.counted != delivered or not numbers.are_each_once():
        message = (
            f"the file has {counted(found.counted, 'record')} by its own count, "
            f"{found.accepted.rows:,} accepted and {found.rejected.rows:,} rejected"
        )
        if found.counted == delivered:
            message += ", but not each of them once"
        raise Fault(
            "MR320", file["path"], message, "this is a fault of Millrace: report it, with the file where you can"
        )
    found.files = {file["path"]: found.accepted.rows}
    total.add(found)


def contents_together(batches: Sequence[pa.RecordBatch], columns: Sequence[Field]) -> Contents:
    return contents_of(pa.Table.from_batches(batches).combine_chunks(), columns)


class Numbers:
    """Whether some rows are numbered one after the other, from whatever number on."""

    def __init__(self) -> None:
        self._origin: int | None = None
        self._rows = self._sum = self._least = self._most = 0

    def see(self, rows: pa.Array) -> None:
        if not len(rows):
            return
        numbers = rows.to_numpy()
        if self._origin is None:
            self._origin = int(numbers[0])
        # Differences are small, so that their sum is exact.
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
