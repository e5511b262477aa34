"""The bytes of a file as they come: hashed on the way, and unpacked where the file is an archive."""

import hashlib
import io
from bz2 import BZ2Decompressor
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from engine.faults import Fault
from engine.readers.blocks import Readable, Rewound

#: What each of these begins with; none of it begins a text in UTF-8 but the one of bz2, which is long enough.
PACKED = {b"\x1f\x8b\x08": "gzip", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zstd"}
BZ2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")
ENDINGS = {".gz": "gzip", ".gzip": "gzip", ".bz2": "bz2", ".zst": "zstd", ".zstd": "zstd"}
#: Files that are no text and that nothing here reads as one.
FOREIGN = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xfd7zXZ\x00": "packed with xz",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x04\x22\x4d\x18": "packed with lz4",
    b"\xff\x06\x00\x00sNaPpY": "packed with snappy",
    b"PAR1": "Parquet",
    b"Obj\x01": "Avro",
    b"ORC": "ORC",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
}
#: What the header of a tar archive has behind the name and the rights of its first file.
TAR, TAR_AT = b"ustar", 257
LONGEST = TAR_AT + len(TAR)
AS_TEXT = "write it as text, plain or as .gz, .bz2 or .zst"


class Hashed:
    """A stream whose SHA-256 and length are taken as it is read, on another thread: hashing holds no lock."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._pool = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None
        self.length = 0

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        if self._last is not None:
            self._last.result()  # so that no more than two pieces are held
        self.length += len(data)
        self._last = self._pool.submit(self._hash.update, data)
        return data

    def digest(self) -> str:
        """Of the whole file: what was not read yet is read."""
        while self.read(1 << 20):
            pass
        self.close()
        return self._hash.hexdigest()

    def close(self) -> None:
        self._pool.shutdown()


def unpacked(stream: Readable, path: str) -> Readable:
    """The text in the stream. Raises MR209 for a damaged archive, while it is read, and MR210 for what is no text."""
    head = _head(stream)
    whole = Rewound(head, stream)
    kind = _packed(head)
    if kind is not None:
        within: Readable = _Unpacked(whole, kind, path)
        head = _head(within)
        again = _packed(head)
        what = f"an archive again ({again})" if again is not None else _foreign(head)
        if what is not None:
            raise Fault("MR210", path, f"the archive holds {what}, and no text", AS_TEXT)
        return Rewound(head, within)
    ending = next((ending for ending in ENDINGS if path.lower().endswith(ending)), None)
    if head and ending is not None:
        what = f"the name ends with {ending}, and the file is not packed with {ENDINGS[ending]}"
        raise Fault("MR209", path, what, "write the file again, or name it without the ending")
    if (what := _foreign(head)) is not None:
        raise Fault("MR210", path, f"the file is {what}, and no text", AS_TEXT)
    return whole


def _packed(head: bytes) -> str | None:
    kind = next((kind for magic, kind in PACKED.items() if head.startswith(magic)), None)
    return None if kind == "bz2" and not (head[3:4].isdigit() and head[4:10] in BZ2_BLOCKS) else kind


def _foreign(head: bytes) -> str | None:
    if head[TAR_AT : TAR_AT + len(TAR)] == TAR and b"\0" in head[:TAR_AT]:
        return "a tar archive"
    for magic, what in FOREIGN.items():
        # ORC is a word that a text may begin with; a header never has a byte of zero.
        if head.startswith(magic) and (magic != b"ORC" or b"\0" in head):
            return what
    return None


def _head(stream: Readable) -> bytes:
    head = b""
    while len(head) < LONGEST and (more := stream.read(LONGEST - len(head))):
        head += more
    return head


class _Unpacked:
    """Members one after another are one text; the checksum of each is checked, and that it ends."""

    def __init__(self, stream: Readable, kind: str, path: str) -> None:
        # Arrow's own for bz2 fails on an empty member among others.
        packed = pa.PythonFile(_Raw(stream), mode="r") if kind != "bz2" else None
        self._stream = _Bz2(stream) if packed is None else pa.CompressedInputStream(packed, kind)
        self._kind = kind
        self._path = path

    def read(self, size: int) -> bytes:
        try:
            return bytes(self._stream.read(size))
        except (OSError, EOFError) as e:
            if getattr(e, "errno", None) is not None:
                raise  # of the file below, not of what is in it
            what = f"the archive is cut off or damaged ({self._kind}: {e})"
            hint = "copy or write the file again: no row of it is taken before it can be read to its end"
            raise Fault("MR209", self._path, what, hint) from e


class _Bz2:
    """Raises OSError for bytes that are no member, EOFError where one does not end."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._member = BZ2Decompressor()
        self._fresh = True

    def read(self, size: int) -> bytes:
        while True:
            data = b""
            if self._member.eof:
                data, self._member, self._fresh = self._member.unused_data, BZ2Decompressor(), True
            if not data and self._member.needs_input:
                data = self._stream.read(1 << 18)
                if not data and self._fresh:
                    return b""
                if not data:
                    raise EOFError("it ends in the midst of a member")
            self._fresh = self._fresh and not data
            if text := self._member.decompress(data, size):
                return text


class _Raw(io.RawIOBase):
    """A stream in the shape that Arrow asks for."""

    def __init__(self, stream: Readable) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
