"""Finds the narrowest type that fits the values of a column, and the values that do not fit it."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime

#: If at least this share of the cells has a type, it is the column's type, and the other cells are listed.
NEARLY_ALL = 0.99


def misfits(others: Sequence[str], total: int) -> str:
    """A note such as `3 of 4,000 are not: "n/a", "-"`, with the values as the file writes them; empty if all fit."""
    if not others:
        return ""
    names = [text if len(text) <= 24 else f"{text[:24]}..." for text in dict.fromkeys(others)]
    more = ", ..." if len(names) > 3 else ""
    return f"{len(others):,} of {total:,} {'is' if len(others) == 1 else 'are'} not: {', '.join(names[:3])}{more}"


def is_date(text: str) -> bool:
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def is_time(text: str) -> bool:
    try:
        return re.match(r"\d{4}-\d\d-\d\d[T ]", text) is not None and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


#: From the narrowest type to the widest.
TESTS: dict[str, Callable[[str], object]] = {
    "boolean": lambda t: t.lower() in ("true", "false"),
    "int": lambda t: re.fullmatch(r"-?(0|[1-9]\d{0,8})", t),
    "bigint": lambda t: re.fullmatch(r"-?(0|[1-9]\d{0,17})", t),
    "double": lambda t: re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", t) and not re.match(r"-?0\d", t),
    "date": is_date,
    "timestamp": is_time,
}


def type_of_texts(texts: Sequence[str]) -> tuple[str, list[str]]:
    """The type of all texts, or else the type of nearly all, and the texts that are not of that type."""
    nearly: tuple[str, list[str]] | None = None
    for name, fits in TESTS.items() if texts else ():
        others = too_few(texts, fits)
        if others == []:
            return name, []
        if others is not None and (nearly is None or len(others) < len(nearly[1])):
            nearly = name, others
    return nearly or ("string", [])


def too_few(texts: Sequence[str], fits: Callable[[str], object]) -> list[str] | None:
    """The texts that do not fit; None if there are more than a few."""
    most = int(len(texts) * (1 - NEARLY_ALL) + 1e-9)
    others: list[str] = []
    for text in texts:
        if not fits(text):
            others.append(text)
            if len(others) > most:
                return None
    return others
