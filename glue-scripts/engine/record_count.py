"""Counts the records of a file beside its reader, over the same bytes, by other means: what is counted here must come out there.

The grammar of CSV stands in `readers/csv_records.py`. This follows the text of it and shares no code with the readers.
"""

import codecs
import re
from typing import Protocol

import numpy as np

from engine.plan_types import Dialect, IngestTask

#: As the readers have it: a longer record is a reject for each piece of this size.
LIMIT = 32 << 20
#: What is looked at in one go. Where one quote in it is out of place, all of it is walked field by field.
PIECE = 128 << 10
BOM = b"\xef\xbb\xbf"
LINE_END = re.compile(rb"\r\n|\n|\r")
SEP_BYTES = 16
SEP = re.compile(rb'"?sep=([\x01-\x7f])"?(?:\r\n|\n|\r|\Z)', re.IGNORECASE)


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Count(Protocol):
    def feed(self, data: bytes) -> None: ...

    def finish(self) -> int:
        """How many records there were. Nothing may be fed after it."""


class Watched:
    """A stream whose bytes are counted as they are read."""

    def __init__(self, stream: Readable, count: Count) -> None:
        self._stream = stream
        self._count = count

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._count.feed(data)
        return data


def count_for(task: IngestTask) -> Count | None:
    """What counts the records of a text file of an ingest task; None for Parquet, whose footer has the number."""
    match task["format"]:
        case "csv":
            return CsvCount(task.get("dialect", {}), task.get("delimiter"))
        case "json":
            return LineCount()
        case "text":
            return TextCount(task.get("dialect", {}).get("encoding", "utf-8"))
        case _:
            return None


class LineCount:
    """Lines with anything in them: JSON lines."""

    def __init__(self) -> None:
        self._records = 0
        self._begun = False
        self._rest = b""

    def feed(self, data: bytes) -> None:
        self._rest += data
        if not self._begun:
            if len(self._rest) < len(BOM):
                return
            self._begun = True
            self._rest = self._rest.removeprefix(BOM)
        end = self._rest.rfind(b"\n") + 1
        self._records += lines_with_text(self._rest[:end])
        self._rest = self._rest[end:]
        while len(self._rest) >= LIMIT:
            self._records += 1
            self._rest = self._rest[LIMIT:]

    def finish(self) -> int:
        rest = self._rest if self._begun else self._rest.removeprefix(BOM)
        return self._records + lines_with_text(rest)


class TextCount:
    """Lines of text, with or without anything in them."""

    def __init__(self, encoding: str) -> None:
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace")
        self._records = 0
        self._begun = False
        #: Bytes of the line that is not at its end, and how many pieces of it were counted.
        self._line = b""
        self._pieces = 0

    def feed(self, data: bytes) -> None:
        text = self._decoder.decode(data).encode("utf-8", "replace") if self._decoder else data
        self._line += text
        if not self._begun:
            if len(self._line) < len(BOM):
                return
            self._begun = True
            self._line = self._line.removeprefix(BOM)
        end = self._line.find(b"\n")
        if end >= 0:
            # Only the first line here can be a long one: the rest came in one piece.
            self._end(self._line[:end])
            self._records += self._line.count(b"\n", end + 1)
            self._line = self._line[self._line.rfind(b"\n") + 1 :]
        while len(self._line) >= LIMIT:
            self._records += 1
            self._pieces += 1
            self._line = self._line[LIMIT:]

    def finish(self) -> int:
        if self._decoder:
            self.feed(b"")
            self._line += self._decoder.decode(b"", True).encode("utf-8", "replace")
        rest = self._line if self._begun else self._line.removeprefix(BOM)
        # Fewer bytes than a byte-order mark has may hold whole lines.
        *lines, last = rest.split(b"\n")
        for line in [*lines, *([last] if last else [])]:
            self._end(line)
        return self._records

    def _end(self, line: bytes) -> None:
        """A line ends, of which `_pieces` are counted already."""
        pieces = len(line) // LIMIT
        long = self._pieces + pieces > 0
        self._records += pieces + bool(line[pieces * LIMIT :].removesuffix(b"\r")) if long else 1
        self._pieces = 0


def lines_with_text(text: bytes) -> int:
    if b"\r" not in text:
        return filled_lines(text)
    return sum(line not in (b"", b"\r") for line in text.split(b"\n"))


