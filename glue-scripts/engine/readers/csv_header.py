"""Finds the declared columns in the header of a CSV file."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import NamedTuple

from engine.faults import Fault
from engine.readers.chunk import bad_byte
from engine.readers.columns import Wanted
from engine.readers.csv_dialect import Dialect
from engine.readers.csv_parse import parse_header

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}


class Places(NamedTuple):
    """`fields`: the index of each declared column, None if it is absent. `width`: fields in a record. `unlisted`: undeclared names."""

    fields: list[int | None]
    width: int
    unlisted: list[str]


def place(record: bytes, columns: Sequence[Wanted], dialect: Dialect, path: str) -> Places:
    """Finds `columns` in a header, in any order and among other names.

    Raises MR204 if another delimiter would find all of them, MR203 if one is missing or occurs twice.
    """
    wanted = [column.header.strip() for column in columns]
    optional = {column.header.strip() for column in columns if column.may_lack}
    found = parse_header(record, dialect)
    missing = [name for name in wanted if name not in found and name not in optional]
    if missing and len(found) == 1:
        for other, words in DELIMITERS.items():
            guess = replace(dialect, delimiter=other)
            if other != dialect.delimiter and set(wanted) - optional <= set(parse_header(record, guess)):
                given = DELIMITERS.get(dialect.delimiter, "delimiter")
                raise Fault(
                    "MR204",
                    path,
                    f"the header is one field when split at {given} ({dialect.delimiter!r})",
                    f"the columns are separated by {words}: delimiter: {other!r}",
                )
    if missing:
        raise Fault("MR203", path, _absent(missing, found), _nearest(missing, found, record))
    twice = sorted({name for name in wanted if found.count(name) > 1})
    if twice:
        raise Fault("MR203", path, f"the header has {_list(twice)} more than once", "name each column once")
    fields = [found.index(name) if name in found else None for name in wanted]
    unlisted = [name for name in dict.fromkeys(found) if name and name not in wanted]
    # The header too may end with a trailing delimiter.
    width = len(found) + (dialect.trailing_delimiter and found[-1] != "")
    return Places(fields, width, unlisted)


def _absent(missing: list[str], found: list[str]) -> str:
    return f"the header lacks {_list(missing)}; it has {_list(found)}"


def _nearest(missing: list[str], found: list[str], record: bytes) -> str:
    if record[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in record:
        return "the file looks like UTF-16: encoding: 'utf-16'"
    if bad_byte(record):
        return "the file is not UTF-8: declare its encoding, such as encoding: 'windows-1252'"
    lowered = {name.lower(): name for name in reversed(found)}
    guesses = []
    for name in missing:
        near = get_close_matches(name.lower(), lowered, n=1)
        if near:
            guesses.append(f'"{lowered[near[0]]}" for "{name}"')
    if guesses:
        return f"did you mean {', '.join(guesses)}? Map it with `headers`"
    if not any(_is_name(name) for name in found):
        return "the first line has no column names: header: 0 finds columns by position, skip: n skips lines"
    return "add the column to the file, remove it from the source, or list it in `mayLack`"


def _is_name(text: str) -> bool:
    return text[:1].isalpha() or text[:1] in ("_", "@", "#", "$")


def _list(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
