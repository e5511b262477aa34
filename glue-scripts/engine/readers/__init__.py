"""Reads one source file: every record is accepted unchanged, or rejected with its rule, reason and text.

The readers have no state and do not use Spark: they run in this process or in `mapInArrow` on an executor.
"""

import importlib
import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from engine.faults import Fault
from engine.files import filesystem
from engine.plan_types import IngestTask
from engine.readers.blocks import BLOCK_BYTES, Readable
from engine.readers.chunk import Chunk, FileRows
from engine.readers.claimed import Claimed
from engine.readers.columns import columns_of
from engine.readers.file_notes import FileNotes, warnings_of
from engine.readers.formats import IndexedFormat, TextFormat, format_of
from engine.readers.reading import Reading
from engine.readers.streams import unpacked

__all__ = ["Chunk", "FileNotes", "read_file", "warnings_of"]

REMOTE_READ_BYTES = 8 << 20


def read_file(
    task: IngestTask,
    path: str,
    *,
    source_file: str,
    etag: str,
    size: int | None = None,
    block_size: int = BLOCK_BYTES,
    notes: FileNotes | None = None,
    watch: Callable[[Readable], Readable] | None = None,
) -> Iterator[Chunk]:
    """The chunks of a file of an `ingest` task, in the order of the file.

    `path` is a local path, or `s3://bucket/key` with an unencoded key. `etag` and `size` (bytes) are those of the claimed
    version. `watch` wraps the unpacked stream of a text file, to see each byte that is read.
    Raises MR203 to MR210 for `source_file` during iteration: chunks from before the fault must then not be committed.
    """
    reading = Reading(
        task["source"],
        columns_of(task),
        FileRows(source_file, etag),
        FileNotes() if notes is None else notes,
        block_size,
    )
    claimed = Claimed(lambda: _open(path), source_file, etag, size)
    try:
        known = format_of(task)
        if isinstance(known, IndexedFormat):
            yield from known.read(claimed.indexed(), reading)
        else:
            text = unpacked(claimed.stream(), source_file, str(task["source"].get("encoding", "utf-8")))
            yield from _read_text(known, watch(text) if watch else text, claimed, reading)
        claimed.check()
    except OSError as e:
        reason = e.strerror or str(e)
        hint = "it existed when the run began: run again" if isinstance(e, FileNotFoundError) else ""
        raise Fault("MR206", source_file, f"the file cannot be read: {reason}", hint) from e
    finally:
        claimed.close()


def _read_text(known: TextFormat[Any], text: Readable, claimed: Claimed, reading: Reading[Any]) -> Iterator[Chunk]:
    try:
        yield from known.read(text, reading)
    except Fault:
        # A damaged archive or a changed file may look like a file without the columns. Read on, so that the true cause is reported.
        while text.read(1 << 20):
            pass
        claimed.check()
        raise


def _open(path: str) -> BinaryIO:
    if "://" not in path:
        return open(path, "rb")
    files, key = filesystem(path)
    if "" in key.removeprefix("/").split("/"):
        return io.BytesIO(_whole_object(path, *key.split("/", 1)))
    # Every read from an object store is a request, and the readers read small pieces.
    return io.BufferedReader(files.open_input_file(key), REMOTE_READ_BYTES)


def _whole_object(path: str, bucket: str, key: str) -> bytes:
    """The bytes of an object whose key contains `//` or ends in `/`. Arrow would change such a key or find no object."""
    try:
        client = importlib.import_module("boto3").client("s3")
    except ImportError:
        raise Fault(
            "MR221", path, "only boto3 reads a key with an empty part between slashes", "rename the object"
        ) from None
    return bytes(client.get_object(Bucket=bucket, Key=key)["Body"].read())
