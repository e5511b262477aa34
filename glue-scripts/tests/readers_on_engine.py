"""Prints the rows that `read_file` gives inside `mapInArrow`. Run by a test, in the Python that has the engine.

usage: python -m tests.readers_on_engine sail|spark, with the files as JSON on stdin: [{task, path, name, schema}]
"""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from engine.readers import Chunk, read_file
from engine.session import open_session

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


def main() -> None:
    files = json.load(sys.stdin)
    session = open_session(sys.argv[1])
    found = {}
    for file in files:
        listed = session.spark.createDataFrame([(json.dumps(file),)], "file string")
        good = session.arrow(listed.mapInArrow(reader("good"), file["schema"]))
        rejected = session.arrow(listed.mapInArrow(reader("rejected"), REJECTED))
        found[file["name"]] = [texts(good.to_pylist()), texts(rejected.to_pylist())]
    session.stop()
    print("\nROWS" + json.dumps(found))


if __name__ == "__main__":
    main()
