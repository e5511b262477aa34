"""The patterns that find the ends of fields and records in one CSV dialect."""

import re

import numpy as np

from engine.record_counts.line_ends import LINE_END, Positions


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
            #: Whether a byte may stand before a quote that opens a field and behind one that closes it.
            self._edge = np.zeros(256, np.bool_)
            self._edge[list(self.boundary + quote)] = True

    def quotes_in(self, piece: bytes) -> Positions:
        return np.flatnonzero(np.frombuffer(piece, np.uint8) == ord(self._quote))

    def misplaced(self, piece: bytes, quotes: Positions) -> bool:
        """Whether a quote is where no field opens or closes, if every second one opens a field. A doubled one does both."""
        data = np.frombuffer(piece, np.uint8)
        before, after = quotes[::2] - 1, quotes[1::2] + 1
        return not (self._edge[data[before[before >= 0]]].all() and self._edge[data[after[after < len(data)]]].all())

    def line_end(self, piece: bytes, at: int, final: bool) -> int:
        """The position after the first line end from `at` on; -1 if it is not known yet."""
        line = self._line.match(piece, at)
        assert line is not None
        end = LINE_END.match(piece, line.end())
        if end is None or (not final and end.end() == len(piece) and piece[-1:] == b"\r"):
            return len(piece) if final else -1
        return end.end()

    def open_quote(self, piece: bytes, lenient: bool) -> int:
        """The start of the quoted field that is still open at the end of a piece of one record; -1 if there is none."""
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