class CsvCount:
    """Records of CSV, less those of the header. `options`: the dialect as the plan has it."""

    def __init__(self, options: Dialect, delimiter: str | None) -> None:
        encoding = options.get("encoding") or "utf-8"
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace")
        self._delimiter = (delimiter or ",").encode()
        self._named = bool(delimiter)
        self._quote = b"" if options.get("quoting") == "none" else (options.get("quote") or '"').encode()
        self._lenient = options.get("quoting") == "lenient"
        self._escape = (options.get("escape") or "").encode()
        self._comment = (options.get("comment") or "").encode()
        self._skip = int(options.get("skip") or 0)
        self._header = int(options.get("header", 1))
        self._records = 0
        self._head = True
        self._long_line = False
        self._rest = bytearray()
        #: How many bytes there must be before it is worth while to look again.
        self._enough = PIECE

    def feed(self, data: bytes) -> None:
        self._rest += self._decoder.decode(data).encode("utf-8", "replace") if self._decoder else data
        if len(self._rest) >= self._enough:
            self._take(final=False)

    def finish(self) -> int:
        if self._decoder:
            self._rest += self._decoder.decode(b"", True).encode("utf-8", "replace")
        self._take(final=True)
        return max(0, self._records - self._header)

    def _take(self, final: bool) -> None:
        if self._head and not self._past_head(final):
            return
        at, size = 0, PIECE
        while at < len(self._rest):
            last = at + size >= len(self._rest)
            piece = bytes(self._rest[at : at + size])
            if self._long_line:
                used, found = self._end_of_long_line(piece, final and last)
            else:
                used, found = self._records_in(piece, final and last)
            if not used and len(piece) >= LIMIT:
                used, found = self._piece_of_long(piece)
            if not used and last:
                break
            self._records += found
            at += used
            # A record that is longer than what was looked at: look at more of it.
            size = PIECE if used else min(2 * size, LIMIT)
        del self._rest[:at]
        self._enough = max(PIECE, min(2 * len(self._rest), LIMIT))

    def _past_head(self, final: bool) -> bool:
        """Leaves out what comes before the header, once all of it is there."""
        at = len(BOM) if self._rest.startswith(BOM) else 0
        for _ in range(self._skip):
            end = LINE_END.search(self._rest, at)
            if end is None or end.end() == len(self._rest):
                if not final:
                    return False
                at = len(self._rest)
                break
            at = end.end()
        if not final and len(self._rest) - at < SEP_BYTES:
            return False
        if sep := SEP.match(self._rest, at):
            self._delimiter = self._delimiter if self._named else sep[1]
            at = sep.end()
        del self._rest[:at]
        self._rules = Rules(self._delimiter, self._quote, self._escape)
        self._head = False
        return True

    def _records_in(self, piece: bytes, final: bool) -> tuple[int, int]:
        """How many bytes at the start of a piece are whole records, and how many records."""
        if not final and piece.endswith(b"\r"):
            piece = piece[:-1]  # perhaps half of a line end
        if not (self._escape and self._escape in piece) and not (self._comment and self._comment in piece):
            found = self._well_formed(piece, final)
            if found is not None:
                return found
        return self._walked(piece, final)

    def _well_formed(self, piece: bytes, final: bool) -> tuple[int, int] | None:
        """The same, where every quote is where it should be: text between quotes is left out, and lines are counted."""
        parts = piece.split(self._quote) if self._quote else [piece]
        opened = len(parts) % 2 == 0
        outside = parts[::2]
        text = self._quote.join(outside)
        if opened:
            if final:
                return None
            text += self._quote
        if len(parts) > 1 and self._rules.misplaced(text):
            return None
        if final:
            return len(piece), filled_lines(text)
        # Whole records end with the last line end outside of quotes.
        kept = text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1]
        tail = len(piece)
        for i in range(len(parts) - 1 - opened, -1, -2):
            tail = sum(map(len, parts[: i + 1])) + i * len(self._quote)
            end = max(parts[i].rfind(b"\n"), parts[i].rfind(b"\r")) + 1
            if end:
                return tail - len(parts[i]) + end, filled_lines(kept)
        return 0, 0

    def _walked(self, piece: bytes, final: bool) -> tuple[int, int]:
        """The same, field by field."""
        at = found = 0
        while at < len(piece):
            end, filled = self._record(piece, at, final)
            if end < 0:
                break
            found += filled
            at = end
        return at, found

    def _record(self, piece: bytes, at: int, final: bool) -> tuple[int, bool]:
        """Where the record that begins here ends, behind its line end, -1 where that is not known yet; and whether it is one."""
        rules = self._rules
        if self._comment and piece.startswith(self._comment, at):
            return rules.line_end(piece, at, final), False
        start = at
        while True:
            if self._quote and piece.startswith(self._quote, at):
                body = rules.quoted.match(piece, at)
                after = body.end() if body else -1
                if not final and (body is None or after == len(piece)):
                    return -1, True
                well = body is not None and (after == len(piece) or piece[after] in rules.boundary)
                if not well and not (self._lenient and body is not None):
                    return rules.line_end(piece, at + 1, final), True
                at = after
            plain = rules.plain.match(piece, at)
            assert plain is not None
            at = plain.end()
            if at >= len(piece):
                return (len(piece) if final else -1), at > start
            if piece.startswith(self._delimiter, at):
                at += 1
                if at == len(piece) and not final:
                    return -1, True
                continue
            if piece[at : at + 1] == self._escape:  # the last byte of what is there
                return (len(piece) if final else -1), True
            end = LINE_END.match(piece, at)
            assert end is not None
            return end.end(), at > start

    def _piece_of_long(self, piece: bytes) -> tuple[int, int]:
        """A record that does not end within the limit: up to the line of the quote that stays open, else all of it."""
        opened = self._rules.open_quote(piece, self._lenient) if self._quote else -1
        end = self._rules.line_end(piece, opened + 1, final=False) if opened >= 0 else -1
        self._long_line = end < 0
        return (end if end > 0 else len(piece)), 1

    def _end_of_long_line(self, piece: bytes, final: bool) -> tuple[int, int]:
        end = self._rules.line_end(piece, 0, final=False)
        if end >= 0:
            self._long_line = False
            return end, int(bool(piece[:end].strip(b"\r\n")))
        if final or len(piece) >= LIMIT:
            return len(piece), 1
        return 0, 0


