"""Finds the declared columns in the header of a CSV file."""

from collections.abc import Sequence
from difflib import get_close_matches

from engine.faults import Fault
from engine.readers.csv_parse import parse_header

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}


def place(record: bytes, headers: Sequence[str], delimiter: str, path: str) -> tuple[list[int], int]:
    """The field that holds each of `headers`, in any order and among any others, and the number of fields.

    Raises MR204 where another delimiter would find them all, MR203 where one is missing or there twice.
    """
    wanted = [name.strip() for name in headers]
    found = parse_header(record, delimiter)
    missing = [name for name in wanted if name not in found]
    if missing and len(found) == 1:
        for other, words in DELIMITERS.items():
            if other != delimiter and set(wanted) <= set(parse_header(record, other)):
                given = DELIMITERS.get(delimiter, "delimiter")
                raise Fault(
                    "MR204",
                    path,
                    f"the header is one field when split at {given} ({delimiter!r})",
                    f"the columns are separated by {words}: delimiter: {other!r}",
                )
    if missing:
        raise Fault("MR203", path, _absent(missing, found), _nearest(missing, found, record))
    twice = sorted({name for name in wanted if found.count(name) > 1})
    if twice:
        raise Fault("MR203", path, f"the header has {_list(twice)} more than once", "name each column once")
    return [found.index(name) for name in wanted], len(found)


def _absent(missing: list[str], found: list[str]) -> str:
    return f"the header lacks {_list(missing)}; it has {_list(found)}"


def _nearest(missing: list[str], found: list[str], record: bytes) -> str:
    if record[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in record:
        return "the file looks like UTF-16: save it as UTF-8"
    lowered = {name.lower(): name for name in reversed(found)}
    guesses = []
    for name in missing:
        near = get_close_matches(name.lower(), lowered, n=1)
        if near:
            guesses.append(f'"{lowered[near[0]]}" for "{name}"')
    if guesses:
        return f"did you mean {', '.join(guesses)}? Map it with `headers`"
    return "add the column to the file, or take it out of the source"


def _list(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
