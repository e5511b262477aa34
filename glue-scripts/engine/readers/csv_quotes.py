"""Finds the quotes that open and close a field, and the broken fields, for `csv_records`.

Nearly every block is well-formed, which a few array operations can show. Only the other blocks are walked quote by quote.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.readers.csv_dialect import Dialect

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.intp]

LF, CR = 0x0A, 0x0D
NOTHING: Positions = np.empty(0, np.intp)


class Walk(NamedTuple):
    """`ends`: the position after each record. `broken`: the opening quote of each broken field. `comments`: the start of each comment.

    `opened`: the opening quote of a field that neither ends in the window nor is known to be broken, or None. No record ends after it.
    """

    ends: Positions
    broken: Positions
    comments: Positions
    opened: int | None


def walk(data: Bytes, quotes: Positions, dialect: Dialect, final: bool) -> Walk:
    """The records of a window that starts with a record. `data` has no escaped bytes. `final`: the file ends with the window."""
    breaks = line_ends(data, final)
    starts = _comment_starts(data, breaks, dialect)
    if not starts.size:
        if not quotes.size:
            return Walk(breaks, NOTHING, NOTHING, None)
        if (plain := _well_formed(data, quotes, breaks, dialect, final)) is not None:
            return plain
    return _by_quote(data, quotes, breaks, set(starts.tolist()), dialect, final)


def _comment_starts(data: Bytes, breaks: Positions, dialect: Dialect) -> Positions:
    if dialect.comment is None or not data.size:
        return NOTHING
    starts = np.concatenate([[0], breaks[breaks < data.size]])
    begins: Positions = starts[data[starts] == ord(dialect.comment)]
    return begins


def _well_formed(data: Bytes, quotes: Positions, breaks: Positions, dialect: Dialect, final: bool) -> Walk | None:
    """The walk of a well-formed window; None if it is not.

    Well-formed: each odd quote opens a field or is the second of a doubled quote, and each even quote closes its field properly.
    """
    if not final and quotes.size % 2 == 0 and quotes[-1] + 1 == data.size:
        quotes = quotes[:-1]  # the next byte, not read yet, may double this quote
    delimiter = ord(dialect.delimiter)
    second = np.empty(quotes.size, np.bool_)
    second[0] = False
    np.equal(quotes[1:], quotes[:-1] + 1, out=second[1:])
    opening, closing = quotes[::2], quotes[1::2]
    before = data[opening - 1]
    opens = (before == delimiter) | (before == LF) | (before == CR) | second[::2]
    opens[0] |= opening[0] == 0
    # By induction, each of these quotes is outside the fields before it.
    if not opens.all():
        return None
    if dialect.quoting == "strict":
        after = data[closing[closing + 1 < data.size] + 1]
        closes = (after == delimiter) | (after == LF) | (after == CR)
        if not closes.all():
            doubled = second[2::2]
            closes[: doubled.size] |= doubled[: closes.size]
            if not closes.all():
                return None
    ends = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
    if quotes.size % 2 == 0:
        return Walk(ends, NOTHING, NOTHING, None)
    return None if final else Walk(ends, NOTHING, NOTHING, int(opening[~second[::2]][-1]))


def _by_quote(data: Bytes, at: Positions, breaks: Positions, comments: set[int], dialect: Dialect, final: bool) -> Walk:
    quotes: list[int] = at.tolist()
    lines: list[int] = breaks.tolist()
    boundary = {ord(dialect.delimiter), LF, CR}
    edges: list[int] = []  # where each quoted field opens and closes, in turn
    broken: list[int] = []
    opened: int | None = None
    resume = 0  # everything before this position is done
    i, line = 0, 0  # the next quote, and the first line end after the current one
    while i < len(quotes):
        position = quotes[i]
        i += 1
        if position < resume:
            continue
        while line < len(lines) and lines[line] <= position:
            line += 1
        start = lines[line - 1] if line else 0
        if start in comments and not (edges and start <= edges[-1]):
            resume = lines[line] if line < len(lines) else len(data)
            continue
        if position and data[position - 1] not in boundary:
            continue  # inside an unquoted field
        close = i
        while close + 1 < len(quotes) and quotes[close + 1] == quotes[close] + 1:
            close += 2
        after = quotes[close] + 1 if close < len(quotes) else len(data)
        if after == len(data) and not final:
            opened = position
            break
        ended = close < len(quotes) and (after == len(data) or data[after] in boundary)
        if ended or (close < len(quotes) and dialect.quoting == "lenient"):
            edges += (position, quotes[close])
            resume, i = after, close + 1
            continue
        if line == len(lines) and not final:
            opened = position
            break
        broken.append(position)
        resume = lines[line] if line < len(lines) else len(data)
    if edges:
        breaks = breaks[np.searchsorted(np.asarray(edges), breaks) % 2 == 0]
    if opened is not None:
        breaks = breaks[breaks <= opened]
    starts = {0, *breaks.tolist()} if comments else set()
    noted = sorted(comments & starts)
    return Walk(breaks, np.asarray(broken, np.intp), np.asarray(noted, np.intp), opened)


def line_ends(data: Bytes, final: bool) -> Positions:
    """The positions after each line end. A CR as the last byte counts only if `final`, because an LF may follow it."""
    ends = data == LF
    returns = data == CR
    if returns.any():
        returns[:-1] &= ~ends[1:]
        returns[-1] &= final
        ends |= returns
    return np.flatnonzero(ends) + 1


def unescaped(data: Bytes, escape: int) -> Bytes:
    """The bytes with NUL in place of each escape and the byte after it."""
    at = np.flatnonzero(data == escape)
    if not at.size:
        return data
    run = np.arange(at.size) - np.maximum.accumulate(np.where(np.diff(at, prepend=-2) != 1, np.arange(at.size), 0))
    active = at[run % 2 == 0]
    masked = data.copy()
    masked[active] = 0
    after = active + 1
    masked[after[after < data.size]] = 0
    return masked
