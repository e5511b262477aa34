"""Runs `read_file` inside `mapInArrow`."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from engine.readers import Chunk, read_file
from engine.session import Session

Batches = Iterator[pa.RecordBatch]
REJECTED = "rule string, reason string, raw string, _source_file string, _row bigint"


def chunks(file: dict[str, Any]) -> Iterator[Chunk]:
    return read_file(file["task"], file["path"], source_file=file["name"], etag="e", block_size=32)


def reader(part: str) -> Callable[[Batches], Batches]:
    """`part`: `good` or `rejected`."""

    def read(batches: Batches) -> Batches:
        for batch in batches:
            for row in batch.to_pylist():
                for chunk in chunks(json.loads(row["file"])):
                    yield getattr(chunk, part)

    return read


def texts(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)


def rows_on_engine(session: Session, file: dict[str, Any]) -> list[list[str]]:
    """The good and the rejected rows of a file, as texts."""
    listed = session.spark.createDataFrame([(json.dumps(file),)], "file string")
    good = session.arrow(listed.mapInArrow(reader("good"), file["schema"]))
    rejected = session.arrow(listed.mapInArrow(reader("rejected"), REJECTED))
    return [texts(good.to_pylist()), texts(rejected.to_pylist())]
