"""Runs the readers of an ingest on Spark's executors: good rows, rejects and the account of each file in one stream."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from engine.faults import Fault
from engine.issue_line import issues_in, line_of
from engine.plan_types import Field, IngestTask
from engine.read_account import ReadAccount, checked_chunks

#: `_rule` of the extra row that carries the account of a file.
ACCOUNT = "millrace:account"

#: The most characters of a fault that an executor sends to the driver.
FAULT_CHARACTERS = 20_000


def reader_of(task: IngestTask, columns: list[Field]) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The function that runs on the executors: good rows (`_rule` null) and rejects of each file in one stream."""
    names = [column["name"] for column in columns]

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            yield from read_all(batches)
        except Fault as fault:
            # Spark passes only the text of an exception on to the driver.
            raise RuntimeError(line_of([fault.as_issue()], FAULT_CHARACTERS)) from None

    def read_all(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for row in batch.to_pylist():
                delivered = ReadAccount()
                schema: pa.Schema | None = None
                for chunk in checked_chunks(task, json.loads(row["file"]), delivered):
                    schema = chunk.good.schema
                    yield from _aligned(chunk.good, chunk.rejected, names)
                if schema is not None:
                    yield _account_row(delivered, schema, names)

    return read


def _account_row(delivered: ReadAccount, schema: pa.Schema, names: list[str]) -> pa.RecordBatch:
    """The account of a file as one more row, so that it arrives together with the rows or not at all."""
    arrays = [pa.nulls(1, schema.field(name).type) for name in names]
    arrays += [pa.array([text], pa.string()) for text in (ACCOUNT, None, json.dumps(delivered.as_json()))]
    return pa.RecordBatch.from_arrays(arrays, names=[*names, "_rule", "_reason", "_raw"])


def _aligned(good: pa.RecordBatch, rejected: pa.RecordBatch, names: list[str]) -> Iterator[pa.RecordBatch]:
    reasons = {"_rule": "rule", "_reason": "reason", "_raw": "raw"}
    if good.num_rows:
        arrays = [good.column(name) for name in names]
        arrays += [pa.nulls(good.num_rows, pa.string()) for _ in reasons]
        yield pa.RecordBatch.from_arrays(arrays, names=[*names, *reasons])
    if rejected.num_rows:
        in_rejects = ("_row", "_source_file")
        arrays = [
            rejected.column(name) if name in in_rejects else pa.nulls(rejected.num_rows, good.schema.field(name).type)
            for name in names
        ]
        arrays += [rejected.column(name) for name in reasons.values()]
        yield pa.RecordBatch.from_arrays(arrays, names=[*names, *reasons])


def first_fault(action: Callable[[], Any]) -> Any:
    """Run an action. A fault raised on an executor arrives in the text of Spark's exception; raise it as a Fault again."""
    try:
        return action()
    except Exception as failure:
        for issue in issues_in(str(failure)):
            raise Fault.of(issue) from None
        raise
