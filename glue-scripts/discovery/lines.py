"""Reads the lines of a text file, decompressed if needed, in its encoding."""

import io
from collections.abc import Iterator
from typing import Any

from engine.readers.streams import unpacked

UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def lines_of(path: str) -> tuple[Iterator[str], dict[str, Any], list[str]]:
    """The lines of a text file with their line ends, the source options they need, and notes for the user."""
    with open(path, "rb") as file:
        raw = _all(unpacked(file, path))
    if raw[:2] in UTF_16:
        return iter(io.StringIO(raw.decode("utf-16", "replace"), newline="")), {"encoding": "utf-16"}, []
    try:
        return iter(io.StringIO(raw.decode("utf-8-sig"), newline="")), {}, []
    except UnicodeDecodeError:
        note = "some bytes are not UTF-8: their lines would be quarantined, unless you declare the `encoding`"
        return iter(io.StringIO(raw.decode("latin-1"), newline="")), {}, [note]


def _all(stream: Any) -> bytes:
    pieces = []
    while piece := stream.read(1 << 20):
        pieces.append(piece)
    return b"".join(pieces)
