"""Splits Spark SQL into tokens with their places, so that parts can be replaced while the rest keeps its text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

PATTERN = re.compile(
    r"""
    (?P<space>\s+ | --[^\n]* | /\*.*?\*/)
  | (?P<string>[rR]?'(?:\\.|''|[^'\\])*' | [rR]?"(?:\\.|""|[^"\\])*")
  | (?P<quoted>`(?:``|[^`])*`)
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:BD|[LSYDF])?(?![\w]))
  | (?P<word>[^\W\d]\w*|\d+[^\W\d]\w*)
  | (?P<mark><=>|->|=>|::|\|\||<<|>>|<>|!=|<=|>=|==|.)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """A keyword or name in upper case; empty for any other token."""
        return self.text.upper() if self.kind == "word" else ""


def tokens_of(sql: str) -> list[Token]:
    """The tokens of a text, without white space and comments."""
    return list(_tokens(sql))


def _tokens(sql: str) -> Iterator[Token]:
    for found in PATTERN.finditer(sql):
        if found.lastgroup != "space":
            yield Token(str(found.lastgroup), found.group(), found.start(), found.end())


def place(sql: str, offset: int) -> str:
    """`line:column` of an offset, both from 1."""
    before = sql[:offset].split("\n")
    return f"{len(before)}:{len(before[-1]) + 1}"


def literal(text: str) -> str | None:
    """The value of a text that is a single string literal; None for any other text."""
    tokens = tokens_of(text)
    if len(tokens) != 1 or tokens[0].kind != "string":
        return None
    body = tokens[0].text
    if body[0] in "rR":
        return body[2:-1]
    plain = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "Z": "\x1a"}
    # `\%` and `\_` keep their backslash, as in Spark.
    return re.sub(
        r"\\(u[0-9a-fA-F]{4}|.)",
        lambda m: chr(int(m[1][1:], 16)) if len(m[1]) == 5 else plain.get(m[1], m[0] if m[1] in "%_" else m[1]),
        body[1:-1],
        flags=re.DOTALL,
    )


def quoted(value: str) -> str:
    """A string literal with this value."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
