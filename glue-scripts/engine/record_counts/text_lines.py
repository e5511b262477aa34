"""Counts the records of a text file, such as a log."""

import codecs

from engine.record_counts import line_ends
from engine.record_counts.line_ends import BOM


class TextCount:
    """Counts lines, empty ones too."""

    def __init__(self, encoding: str) -> None:
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace")
        self._records = 0
        self._begun = False
        #: The bytes of the unfinished line, and how many pieces of it were counted.
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
            # Only the first line here can be a long one: the others arrived in one piece.
            self._end(self._line[:end])
            self._records += self._line.count(b"\n", end + 1)
            self._line = self._line[self._line.rfind(b"\n") + 1 :]
        while len(self._line) >= line_ends.LIMIT:
            self._records += 1
            self._pieces += 1
            self._line = self._line[line_ends.LIMIT :]

    def finish(self) -> int:
        if self._decoder:
            self.feed(b"")
            self._line += self._decoder.decode(b"", True).encode("utf-8", "replace")
        rest = self._line if self._begun else self._line.removeprefix(BOM)
        # A file shorter than a byte-order mark may still hold whole lines.
        *lines, last = rest.split(b"\n")
        for line in [*lines, *([last] if last else [])]:
            self._end(line)
        return self._records

    def _end(self, line: bytes) -> None:
        """Count the end of a line, of which `_pieces` pieces are counted already."""
        pieces = len(line) // line_ends.LIMIT
        long = self._pieces + pieces > 0
        self._records += pieces + bool(line[pieces * line_ends.LIMIT :].removesuffix(b"\r")) if long else 1
        self._pieces = 0
