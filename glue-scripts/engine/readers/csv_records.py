"""Finds where the records of CSV text end. This docstring is the grammar; the reader and the independent record count both follow it.

Bytes. A file is bytes in its `encoding`, which are first converted to UTF-8; a byte that is invalid in the encoding becomes bytes that
are not UTF-8. A byte-order mark at the very start is removed. Quote, delimiter, escape and comment sign are one ASCII byte each.

Head. The first `skip` lines are skipped, whatever quotes they hold. Then a line `sep=X`, in any case, is skipped, and X is the
delimiter. Then the first `header` records (default 1) are the header and not data. Blank lines and comments between them are skipped.

Lines. LF, CRLF and a lone CR each end a line.

Escapes. If an `escape` is declared, it and the byte after it are one character of text, inside and outside quotes: an escaped
quote, delimiter, escape or line end is plain text.

Fields. A field begins at the start of a record or after a delimiter. If its first byte is a quote, the field is quoted:
inside it a doubled quote is one quote, and delimiters and line ends are text; the next single quote closes it. A quote anywhere
else is text. With `quoting: none` every quote is text.

Records. A record ends at a line end outside a quoted field, or at the end of the file. Outside quotes, an empty line is not a record.
Outside quotes, a line that begins with the `comment` sign is not a record either, and quotes in it have no meaning.

Broken quotes (`quoting: strict`, the default). The closing quote must be followed by a delimiter, a line end or the end of the
file. If anything else follows, or if the field is never closed, the record is one reject (`csv:quote`): the bytes from the start of
the record to the first line end after the field's opening quote. The next record begins at the next line. With `quoting: lenient`,
text after the closing quote, up to the next delimiter or line end, belongs to the field; only a field that is never closed makes its
record a reject, of the same bytes.

Numbers. Records are numbered from 0 in the order of the file, accepted and rejected alike; header, blank lines and comments have no
number. An accepted record has as many fields as the header (else it is a `csv:fields` reject), and is not the header again, as in
files that were joined into one (`csv:header`). One exception: a record of more than 32 MB becomes several rejects (`csv:length`), each
with a number.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.readers.csv_dialect import Dialect
from engine.readers.csv_quotes import NOTHING, Positions, Walk, line_ends, unescaped, walk

__all__ = ["CsvRecords", "Span", "line_count"]


class Span(NamedTuple):
    """A record: where it starts and ends, without its line end, and whether its quotes are broken."""

    start: int
    end: int
    broken: bool


@dataclass(frozen=True)
class CsvRecords:
    """Splits CSV text in UTF-8 into records."""

    dialect: Dialect

    def cut(self, window: bytes, final: bool) -> tuple[int, bool]:
        if not self._structured(window):
            return (len(window) if final else window.rfind(b"\n") + 1) or self._cut(window, final)[0], False
        return self._cut(window, final)

    def _cut(self, window: bytes, final: bool) -> tuple[int, bool]:
        found = self._walk(window, final)
        odd = bool(found.broken.size or found.comments.size)
        if final:
            return len(window), odd
        return (int(found.ends[-1]) if found.ends.size else 0), odd

    def first_line(self, window: bytes) -> int:
        breaks = line_ends(self._bytes(window), final=False)
        return int(breaks[0]) if breaks.size else 0

    def unclosed(self, window: bytes) -> int:
        opened = self._walk(window, final=False).opened
        if opened is None:
            return 0
        length = self.first_line(window[opened:])
        return opened + length if length else 0

    def spans(self, data: bytes) -> list[Span]:
        """The records of a block of whole records, without blank lines and comments."""
        found = self._walk(data, final=True)
        stops = found.ends.tolist()
        if not stops or stops[-1] != len(data):
            stops.append(len(data))
        broken = set(np.searchsorted(found.ends, found.broken, "right").tolist())
        comments = set(found.comments.tolist())
        plain = data if self.dialect.escape is None else self._bytes(data).tobytes()
        spans = []
        start = 0
        for i, stop in enumerate(stops):
            end = stop
            if i < found.ends.size:  # otherwise the file ends here, perhaps with an escaped line end
                end -= 2 if plain[max(start, end - 2) : end] == b"\r\n" else 1
            if end > start and start not in comments:
                spans.append(Span(start, end, i in broken))
            start = stop
        return spans

    def _structured(self, window: bytes) -> bool:
        """Whether the window contains an escape, a comment sign or a quote."""
        signs = [self.dialect.escape, self.dialect.comment, self.dialect.quote if self.dialect.quoted else None]
        return any(sign is not None and sign.encode() in window for sign in signs)

    def _bytes(self, window: bytes) -> npt.NDArray[np.uint8]:
        data = np.frombuffer(window, np.uint8)
        return data if self.dialect.escape is None else unescaped(data, ord(self.dialect.escape))

    def _walk(self, window: bytes, final: bool) -> Walk:
        data = self._bytes(window)
        quotes: Positions = np.flatnonzero(data == ord(self.dialect.quote)) if self.dialect.quoted else NOTHING
        return walk(data, quotes, self.dialect, final)


def line_count(data: bytes) -> int:
    """The number of line ends, as an editor counts them."""
    lines = data.count(b"\n")
    return lines + data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else lines
