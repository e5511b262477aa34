"""Counts lines."""

import re

import numpy as np

#: The same limit as in the readers: a longer record becomes one reject per piece of this size.
LIMIT = 32 << 20
BOM = b"\xef\xbb\xbf"
LINE_END = re.compile(rb"\r\n|\n|\r")


def filled_lines(text: bytes) -> int:
    """The number of lines that are not empty. LF, CRLF and a lone CR each end a line."""
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    ends = np.frombuffer(text, np.uint8) == 0x0A
    blank = int(np.count_nonzero(ends[1:] & ends[:-1])) + text.startswith(b"\n")
    return int(np.count_nonzero(ends)) - blank + (not text.endswith(b"\n") and bool(text))


def lines_with_text(text: bytes) -> int:
    if b"\r" not in text:
        return filled_lines(text)
    return sum(line not in (b"", b"\r") for line in text.split(b"\n"))
