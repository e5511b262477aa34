"""The text of one value inside a line that is known to be a JSON object."""

import re

import orjson

# Strings are matched whole, so that a bracket or comma inside one is not taken for structure.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},:]')


def value_text(line: bytes, key: str) -> str:
    """The value of `key` as the line writes it: no number loses digits, no object its spacing.

    Of two equal keys the last wins. Raises KeyError where the object lacks the key.
    """
    found: str | None = None
    depth = 0
    name: bytes | None = None
    start = 0
    for token in _TOKEN.finditer(line):
        mark = token.group()
        if mark in b"[{":
            depth += 1
        elif depth == 1 and mark == b":":
            start = token.end()
        elif depth == 1 and mark in b",}":
            if name is not None and orjson.loads(name) == key:
                found = line[start : token.start()].strip(b" \t\r\n").decode()
            name = None
        elif depth == 1 and name is None:
            name = mark
        if mark in b"]}":
            depth -= 1
    if found is None:
        raise KeyError(key)
    return found
