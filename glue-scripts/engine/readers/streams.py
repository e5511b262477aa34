"""Streams of a file's bytes: hashed while they are read, and decompressed if the file is packed."""

import hashlib
import io
from bz2 import BZ2Decompressor
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from engine.faults import Fault
from engine.readers.blocks import Readable, Rewound

#: First bytes -> compression. UTF-8 text cannot begin with them, except for those of bz2, which a longer test confirms.
PACKED = {b"\x1f\x8b\x08": "gzip", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zstd"}
#: Of these bytes the first has any lower half: a frame that zstd skips, with which pzstd begins its files.
ZSTD_SKIPPED = b"\x2a\x4d\x18"
BZ2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")
ENDINGS = {".gz": "gzip", ".gzip": "gzip", ".bz2": "bz2", ".zst": "zstd", ".zstd": "zstd"}
#: First bytes -> a kind of file that is not text and cannot be read as text.
FOREIGN = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"PK\x05\x06": "an empty zip archive",
    b"Rar!\x1a\x07": "a rar archive",
    b"LZIP\x01": "packed with lzip",
    b"\x89LZO\x00": "packed with lzop",
    b"\x1f\x9d\x90": "packed with compress (.Z)",
    b"\xfd7zXZ\x00": "packed with xz",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x04\x22\x4d\x18": "packed with lz4",
    b"\xff\x06\x00\x00sNaPpY": "packed with snappy",
    b"PAR1": "Parquet",
    b"Obj\x01": "Avro",
    b"ORC": "ORC",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
}
#: The marker in the header of a tar archive, after the name and permissions of its first file.
TAR, TAR_AT = b"ustar", 257
LONGEST = TAR_AT + len(TAR)
AS_TEXT = "write it as text, plain or as .gz, .bz2 or .zst"
#: The byte-order marks of UTF-16.
MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class Hashed:
    """A stream that computes its SHA-256 and length while it is read, on another thread, because hashing releases Python's lock."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._pool = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None
        self.length = 0

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        if self._last is not None:
            self._last.result()  # hold at most two pieces
        self.length += len(data)
        self._last = self._pool.submit(self._hash.update, data)
        return data

    def digest(self) -> str:
        """The SHA-256 of the whole file. Reads the rest of it first."""
        while self.read(1 << 20):
            pass
        self.close()
        return self._hash.hexdigest()

    def close(self) -> None:
        self._pool.shutdown()


def unpacked(stream: Readable, path: str, encoding: str | None = None) -> Readable:
    """The text in the stream, decompressed if needed. Raises MR210 if it is not text, or if it is in UTF-16 and `encoding`, which
    may be unknown, is not or the reverse; and MR209, while reading, if it is damaged."""
    text, head = _text(stream, path)
    if encoding is not None and head:
        _check_encoding(head, encoding, path)
    return text


def _text(stream: Readable, path: str) -> tuple[Readable, bytes]:
    """The text in the stream, and its first bytes."""
    head = _head(stream)
    whole = Rewound(head, stream)
    kind = _packed(head)
    if kind is not None:
        within: Readable = _Unpacked(whole, kind, path)
        head = _head(within)
        again = _packed(head)
        what = f"another archive ({again})" if again is not None else _foreign(head)
        if what is not None:
            raise Fault("MR210", path, f"the archive contains {what}, not text", AS_TEXT)
        return Rewound(head, within), head
    ending = next((ending for ending in ENDINGS if path.lower().endswith(ending)), None)
    if head and ending is not None:
        what = f"the name ends with {ending}, but the file is not packed with {ENDINGS[ending]}"
        raise Fault("MR209", path, what, f"write the file again, or rename it without {ending}")
    if (what := _foreign(head)) is not None:
        raise Fault("MR210", path, f"the file is {what}, not text", AS_TEXT)
    return whole, head


def _check_encoding(head: bytes, encoding: str, path: str) -> None:
    """MR210 if the text begins in UTF-16 and its source is declared in another encoding, or lacks the mark of `utf-16`."""
    found = MARKS.get(head[:2]) or _unmarked(head)
    if encoding == "utf-16" and head[:2] not in MARKS:
        hint = f"declare encoding: '{found}'" if found else "declare its encoding, such as encoding: 'utf-16-le'"
        raise Fault("MR210", path, "the file has no byte-order mark, which encoding: 'utf-16' needs", hint)
    if found is not None and not encoding.startswith("utf-16"):
        hint = f"declare encoding: '{'utf-16' if head[:2] in MARKS else found}' if the format has it, or write the file as UTF-8"
        raise Fault("MR210", path, f"the file is text in UTF-16, and not in {encoding}", hint)


def _unmarked(head: bytes) -> str | None:
    """The UTF-16 of text without a mark: each second byte is NUL, as in no other encoding."""
    even, odd = head[::2], head[1::2]
    if len(odd) < 4:
        return None
    if not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if not any(even) and all(odd) else None


def _packed(head: bytes) -> str | None:
    kind = next((kind for magic, kind in PACKED.items() if head.startswith(magic)), None)
    if head[1:4] == ZSTD_SKIPPED and head[0] >> 4 == 5:
        return "zstd"
    return None if kind == "bz2" and not (head[3:4].isdigit() and head[4:10] in BZ2_BLOCKS) else kind


def _foreign(head: bytes) -> str | None:
    if head[TAR_AT : TAR_AT + len(TAR)] == TAR and b"\0" in head[:TAR_AT]:
        return "a tar archive"
    for magic, what in FOREIGN.items():
        # Text may begin with the word ORC, but it has no NUL byte.
        if head.startswith(magic) and (magic != b"ORC" or b"\0" in head):
            return what
    return None


def _head(stream: Readable) -> bytes:
    head = b""
    while len(head) < LONGEST and (more := stream.read(LONGEST - len(head))):
        head += more
    return head


class _Unpacked:
    """Decompresses a stream. Several members are one text; each must be complete and match its checksum."""

    def __init__(self, stream: Readable, kind: str, path: str) -> None:
        # Arrow's bz2 stream fails if one of the members is empty.
        packed = pa.PythonFile(_Raw(stream), mode="r") if kind != "bz2" else None
        self._stream = _Bz2(stream) if packed is None else pa.CompressedInputStream(packed, kind)
        self._kind = kind
        self._path = path

    def read(self, size: int) -> bytes:
        try:
            return bytes(self._stream.read(size))
        except (OSError, EOFError) as e:
            if getattr(e, "errno", None) is not None:
                raise  # an error of the file system, not of the archive
            what = f"the archive is truncated or damaged ({self._kind}: {e})"
            hint = "copy or write the file again; none of its rows are ingested until it can be read to the end"
            raise Fault("MR209", self._path, what, hint) from e


class _Bz2:
    """A bz2 stream. Raises OSError for bytes that are not a bz2 member, EOFError if a member is incomplete."""

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
                    raise EOFError("it ends in the middle of a member")
            self._fresh = self._fresh and not data
            if text := self._member.decompress(data, size):
                return text


class _Raw(io.RawIOBase):
    """A stream with the interface that Arrow needs."""

    def __init__(self, stream: Readable) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
