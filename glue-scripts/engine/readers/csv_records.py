"""Where the records of CSV text end. This is the grammar that counts, for the reader and for whoever counts records.

Bytes. A file is bytes in its `encoding`, made UTF-8 first; a byte that has no meaning there stays a byte that is not
UTF-8. A byte-order mark at the very start is taken off. A quote, delimiter, escape and comment sign is one ASCII byte.

Head. The first `skip` lines are passed over, quotes or not. Then a line `sep=X`, in any case, is passed over: X is the
delimiter. Then the first `header` records are the header (default 1); they are no data records. Blank lines and comments
between them are passed over.

Lines. LF, CRLF and a lone CR each end a line.

Escapes. With an `escape`, it and the byte after it are one character of text, in and outside of quotes: an escaped
quote, delimiter, escape or line end has no meaning of its own.

Fields. A field begins at the start of a record or after a delimiter. Where its first byte is a quote, it is quoted:
inside, two quotes are one, and delimiters and line ends are text; the next single quote closes it. A quote anywhere
else is text. With `quoting: none` every quote is text.

Records. A record ends at a line end outside of a quoted field, or at the end of the file. A line with nothing in it,
outside of quotes, is no record. A line that begins with the `comment` sign, outside of quotes, is no record, and quotes in
it mean nothing.

Broken quotes (`quoting: strict`, the default). After the closing quote only a delimiter, a line end or the end of the
file is well-formed. Where anything else follows, or nothing closes the field, the record is one reject (`csv:quote`): the
bytes from the record's start to the first line end after the quote that opened that field. The next record begins at the
next line. With `quoting: lenient` text may follow the closing quote, up to the next delimiter or line end, and
belongs to the field; only a field that nothing closes is a reject, of the same extent.

Numbers. Records are numbered from 0 in the order of the file, accepted and rejected alike; header, blank lines and comments
have no number. A record that is accepted has as many fields as the header (`csv:fields` otherwise). The one exception is
a record of more than 32 MB: it comes as several rejects (`csv:length`), each with a number.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.readers.csv_dialect import Dialect
from engine.readers.csv_quotes import NOTHING, Positions, Walk, line_ends, unescaped, walk

__all__ = ["CsvRecords", "Span", "line_count"]


class Span(NamedTuple):
    """A record: where it starts and ends, without its line end; `broken` where its quotes are."""

    start: int
    end: int
    broken: bool


@dataclass(frozen=True)
class CsvRecords:
    """The splitter of CSV text in UTF-8."""

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
        """Each record of a block of whole ones; blank lines and comments are none."""
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
            if i < found.ends.size:  # else the file ends here, perhaps with an escaped line end
                end -= 2 if plain[max(start, end - 2) : end] == b"\r\n" else 1
            if end > start and start not in comments:
                spans.append(Span(start, end, i in broken))
            start = stop
        return spans

    def _structured(self, window: bytes) -> bool:
        """Whether anything but delimiters and line ends may have a meaning."""
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
    """How many lines an editor would count as ended."""
    lines = data.count(b"\n")
    return lines + data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else lines
