"""Finds the words because of which Sail refuses a query: parts of Spark's SQL that it lacks, and parts of other databases' SQL.

For a text that the engine has refused. The engine's own message only lists what it would have accepted at that place.
"""

import re
from collections.abc import Iterator

from engine.dialect.parts import brackets
from engine.dialect.tokens import Token, place, tokens_of
from engine.session import Session

#: Place as `line:column`, what is not supported, and one way to write it.
Unsupported = tuple[str, str, str]

#: How Sail reports where it stopped reading: what it found, its first byte and the one after its last.
STOPPED = re.compile(r"found (.*) at (\d+):\d+ expected", re.DOTALL)

SAIL, SPARK = "a laptop's engine does not support", "Spark 3.5 does not support"
NO_ORDER = "remove it: the rows of a table have no order"
COLUMN_NAMES = "write the names of the columns to keep"

#: Consecutive words or marks, with # for any number; who does not support them, and what to write.
SEQUENCES: tuple[tuple[str, str, str], ...] = (
    ("GROUP BY ALL", SAIL, "name the columns, such as GROUP BY a, b"),
    ("ORDER BY ALL", SAIL, NO_ORDER),
    ("PIVOT (", SAIL, "sum(CASE WHEN kind = 'a' THEN x END) AS a for each column, with GROUP BY"),
    ("LATERAL (", SAIL, "write a JOIN with GROUP BY"),
    ("LIKE ANY", SAIL, "x LIKE 'a%' OR x LIKE 'b%'"),
    ("LIKE SOME", SAIL, "x LIKE 'a%' OR x LIKE 'b%'"),
    ("LIKE ALL", SAIL, "x LIKE 'a%' AND x LIKE '%b'"),
    ("SELECT TRANSFORM (", SAIL, "use SQL functions instead of a script"),
    ("* EXCEPT (", SPARK, COLUMN_NAMES),
    ("* EXCLUDE (", SPARK, COLUMN_NAMES),
    ("* REPLACE (", SPARK, "write the names of the columns, one of them with its expression"),
    ("QUALIFY", SPARK, "put the query into a subquery, and filter it with WHERE"),
    ("DISTINCT ON", SPARK, "row_number() OVER (PARTITION BY a ORDER BY b) AS n, then WHERE n = 1"),
    ("SELECT TOP #", SPARK, "write LIMIT at the end"),
    ("FETCH FIRST", SPARK, "write LIMIT"),
    ("FETCH NEXT", SPARK, "write LIMIT"),
    ("= ANY (", SPARK, "IN (SELECT ...)"),
    ("= SOME (", SPARK, "IN (SELECT ...)"),
    ("BETWEEN SYMMETRIC", SPARK, "BETWEEN least(a, b) AND greatest(a, b)"),
)


def unsupported_in(session: Session, sql: str) -> Unsupported | None:
    """The first unsupported part of a text that Sail refused; None if none is known."""
    if session.engine != "sail":
        return None
    tokens = tokens_of(sql)
    for token, what, instead in (*known_sequences(tokens), *from_before_select(tokens)):
        return place(sql, token.start), what, instead
    return None


def stopped_at(sql: str, reason: str) -> tuple[str, str] | None:
    """Where Sail stopped reading a text, as `line:column`, and what it found there. `reason`: its error."""
    found = STOPPED.search(reason)
    # Sail counts bytes.
    return (place(sql, len(sql.encode()[: int(found[2])].decode(errors="ignore"))), found[1]) if found else None


def known_sequences(tokens: list[Token]) -> Iterator[tuple[Token, str, str]]:
    words = ["#" if token.kind == "number" else token.word or token.text for token in tokens]
    for sequence, who, instead in SEQUENCES:
        wanted = sequence.split()
        for at in range(len(words) - len(wanted) + 1):
            if words[at : at + len(wanted)] == wanted:
                yield tokens[at], f"{who} {sequence.rstrip(' (#')}", instead


def from_before_select(tokens: list[Token]) -> Iterator[tuple[Token, str, str]]:
    """`FROM t SELECT a`, in the query and in each subquery."""
    closing = brackets(tokens)
    for begin, end in [(0, len(tokens)), *((opens + 1, closes) for opens, closes in closing.items())]:
        selected = False
        level = outside_brackets(begin, end, closing)
        for i, at in enumerate(level):
            word = tokens[at].word
            selected = (selected or word == "SELECT") and word not in ("UNION", "INTERSECT", "EXCEPT", "MINUS")
            if word == "FROM" and not selected and any(tokens[after].word == "SELECT" for after in level[i:]):
                yield tokens[at], f"{SAIL} FROM before SELECT", "SELECT a FROM t"


def outside_brackets(begin: int, end: int, closing: dict[int, int]) -> list[int]:
    """The tokens from `begin` to `end`, without those inside brackets that open there."""
    found, at = list[int](), begin
    while at < end:
        found.append(at)
        at = closing.get(at, at) + 1
    return found
