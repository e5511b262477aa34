"""A file as it was claimed: what is read is that version of it, or a fault."""

import hashlib
import io
import os
import re
from collections.abc import Callable
from typing import Any, BinaryIO

import pyarrow as pa

from engine.faults import Fault
from engine.readers.streams import Hashed
from engine.words import counted

#: Of a Parquet file up to this size, which is read in no order, the bytes that are read are the ones that were hashed.
IN_MEMORY_BYTES = 256 << 20
PIECE = 1 << 20

SHA256 = re.compile(r"[0-9a-f]{64}")


class Claimed:
    """Opens one version of one file. `check` at the end of the read raises MR208 where it was another.

    `etag`: SHA-256 of a local file, the ETag of an object; an etag of another form is not compared. `size` in bytes.
    """

    def __init__(self, open_: Callable[[], BinaryIO], source_file: str, etag: str, size: int | None) -> None:
        self._open = open_
        self._source_file = source_file
        self._etag = etag
        self._size = size
        self._hashed: Hashed | None = None
        self._opened: list[tuple[BinaryIO, Any]] = []

    def stream(self) -> Hashed | BinaryIO:
        """From the first byte on, once."""
        stream = self._file()
        if SHA256.fullmatch(self._etag):
            self._hashed = Hashed(stream)
            return self._hashed
        return stream

    def indexed(self) -> Callable[[], BinaryIO]:
        """Opens the whole file as often as it is asked to."""
        stream = self._file()
        if not SHA256.fullmatch(self._etag):
            return self._again(stream)
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        if size <= IN_MEMORY_BYTES:
            data = stream.read()
            self._compare(len(data), hashlib.sha256(data).hexdigest())
            buffer = pa.py_buffer(data)
            return lambda: pa.BufferReader(buffer)
        hashed = Hashed(stream)
        digest = hashed.digest()
        self._compare(hashed.length, digest)
        stream.seek(0)
        return self._again(stream)

    def check(self) -> None:
        """After the last byte that is wanted: that all of it was of the version that was claimed."""
        if self._hashed is not None:
            digest = self._hashed.digest()
            self._compare(self._hashed.length, digest)
        for stream, before in self._opened:
            if _state(stream) != before:
                raise self._changed("it changed while it was read")
        if self._opened and "ETag" in (self._opened[0][1] or {}):
            with self._open() as now:
                if _state(now) != self._opened[0][1]:
                    raise self._changed("it changed while it was read")

    def close(self) -> None:
        if self._hashed is not None:
            self._hashed.close()
        for stream, _ in self._opened:
            stream.close()

    def _again(self, first: BinaryIO) -> Callable[[], BinaryIO]:
        given = [first]
        return lambda: given.pop() if given else self._file()

    def _file(self) -> BinaryIO:
        stream = self._open()
        state = _state(stream)
        self._opened.append((stream, state))
        if isinstance(state, tuple) and self._size is not None and state[0] != self._size:
            raise self._changed(f"it had {counted(self._size, 'byte')} when it was claimed, and has {state[0]:,}")
        if not isinstance(state, dict):
            return stream
        size, etag = int(state.get("Content-Length", -1)), state.get("ETag", "").strip('"')
        if self._size is not None and size not in (-1, self._size):
            raise self._changed(f"it had {counted(self._size, 'byte')} when it was claimed, and has {size:,}")
        if etag and self._etag and etag != self._etag:
            raise self._changed(f"ETag {self._etag} was claimed, it has {etag}")
        return stream

    def _compare(self, length: int, digest: str) -> None:
        if self._size is not None and length != self._size:
            raise self._changed(f"it had {counted(self._size, 'byte')} when it was claimed, and {length:,} came")
        if digest != self._etag:
            raise self._changed("the bytes that were read are others than those that were claimed")

    def _changed(self, what: str) -> Fault:
        hint = "run again when nothing writes it: nothing of it was taken, and the next run takes it as it is then"
        return Fault("MR208", self._source_file, f"the file is not what the run claimed: {what}", hint)


def _state(stream: BinaryIO) -> Any:
    """What tells a version of a file from another, without its content: of an object what its store says of it."""
    raw = getattr(stream, "raw", stream)
    if isinstance(raw, pa.NativeFile):
        found = raw.metadata() or {}
        text = {_text(name): _text(value) for name, value in found.items()}
        return {name: text[name] for name in ("Content-Length", "ETag", "VersionId", "Last-Modified") if name in text}
    if isinstance(raw, io.FileIO):
        info = os.fstat(raw.fileno())
        return info.st_size, info.st_mtime_ns, info.st_ino
    return None


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
