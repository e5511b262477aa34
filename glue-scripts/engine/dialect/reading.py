"""One SQL text that is being rewritten for Sail: its parts, their types, and the replacements made so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dialect.blocks import elsewhere
from engine.dialect.grouping import Group, groups_of, in_order, twins
from engine.dialect.parts import Part, Span, parts_of
from engine.dialect.tokens import tokens_of
from engine.dialect.types import TYPE_PROBE, kind_of, probed_type, type_of_part
from engine.session import Session

#: Functions that return text for any arguments.
TEXT_WRITERS = (
    "trim ltrim rtrim btrim lower upper lcase ucase substring substr left right replace regexp_replace regexp_extract "
    "concat_ws lpad rpad translate initcap split_part substring_index"
)
TEXTS = set(TEXT_WRITERS.split())


@dataclass
class Reading:
    """`made` maps the span of a part to the text that Sail gets instead."""

    session: Session
    sql: str
    args: Mapping[str, Any]
    parts: list[Part] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    made: dict[Span, str] = field(default_factory=dict)
    _types: dict[Span, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.groups = list(groups_of(self.sql))
        self.parts = in_order(parts_of(self.sql), self.groups)

    def put(self, part: Part, text: str) -> None:
        """Replace a part by this text. If the part is in a GROUP BY list, replace all equal parts of the query too."""
        for each in (part, *twins(self.sql, self.parts, self.groups, part)):
            self.made[each.span] = text

    def original(self, span: Span) -> str:
        return self.sql[span[0] : span[1]]

    def text(self, span: Span | None = None) -> str:
        """The text of a part, or the whole text, with all replacements made so far."""
        start, end = span or (0, len(self.sql))
        out, at = [], start
        for (begin, close), made in sorted(self.made.items(), key=lambda item: (item[0][0], -item[0][1])):
            if begin >= at and close <= end:
                out += [self.sql[at:begin], made]
                at = close
        return "".join([*out, self.sql[at:end]])

    def whole_with(self, span: Span, text: str) -> str:
        return self.text((0, span[0])) + text + self.text((span[1], len(self.sql)))

    def type(self, span: Span) -> str:
        """Arrow's name of a part's type; empty if it cannot be found. The engine is not asked if the part is obviously text."""
        if span not in self._types:
            tokens = tokens_of(self.original(span))
            written = any(part.span == span and part.name in TEXTS for part in self.parts)
            if written or (len(tokens) == 1 and tokens[0].kind == "string"):
                self._types[span] = "Utf8"
            else:
                part = self.text(span)
                found = type_of_part(self.session, self.args, lambda put: self.whole_with(span, put), part)
                self._types[span] = found or self.type_elsewhere(span)
        return self._types[span]

    def type_elsewhere(self, span: Span) -> str:
        """The type of a part, found by moving it, if the engine does not report the type in its own place."""
        for place, text in elsewhere(self.sql, span, TYPE_PROBE.format(self.text(span))):
            whole = self.sql[: place[0]] + text + self.sql[place[1] :]
            found = probed_type(self.session, self.args, whole)
            if found is not None:
                return found
        return ""

    def kind(self, span: Span) -> str:
        return kind_of(self.type(span))

    def kind_behind(self, join: Span, name: str) -> str:
        """The kind of a column after `JOIN ... USING`; `join` is the span of its end."""
        using = self.text(join)
        text = type_of_part(
            self.session, self.args, lambda put: self.whole_with(join, f"{using} JOIN (SELECT 1) ON {put} = 1"), name
        )
        return kind_of(text)
