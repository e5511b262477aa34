"""Reads exactly the claimed version of a file, or raises a fault."""

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

#: Parquet is read in any order. A file up to this size is held in memory, so that the bytes read are the bytes hashed.
IN_MEMORY_BYTES = 256 << 20
PIECE = 1 << 20

SHA256 = re.compile(r"[0-9a-f]{64}")


class Claimed:
    """Opens one version of one file. Call `check` after reading: it raises MR208 if the file is another version.

    `etag`: the SHA-256 of a local file, or the ETag of an object; an etag of another form is not compared. `size` is in bytes.
    """

    def __init__(self, open_: Callable[[], BinaryIO], source_file: str, etag: str, size: int | None) -> None:
        self._open = open_
        self._source_file = source_file
        self._etag = etag
        self._size = size
        self._hashed: Hashed | None = None
        self._opened: list[tuple[BinaryIO, Any]] = []

    def stream(self) -> Hashed | BinaryIO:
        """The file as a stream from its first byte. Call it once."""
        stream = self._file()
        if SHA256.fullmatch(self._etag):
            self._hashed = Hashed(stream)
            return self._hashed
        return stream

    def indexed(self) -> Callable[[], BinaryIO]:
        """A function that opens the file for random access, any number of times."""
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
        """Raises MR208 if some of the bytes read were not from the claimed version. Call it after the last read."""
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
        opened = [first]
        return lambda: opened.pop() if opened else self._file()

    def _file(self) -> BinaryIO:
        stream = self._open()
        state = _state(stream)
        self._opened.append((stream, state))
        if isinstance(state, tuple) and self._size is not None and state[0] != self._size:
            raise self._changed(f"it had {counted(self._size, 'byte')} then, and has {state[0]:,} now")
        if not isinstance(state, dict):
            return stream
        size, etag = int(state.get("Content-Length", -1)), state.get("ETag", "").strip('"')
        if self._size is not None and size not in (-1, self._size):
            raise self._changed(f"it had {counted(self._size, 'byte')} then, and has {size:,} now")
        if etag and self._etag and etag != self._etag:
            raise self._changed(f"its ETag was {self._etag} then, and is {etag} now")
        return stream

    def _compare(self, length: int, digest: str) -> None:
        if self._size is not None and length != self._size:
            raise self._changed(f"it had {counted(self._size, 'byte')} then, and {length:,} were read")
        if digest != self._etag:
            raise self._changed("its content is different")

    def _changed(self, how: str) -> Fault:
        hint = (
            "run again when no program is writing the file: none of its rows were ingested, and the next run reads it"
        )
        return Fault("MR208", self._source_file, f"the file changed after the run claimed it: {how}", hint)


def _state(stream: BinaryIO) -> Any:
    """Metadata that differs between versions of a file: size, time and inode, or the headers of an object."""
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
