"""Splits SQL into the parts that compute something: operators, calls and casts, each with its place. The rest stays text."""

from dataclasses import dataclass, field
from itertools import pairwise

from engine.dialect.tokens import Token, tokens_of

Span = tuple[int, int]

#: Operators that compare two sides for equality.
EQUALITIES = ("=", "==", "<=>", "<>", "!=")
OPERATORS = {"*": 5, "/": 5, "%": 5, "DIV": 5, "+": 4, "-": 4, "||": 4, "&": 3, "^": 2, "|": 1}

#: Words that are not operands: the text before and after them is split separately.
CLAUSE_WORDS = (
    "SELECT FROM WHERE GROUP HAVING ORDER SORT CLUSTER DISTRIBUTE BY LIMIT OFFSET UNION ALL INTERSECT EXCEPT MINUS WITH AS ON USING "
    "JOIN INNER LEFT RIGHT FULL OUTER CROSS SEMI ANTI NATURAL LATERAL VIEW AND OR NOT IN IS LIKE ILIKE RLIKE REGEXP BETWEEN WHEN THEN "
    "ELSE END ASC DESC NULLS FIRST LAST DISTINCT EXISTS ROWS RANGE PRECEDING FOLLOWING UNBOUNDED PARTITION OVER WINDOW VALUES "
    "QUALIFY ESCAPE ROLLUP CUBE SETS TABLESAMPLE PIVOT UNPIVOT FOR PLACING BOTH LEADING TRAILING TO"
)
CLAUSES = set(CLAUSE_WORDS.split())
#: Those of the words above that are functions if a bracket follows.
CALLABLE = {"LEFT", "RIGHT", "FIRST", "LAST", "EXISTS", "REGEXP", "RLIKE", "LIKE", "ILIKE"}
UNITS = {
    *("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"),
    *("YEARS", "QUARTERS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINUTES", "SECONDS", "MILLISECONDS", "MICROSECONDS"),
}


@dataclass(frozen=True)
class Part:
    """`name` is the operator, or the function in lower case; `arguments` are the spans of its operands."""

    kind: str
    name: str
    span: Span
    arguments: list[Span] = field(default_factory=list)
    #: For a cast, the target type in lower case. For a call, `DISTINCT` or `ALL`, and the text after its bracket, as `OVER (...)`.
    more: str = ""
    #: For a call, where its bracket closes, before FILTER and OVER.
    closes: int = 0


def parts_of(sql: str) -> list[Part]:
    """Every part, an inner part before the one around it, and the left side before the right."""
    reader = Reader(sql, tokens_of(sql))
    reader.read(0, len(reader.tokens))
    return sorted(reader.parts, key=lambda part: (part.span[1], -part.span[0]))


