"""Counts lines."""

import re

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.intp]

#: The same limit as in the readers: a longer record becomes one reject per piece of this size.
LIMIT = 32 << 20
BOM = b"\xef\xbb\xbf"
LINE_END = re.compile(rb"\r\n|\n|\r")


def filled_lines(text: bytes) -> int:
    """The number of lines that are not empty. LF, CRLF and a lone CR each end a line."""
    if not text:
        return 0
    ends = are_ends(text)
    # Between two runs of bytes that end lines there is a line that is not empty.
    runs = int(np.count_nonzero(ends)) - int(np.count_nonzero(ends[1:] & ends[:-1]))
    return runs + 1 - int(ends[0]) - int(ends[-1])


def filled_between(ends: Positions, length: int) -> int:
    """The number of lines that are not empty in a text of this length whose lines end at these positions."""
    return int(np.count_nonzero(np.diff(ends, prepend=-1, append=length) > 1))


def ends_in(text: bytes) -> Positions:
    """The positions of all CR and LF."""
    return np.flatnonzero(are_ends(text))


def are_ends(text: bytes) -> npt.NDArray[np.bool_]:
    data = np.frombuffer(text, np.uint8)
    ends: npt.NDArray[np.bool_] = data == 0x0A
    if b"\r" in text:
        ends |= data == 0x0D
    return ends


def lines_with_text(text: bytes) -> int:
    if b"\r" not in text:
        return filled_lines(text)
    return sum(line not in (b"", b"\r") for line in text.split(b"\n"))
