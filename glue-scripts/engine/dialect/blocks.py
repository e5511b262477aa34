"""Other places in a query where a part's type can be asked for. The engine does not report types in ORDER BY and GROUP BY lists."""

from collections.abc import Iterator

from engine.dialect.grouping import AFTER
from engine.dialect.parts import Span, brackets
from engine.dialect.tokens import Token, tokens_of

#: One replacement: the span, and the text to put there.
Change = tuple[Span, str]


def elsewhere(sql: str, span: Span, part: str) -> Iterator[Change]:
    """Changes to the query around `span` that make it select `part`.

    A name in ORDER BY means an output column first, an input column second; a name in GROUP BY means an input column.
    """
    tokens = tokens_of(sql)
    block = block_of(tokens, span)
    if block is None:
        return
    first, select, last = block
    outer = [at for at in range(select, last) if at in outermost(tokens, first, last)]
    start, end = tokens[first].start, tokens[last - 1].end
    names = {word: at for at in reversed(outer) if (word := tokens[at].word)}
    clause = max((at for at in outer if tokens[at].word in AFTER and tokens[at].start < span[0]), default=None)
    if clause is not None and tokens[clause].word in ("ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "LIMIT", "OFFSET"):
        ordering = min(at for at in outer if tokens[at].word in AFTER and at > select and orders(tokens, at))
        yield (start, end), f"SELECT {part} AS _asked FROM ({sql[start : tokens[ordering - 1].end]})"
    listed = tokens[select + 1] if tokens[select + 1].word in ("DISTINCT", "ALL") else tokens[select]
    yield (listed.end, listed.end), f" {part} AS _asked,"
    if "FROM" in names and "GROUP" in names:
        yield (
            (start, end),
            f"{sql[start : tokens[select].end]} {part} AS _asked {sql[tokens[names['FROM']].start : tokens[names['GROUP'] - 1].end]}",
        )


def orders(tokens: list[Token], at: int) -> bool:
    return tokens[at].word in ("ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "LIMIT", "OFFSET")


def block_of(tokens: list[Token], span: Span) -> tuple[int, int, int] | None:
    """The query around a place: its first token, its SELECT, and the token after its last. None if there is no query."""
    around = [(-1, len(tokens))]
    around += [
        pair for pair in brackets(tokens).items() if tokens[pair[0]].end <= span[0] and span[1] <= tokens[pair[1]].start
    ]
    for opens, closes in sorted(around, key=lambda pair: -pair[0]):
        outer = outermost(tokens, opens + 1, closes)
        selects = [at for at in outer if tokens[at].word == "SELECT" and tokens[at].start < span[0]]
        if selects:
            return opens + 1, selects[-1], closes
    return None


def outermost(tokens: list[Token], first: int, last: int) -> list[int]:
    """The tokens from `first` to `last` that are not inside a bracket among them."""
    closing = brackets(tokens)
    found, at = [], first
    while at < last:
        found.append(at)
        at = max(at, closing.get(at, at)) + 1
    return found
