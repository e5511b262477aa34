"""Records of CSV. Their grammar stands in `readers/csv_records.py`; this follows the text of it."""

import codecs
import re

import numpy as np

from engine.plan_types import CsvSource
from engine.record_counts import line_ends
from engine.record_counts.csv_rules import Rules
from engine.record_counts.line_ends import BOM, LINE_END, ends_in, filled_between, filled_lines

#: What is looked at in one go. Where one quote in it is out of place, all of it is walked field by field.
PIECE = 128 << 10
SEP_BYTES = 16
SEP = re.compile(rb'"?sep=([\x01-\x7f])"?(?:\r\n|\n|\r|\Z)', re.IGNORECASE)


class CsvCount:
    """Records of CSV, less those of the header. `source`: as the plan has it."""

    def __init__(self, source: CsvSource) -> None:
        encoding = source["encoding"]
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace")
        self._delimiter = source.get("delimiter", ",").encode()
        self._named = "delimiter" in source
        self._quote = b"" if source["quoting"] == "none" else source["quote"].encode()
        self._lenient = source["quoting"] == "lenient"
        self._escape = source.get("escape", "").encode()
        self._comment = source.get("comment", "").encode()
        self._skip = source["skip"]
        self._header = source["header"]
        self._records = 0
        self._head = True
        self._long_line = False
        self._rest = bytearray()
        #: How many bytes there must be before it is worth while to look again.
        self._enough = PIECE

    def feed(self, data: bytes) -> None:
        text = memoryview(self._decoder.decode(data).encode("utf-8", "replace") if self._decoder else data)
        # In pieces: what stays in the processor's cache is copied and counted several times faster.
        for at in range(0, len(text), PIECE):
            self._rest += text[at : at + PIECE]
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
            with memoryview(self._rest) as rest:
                piece = bytes(rest[at : at + size])
            if self._long_line:
                used, found = self._end_of_long_line(piece, final and last)
            else:
                used, found = self._records_in(piece, final and last)
            if not used and len(piece) >= line_ends.LIMIT:
                used, found = self._piece_of_long(piece)
            if not used and last:
                break
            self._records += found
            at += used
            # A record that is longer than what was looked at: look at more of it.
            size = PIECE if used else min(2 * size, line_ends.LIMIT)
        del self._rest[:at]
        self._enough = max(PIECE, min(2 * len(self._rest), line_ends.LIMIT))

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
        """The same, where every quote is where it should be: the line ends outside of quotes end records."""
        if not self._quote or self._quote not in piece:
            used = len(piece) if final else max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1
            return used, filled_lines(piece[:used])
        quotes = self._rules.quotes_in(piece)
        if self._rules.misplaced(piece, quotes) or (final and len(quotes) % 2):
            return None
        ends = ends_in(piece)
        # Behind an odd number of quotes a field is open.
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
        used = len(piece) if final else int(ends[-1]) + 1 if len(ends) else 0
        return used, filled_between(ends, used)

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
        if final or len(piece) >= line_ends.LIMIT:
            return len(piece), 1
        return 0, 0