class Reader:
    def __init__(self, sql: str, tokens: list[Token]) -> None:
        self.sql, self.tokens, self.parts = sql, tokens, list[Part]()
        self.closing = brackets(tokens)

    def read(self, at: int, end: int) -> None:
        """Split the tokens from `at` to `end` into runs of operands and operators."""
        operands: list[Span] = []
        operators: list[str] = []
        #: The left side and the operator of an equality whose right side has not been read yet.
        compared: tuple[Span, str] | None = None
        while at < end:
            token = self.tokens[at]
            signs: list[int] = []
            while at < end and self.tokens[at].text in ("+", "-", "~"):
                signs.append(at)
                at += 1
            after = self.operand(at, end) if at < end else None
            if after is None:
                # A clause, a comma, a star: it ends the run.
                if operands:
                    self.combine(operands, operators)
                operands, operators, compared = [], [], None
                if self.word_at(at, end) in ("RLIKE", "REGEXP"):
                    self.pattern(at + 1, end)
                at += 1
                continue
            span = (self.tokens[at].start, self.tokens[after - 1].end)
            for sign in reversed(signs):
                span = (self.tokens[sign].start, span[1])
                inner = (self.tokens[sign + 1].start, span[1])
                self.parts.append(Part("sign", self.tokens[sign].text, span, [inner]))
            operands.append(span)
            at = after
            token = self.tokens[at] if at < end else token
            name = token.word or token.text
            if at < end and name in OPERATORS and at + 1 < end:
                operators.append(name)
                at += 1
                continue
            side = self.combine(operands, operators)
            if compared is not None:
                left, name = compared
                self.parts.append(Part("equality", name, (left[0], side[1]), [left, side]))
                side = (left[0], side[1])
            operands, operators, compared = [], [], None
            self.membership(side, at, end)
            if at < end and token.text in EQUALITIES:
                compared = (side, token.text)
                at += 1

    def membership(self, side: Span, at: int, end: int) -> None:
        """Add `side IN (...)`, or the columns of `JOIN ... USING (...)`, which follow the joined table."""
        at += self.word_at(at, end) == "NOT"
        word = self.word_at(at, end)
        if word in ("IN", "USING") and at + 1 < end and self.tokens[at + 1].text == "(":
            closes = self.closing[at + 1]
            names = [side]
            if word == "USING":
                names = [(token.start, token.end) for token in self.tokens[at + 2 : closes] if token.text != ","]
            span = (names[0][0] if word == "IN" else self.tokens[at].start, self.tokens[closes].end)
            self.parts.append(Part("membership", word, span, names))

    def pattern(self, at: int, end: int) -> None:
        """Add the pattern that follows RLIKE."""
        if at < end:
            span = (self.tokens[at].start, self.tokens[at].end)
            self.parts.append(Part("call", "pattern", span, [span], closes=span[1]))

    def combine(self, operands: list[Span], operators: list[str]) -> Span:
        """Add the operators of a run by precedence, left to right among equals. Returns the span of the run."""
        operands, operators = list(operands), operators[: max(0, len(operands) - 1)]
        while operators:
            strongest = max(OPERATORS[name] for name in operators)
            i = next(i for i, name in enumerate(operators) if OPERATORS[name] == strongest)
            left, right = operands[i], operands[i + 1]
            span = (left[0], right[1])
            self.parts.append(Part("operator", operators.pop(i), span, [left, right]))
            operands[i : i + 2] = [span]
        return operands[0]

    def operand(self, at: int, end: int) -> int | None:
        """The token after the operand that begins here; None if no operand begins here."""
        token = self.tokens[at]
        bracket = at + 1 < end and self.tokens[at + 1].text == "("
        if token.text == "(":
            self.read(at + 1, self.closing[at])
            return self.suffixes(self.closing[at] + 1, end)
        if token.kind in ("string", "number"):
            return at + 1
        if token.text == ":" and at + 1 < end and self.tokens[at + 1].kind == "word":
            return at + 2
        if token.kind == "quoted":
            return self.suffixes(at + 1, end)
        if token.kind != "word":
            return None
        if token.word == "CASE":
            last = self.case_end(at, end)
            self.read(at + 1, last)
            self.parts.append(Part("case", "case", (token.start, self.tokens[last].end), self.results(at + 1, last)))
            return last + 1
        if token.word == "INTERVAL" and at + 1 < end and not bracket:
            return self.interval(at + 1, end)
        if token.word in ("DATE", "TIMESTAMP", "TIMESTAMP_NTZ", "X") and self.kind_at(at + 1, end) == "string":
            return at + 2
        if bracket and (token.word not in CLAUSES or token.word in CALLABLE):
            return self.call(at, end)
        return None if token.word in CLAUSES else self.suffixes(at + 1, end)

    def call(self, at: int, end: int) -> int:
        name, opens, closes = self.tokens[at].text.lower(), at + 1, self.closing[at + 1]
        start, begin = self.tokens[at].start, opens + 1
        more = ""
        if self.word_at(begin, closes) in ("DISTINCT", "ALL"):
            more = self.word_at(begin, closes)
            begin += 1
        commas = [i for i in range(begin, closes) if self.depth_is_zero(begin, i) and self.tokens[i].text == ","]
        edges = [begin - 1, *commas, closes]
        arguments = [(self.tokens[a + 1].start, self.tokens[b - 1].end) for a, b in pairwise(edges) if b > a + 1]
        closed = self.tokens[closes].end
        if name in ("cast", "try_cast"):
            as_ = next(
                i for i in range(closes - 1, begin, -1) if self.tokens[i].word == "AS" and self.depth_is_zero(begin, i)
            )
            kind = self.sql[self.tokens[as_ + 1].start : self.tokens[closes - 1].end].lower()
            inner = (self.tokens[begin].start, self.tokens[as_ - 1].end)
            self.read(begin, as_)
            self.parts.append(Part("cast", name, (start, closed), [inner], kind, closed))
        else:
            self.read(begin, closes)
            after = closes + 1
            tail = self.tail(after, end)
            more = f"{more} {self.sql[closed : self.tokens[tail - 1].end]}".strip()
            self.parts.append(Part("call", name, (start, self.tokens[tail - 1].end), arguments, more, closed))
            return self.suffixes(tail, end)
        return self.suffixes(closes + 1, end)

    def tail(self, at: int, end: int) -> int:
        """The token after FILTER, WITHIN GROUP, IGNORE NULLS and OVER, which belong to the call before them."""
        while at < end:
            word, following = self.word_at(at, end), self.word_at(at + 1, end)
            opens = at + 1 < end and self.tokens[at + 1].text == "("
            if word in ("FILTER", "OVER") and opens:
                self.read(at + 2, self.closing[at + 1])
                at = self.closing[at + 1] + 1
            elif word == "OVER" or (word in ("IGNORE", "RESPECT") and following == "NULLS"):
                at += 2
            elif word == "WITHIN" and following == "GROUP":
                at = self.closing[at + 2] + 1
            else:
                break
        return at

    def suffixes(self, at: int, end: int) -> int:
        """The token after the suffixes of an operand: `.name`, `[index]`, `::type`."""
        while at < end:
            text = self.tokens[at].text
            if text == "[":
                self.read(at + 1, self.closing[at])
                at = self.closing[at] + 1
            elif text in (".", "::"):
                at += 2
                if at < end and self.tokens[at].text == "(":
                    self.read(at + 1, self.closing[at])
                    at = self.closing[at] + 1
            else:
                break
        return at

    def interval(self, at: int, end: int) -> int:
        while at < end and (self.tokens[at].kind in ("string", "number") or self.word_at(at, end) in (*UNITS, "TO")):
            at += 1
        return at

    def case_end(self, at: int, end: int) -> int:
        depth = 0
        for i in range(at, end):
            depth += {"CASE": 1, "END": -1}.get(self.tokens[i].word, 0)
            if depth == 0:
                return i
        return end - 1

    def results(self, at: int, last: int) -> list[Span]:
        """The spans after THEN and ELSE in the CASE between these tokens."""
        found, begins, depth = list[Span](), None, 0
        for i in range(at, last + 1):
            word = self.tokens[i].word
            outer = depth == 0 and self.depth_is_zero(at, i)
            if begins is not None and outer and (word in ("WHEN", "ELSE") or i == last):
                found.append((self.tokens[begins].start, self.tokens[i - 1].end))
                begins = None
            if outer and word in ("THEN", "ELSE"):
                begins = i + 1
            depth += {"CASE": 1, "END": -1}.get(word, 0)
        return found

    def depth_is_zero(self, begin: int, at: int) -> bool:
        return not any(begin <= opens < at <= closes for opens, closes in self.closing.items())

    def word_at(self, at: int, end: int) -> str:
        return self.tokens[at].word if at < end else ""

    def kind_at(self, at: int, end: int) -> str:
        return self.tokens[at].kind if at < end else ""


def brackets(tokens: list[Token]) -> dict[int, int]:
    """Opening bracket -> closing bracket. A bracket that is never closed closes at the end."""
    closing, open_ = dict[int, int](), list[int]()
    for i, token in enumerate(tokens):
        if token.text in ("(", "["):
            open_.append(i)
        elif token.text in (")", "]") and open_:
            closing[open_.pop()] = i
    return closing | dict.fromkeys(open_, len(tokens) - 1)
