"""Duplicate keys in JSON objects. Parsers keep the last value without notice, and no one knows which value was meant.

A search for duplicates takes as long as parsing, so the keys are counted first: in the text, and in what the parser returned.
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

#: The end of a key, or a part of a string that looks like one. Both occur equally often in a text and in a rewrite of its values.
KEY_END = re.compile(rb'"[ \t\r\n]*:')
QUOTE, COLON, BRACE, BLANK = (np.uint8(ord(mark)) for mark in '":{ ')
#: Escapes of a quote, a colon or a blank. A rewrite writes these characters without an escape, so the counts may differ.
ESCAPED = re.compile(rb"\\u00(22|3[aA]|20)")
#: Whole strings, so that braces and colons inside them are ignored; with a colon behind it, a string is a key.
TOKEN = re.compile(rb'[{}]|("[^"\\]*(?:\\.[^"\\]*)*")([ \t\r\n]*:)?')
#: The number of blanks before a colon that are skipped one by one.
BLANKS = 4


def surely_unique(text: bytes, values: Sequence[Any]) -> bool:
    """Whether it is certain that no object in a text has a duplicate key. `values`: the parsed text."""
    # The search for a single byte is many times faster than the others.
    if b"\\" in text and b"\\u00" in text and ESCAPED.search(text):
        return False
    codes = np.frombuffer(text, np.uint8)
    ends = key_ends(text, codes)
    flat = np.count_nonzero(codes == BRACE) == len(values)
    if flat and ends == sum(map(len, values)):
        return True
    try:
        rewritten = orjson.dumps(values)
    except TypeError:  # nested too deeply for orjson to write
        return False
    return ends == key_ends(rewritten, np.frombuffer(rewritten, np.uint8))


def key_ends(text: bytes, codes: npt.NDArray[np.uint8]) -> int:
    """The number of matches of `KEY_END` in a text that does not begin with a colon. `codes`: its bytes."""
    at = np.flatnonzero(codes == COLON) - 1
    for _ in range(BLANKS):
        before = codes[at]
        # Outside strings, JSON has no other characters below a blank than white space, and inside strings it has none.
        blank = before <= BLANK
        if not blank.any():
            return int(np.count_nonzero(before == QUOTE))
        at = at - blank
    return len(KEY_END.findall(text))


def duplicate_key(line: bytes) -> str | None:
    """The first key that an object in a line of valid JSON has twice."""
    open_objects: list[set[str]] = []
    for token in TOKEN.finditer(line):
        if token.group() == b"{":
            open_objects.append(set())
        elif token.group() == b"}":
            open_objects.pop()
        elif token[2] is not None:
            key = orjson.loads(token[1])
            if key in open_objects[-1]:
                return str(key)
            open_objects[-1].add(key)
    return None
