"""Counts the records of a JSON lines file."""

from engine.record_counts import line_ends
from engine.record_counts.line_ends import BOM, lines_with_text


class LineCount:
    """Counts lines that are not empty."""

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
        while len(self._rest) >= line_ends.LIMIT:
            self._records += 1
            self._rest = self._rest[line_ends.LIMIT :]

    def finish(self) -> int:
        rest = self._rest if self._begun else self._rest.removeprefix(BOM)
        return self._records + lines_with_text(rest)
