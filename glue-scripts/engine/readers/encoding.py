"""Converts text in another encoding to a stream of UTF-8. An invalid byte is kept, as three bytes that are not UTF-8."""

import codecs
import re

from engine.readers.blocks import Readable

PIECE = 1 << 20
#: A lone surrogate from U+DC00 to U+DCFF, each of which stands for one byte.
MARK = re.compile(rb"\xed([\xb0-\xb3])([\x80-\xbf])")


def _keep(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error("millrace.keep", _keep)


class Transcoded:
    """A stream of UTF-8 from a stream in `encoding`, a name that Python knows."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("millrace.keep")
        self._ready = b""
        self._ended = False

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty only at the end."""
        while not self._ready and not self._ended:
            piece = self._stream.read(PIECE)
            self._ended = not piece
            self._ready = self._decoder.decode(piece, self._ended).encode("utf-8", "surrogatepass")
        given, self._ready = self._ready[:size], self._ready[size:]
        return given


def original(raw: bytes) -> bytes:
    """The text in UTF-8, with the invalid bytes as they were in the file."""
    return MARK.sub(lambda mark: bytes([((mark[1][0] & 0x3) << 6) | (mark[2][0] & 0x3F)]), raw)


def invalid_byte(raw: bytes, encoding: str) -> str | None:
    """The reason that names the first byte of a transcoded record that is invalid in its encoding; None if there is none."""
    mark = MARK.search(raw)
    if mark is None:
        return None
    place = len(raw[: mark.start()].decode("utf-8", "replace")) + 1
    return f"byte 0x{original(mark[0])[0]:02x} at character {place} is not {encoding}"
