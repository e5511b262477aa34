"""Expressions that a query groups by: what it selects is the same expression, so both are written anew in the same way."""

from collections.abc import Iterator

from engine.dialect.parts import Part, Span, brackets
from engine.dialect.tokens import Token, tokens_of

#: What can follow the list of GROUP BY in the same query.
AFTER = {"HAVING", "ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "LIMIT", "OFFSET", "WINDOW", "QUALIFY"}
AFTER |= {"UNION", "INTERSECT", "EXCEPT", "MINUS"}


def in_order(sql: str, parts: list[Part]) -> list[Part]:
    """The parts that are grouped by come first, as the types of what is selected are known only once both are one text again."""
    lists = [found for found, _ in group_lists(sql)]
    return sorted(parts, key=lambda part: not any(within(part.span, found) for found in lists))


def twins(sql: str, parts: list[Part], part: Part) -> list[Part]:
    """Other parts of the query that say the same as this one, which is grouped by. None where it is not."""
    scope = next((scope for found, scope in group_lists(sql) if within(part.span, found)), None)
    if scope is None:
        return []
    says = words(sql, part.span)
    return [other for other in parts if within(other.span, scope) and other != part and words(sql, other.span) == says]


def words(sql: str, span: Span) -> list[str]:
    return [token.word or token.text for token in tokens_of(sql[span[0] : span[1]])]


def within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def group_lists(sql: str) -> Iterator[tuple[Span, Span]]:
    """The place of each list that follows GROUP BY, and of the query that it belongs to: to the bracket around it."""
    tokens = tokens_of(sql)
    closing = brackets(tokens)
    for at, token in enumerate(tokens[:-2]):
        if token.word == "GROUP" and tokens[at + 1].word == "BY":
            around = [(opens, closes) for opens, closes in closing.items() if opens < at < closes]
            first, last = max(around, default=(-1, len(tokens)))
            end = list_end(tokens, closing, at + 2, last)
            query = (tokens[first + 1].start, tokens[last - 1].end)
            yield (tokens[at + 2].start, tokens[end - 1].end), query


def list_end(tokens: list[Token], closing: dict[int, int], at: int, last: int) -> int:
    while at < last and tokens[at].word not in AFTER:
        at = closing.get(at, at) + 1
    return min(at, last)
