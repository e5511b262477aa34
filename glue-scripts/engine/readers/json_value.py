"""Finds the text of one value in a line that is known to be a JSON object."""

import re

import orjson

# Strings are matched as a whole, so that brackets and commas inside them are ignored.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},:]')


def value_text(line: bytes, key: str) -> str:
    """The value of `key` exactly as the line writes it, with all digits and spaces.

    Raises KeyError if the object lacks the key.
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
