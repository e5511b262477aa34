"""Expressions in GROUP BY. A query also selects them, so both places must be rewritten in the same way."""

from collections.abc import Iterator

from engine.dialect.parts import Part, Span, brackets
from engine.dialect.tokens import Token, tokens_of

#: What can follow the list of GROUP BY in the same query.
AFTER = {"HAVING", "ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "LIMIT", "OFFSET", "WINDOW", "QUALIFY"}
AFTER |= {"UNION", "INTERSECT", "EXCEPT", "MINUS"}


#: The span of a GROUP BY list, and the span of its query.
Group = tuple[Span, Span]


def in_order(parts: list[Part], groups: list[Group]) -> list[Part]:
    """The parts, those in GROUP BY lists first: types in the SELECT list are known only once both places have the same text again."""
    return sorted(parts, key=lambda part: not any(within(part.span, listed) for listed, _ in groups))


def twins(sql: str, parts: list[Part], groups: list[Group], part: Part) -> list[Part]:
    """The other parts of the query with the same text as this one, if it is in a GROUP BY list; else an empty list."""
    query = next((query for listed, query in groups if within(part.span, listed)), None)
    if query is None:
        return []
    text = words(sql, part.span)
    return [other for other in parts if within(other.span, query) and other != part and words(sql, other.span) == text]


def words(sql: str, span: Span) -> list[str]:
    return [token.word or token.text for token in tokens_of(sql[span[0] : span[1]])]


def within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def groups_of(sql: str) -> Iterator[Group]:
    """Each GROUP BY list, with its query, which extends to the bracket around it."""
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