class Rules:
    """The patterns of one dialect."""

    def __init__(self, delimiter: bytes, quote: bytes, escape: bytes) -> None:
        d, q, e = (re.escape(sign) for sign in (delimiter, quote, escape))
        escaped = rb"|" + e + rb"." if escape else b""
        self.boundary = delimiter + b"\r\n"
        self.plain = re.compile(rb"(?:[^" + d + rb"\r\n" + e + rb"]++" + escaped + rb")*+", re.DOTALL)
        self._line = re.compile(rb"(?:[^\r\n" + e + rb"]++" + escaped + rb")*+", re.DOTALL)
        self._quote = quote
        if quote:
            inner = rb"(?:[^" + q + e + rb"]++" + escaped + rb"|" + q + q + rb")*+"
            self.quoted = re.compile(q + inner + q, re.DOTALL)
            # The quote first: a pattern that begins with a letter is found by it, much faster.
            self._opens = re.compile(q + rb"(?<=[^" + d + rb"\r\n" + q + rb"]" + q + rb")")
            self._closes = re.compile(q + rb"(?![" + d + rb"\r\n" + q + rb"]|\Z)")

    def misplaced(self, text: bytes) -> bool:
        """Whether a quote stands where none opens or closes a field, in text less what is between quotes."""
        return self._opens.search(b"\n" + text) is not None or self._closes.search(text) is not None

    def line_end(self, piece: bytes, at: int, final: bool) -> int:
        """Behind the first line end from here on, -1 where it is not known yet."""
        line = self._line.match(piece, at)
        assert line is not None
        end = LINE_END.match(piece, line.end())
        if end is None or (not final and end.end() == len(piece) and piece[-1:] == b"\r"):
            return len(piece) if final else -1
        return end.end()

    def open_quote(self, piece: bytes, lenient: bool) -> int:
        """Where the quoted field begins that a piece of one record does not end, -1 where there is none."""
        at = 0
        while at < len(piece):
            body = self.quoted.match(piece, at)
            if body is None and piece.startswith(self._quote, at):
                return at
            at = body.end() if body else at
            plain = self.plain.match(piece, at)
            assert plain is not None
            at = plain.end() + 1
        return -1


def filled_lines(text: bytes) -> int:
    """Lines with anything in them; LF, CRLF and a lone CR each end one."""
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    ends = np.frombuffer(text, np.uint8) == 0x0A
    blank = int(np.count_nonzero(ends[1:] & ends[:-1])) + text.startswith(b"\n")
    return int(np.count_nonzero(ends)) - blank + (not text.endswith(b"\n") and bool(text))
