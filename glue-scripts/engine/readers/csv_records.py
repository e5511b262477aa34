"""Where the records of CSV text end, by the same rules as Arrow's parser.

A quote opens a field only as its first byte; inside, two quotes are one. LF, CRLF and a lone CR end a record.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.intp]

LF, CR, QUOTE = 0x0A, 0x0D, 0x22


@dataclass(frozen=True)
class CsvRecords:
    """The splitter of CSV text; `delimiter` is one ASCII character."""

    delimiter: str

    def cut(self, window: bytes, final: bool) -> int:
        if b'"' not in window:
            if final:
                return len(window)
            if end := window.rfind(b"\n") + 1:
                return end
        ends, opened = self._ends(window, final)
        if final and opened is None:
            return len(window)
        return int(ends[-1]) if ends.size else 0

    def first_line(self, window: bytes) -> int:
        breaks = _line_ends(np.frombuffer(window, np.uint8), final=False)
        return int(breaks[0]) if breaks.size else 0

    def unclosed(self, window: bytes) -> int:
        _, opened = self._ends(window, final=True)
        if opened is None:
            return 0
        length = self.first_line(window[opened:])
        return opened + length if length else 0

    def spans(self, data: bytes) -> list[tuple[int, int]]:
        """Start and end, without its line end, of each record of a block of whole ones; blank lines are none."""
        ends, _ = self._ends(data, final=True)
        stops = ends.tolist()
        if not stops or stops[-1] != len(data):
            stops.append(len(data))
        spans = []
        start = 0
        for stop in stops:
            end = stop
            if end > start and data[end - 1] == LF:
                end -= 1
            if end > start and data[end - 1] == CR:
                end -= 1
            if end > start:
                spans.append((start, end))
            start = stop
        return spans

    def _ends(self, window: bytes, final: bool) -> tuple[Positions, int | None]:
        """The positions after each record's end, and where a quote opens that the window does not close."""
        data = np.frombuffer(window, np.uint8)
        ends = _line_ends(data, final)
        quotes = self._quotes(data)
        if not quotes.size:
            return ends, None
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
        if quotes.size % 2 == 0:
            return ends, None
        fresh = np.diff(quotes, prepend=-2)[::2] != 1  # not the second half of an escaped quote
        return ends, int(quotes[::2][fresh][-1])

    def _quotes(self, data: npt.NDArray[np.uint8]) -> Positions:
        """The positions of the quotes that open and close, in turn. An escaped quote closes and opens again."""
        at = np.flatnonzero(data == QUOTE)
        if not at.size:
            return at
        before = data[at - 1]
        opens = (before == ord(self.delimiter)) | (before == LF) | (before == CR) | (at == 0)
        adjacent = np.diff(at, prepend=-2) == 1
        # If every second quote may open, then by induction each of them does, and no quote is plain text.
        if (opens | adjacent)[::2].all():
            return at
        found: list[int] = []
        for position, may_open in zip(at.tolist(), opens.tolist(), strict=True):
            inside = len(found) % 2 == 1
            if inside or may_open or (found and found[-1] == position - 1):
                found.append(position)
        return np.asarray(found, np.intp)


def _line_ends(data: npt.NDArray[np.uint8], final: bool) -> Positions:
    """The positions after each LF and lone CR. A CR as the last byte counts only where nothing can follow it."""
    ends = data == LF
    returns = data == CR
    if returns.any():
        returns[:-1] &= ~ends[1:]
        returns[-1] &= final
        ends |= returns
    return np.flatnonzero(ends) + 1


def line_count(data: bytes) -> int:
    """How many lines an editor would count as ended."""
    lines = data.count(b"\n")
    return lines + data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else lines
