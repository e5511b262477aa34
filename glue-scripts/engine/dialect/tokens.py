"""Spark SQL as tokens with their places: all that a text needs to be taken apart without being printed anew."""

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
        """A keyword or name in capitals; empty for anything else."""
        return self.text.upper() if self.kind == "word" else ""


def tokens_of(sql: str) -> list[Token]:
    """Without white space and comments."""
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
    """What a string literal of one token says; None for anything else."""
    tokens = tokens_of(text)
    if len(tokens) != 1 or tokens[0].kind != "string":
        return None
    body = tokens[0].text
    if body[0] in "rR":
        return body[2:-1]
    plain = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "Z": "\x1a"}
    # `\%` and `\_` keep their backslash, as Spark's own reading has it.
    return re.sub(
        r"\\(u[0-9a-fA-F]{4}|.)",
        lambda m: chr(int(m[1][1:], 16)) if len(m[1]) == 5 else plain.get(m[1], m[0] if m[1] in "%_" else m[1]),
        body[1:-1],
        flags=re.DOTALL,
    )


def quoted(value: str) -> str:
    """A string literal that says this."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
