"""One SQL text on its way to Sail: its parts, their types, and what stands in the place of some of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dialect.blocks import elsewhere
from engine.dialect.grouping import Group, groups_of, in_order, twins
from engine.dialect.parts import Part, Span, parts_of
from engine.dialect.tokens import tokens_of
from engine.dialect.types import ASK, asked, kind_of, told
from engine.session import Session

#: Functions whose answer is text, whatever they are given.
TEXT_WRITERS = (
    "trim ltrim rtrim btrim lower upper lcase ucase substring substr left right replace regexp_replace regexp_extract "
    "concat_ws lpad rpad translate initcap split_part substring_index"
)
TEXTS = set(TEXT_WRITERS.split())


@dataclass
class Reading:
    """`made` maps the place of a part to the text that Sail gets instead of it."""

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
        """Let Sail get this text in the place of a part, and of what says the same where the part is grouped by."""
        for each in (part, *twins(self.sql, self.parts, self.groups, part)):
            self.made[each.span] = text

    def original(self, span: Span) -> str:
        return self.sql[span[0] : span[1]]

    def text(self, span: Span | None = None) -> str:
        """A part, or all, with everything that was made so far in its place."""
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
        """Arrow's name of a part's type, empty where it can't be found. Text that is plainly text is not asked for."""
        if span not in self._types:
            tokens = tokens_of(self.original(span))
            written = any(part.span == span and part.name in TEXTS for part in self.parts)
            if written or (len(tokens) == 1 and tokens[0].kind == "string"):
                self._types[span] = "Utf8"
            else:
                part = self.text(span)
                found = asked(self.session, self.args, lambda put: self.whole_with(span, put), part)
                self._types[span] = found or self.type_elsewhere(span)
        return self._types[span]

    def type_elsewhere(self, span: Span) -> str:
        """The type of a part that the engine is silent about where it stands."""
        for place, text in elsewhere(self.sql, span, ASK.format(self.text(span))):
            whole = self.sql[: place[0]] + text + self.sql[place[1] :]
            found = told(self.session, self.args, whole)
            if found is not None:
                return found
        return ""

    def kind(self, span: Span) -> str:
        return kind_of(self.type(span))

    def kind_behind(self, join: Span, name: str) -> str:
        """The kind of a column that is one after `JOIN ... USING`, of which `join` is the end."""
        using = self.text(join)
        text = asked(
            self.session, self.args, lambda put: self.whole_with(join, f"{using} JOIN (SELECT 1) ON {put} = 1"), name
        )
        return kind_of(text)
