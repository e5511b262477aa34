"""What Sail computes otherwise than Spark 3.5, whatever text it is given: `check` refuses it, and says how both read it alike."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.dialect.parts import Part
from engine.dialect.patterns import refused
from engine.dialect.reading import Reading
from engine.dialect.sail import lower
from engine.dialect.spark_functions import SPARK_FUNCTIONS
from engine.dialect.tokens import literal, place, tokens_of
from engine.session import Session

#: What looks like a function and is not in Spark's list of them.
SYNTAX = {"pattern", "timestampadd", "timestampdiff", "dateadd", "percentile_cont", "percentile_disc", "values"}


@dataclass(frozen=True)
class Difference:
    """`at` is `line:column` in the SQL; `rewrite` is one way to write it that both engines compute alike."""

    code: str
    at: str
    message: str
    rewrite: str


Found = tuple[str, str] | None
Rule = Callable[[Reading, Part], Found]


def differences(session: Session, sql: str, args: Mapping[str, Any]) -> list[Difference]:
    """MR116: computed otherwise. MR117: no function of Spark 3.5. MR118: arithmetic of an unknown type. Spark itself has none."""
    if session.engine != "sail":
        return []
    reading = Reading(session, sql, args)
    found = list(words(sql))
    for part in reading.parts:
        said = judged(reading, part)
        if said is not None:
            code, (message, rewrite) = said
            found.append(Difference(code, place(sql, part.span[0]), message, rewrite))
        lower(reading, part)
    return found


def judged(reading: Reading, part: Part) -> tuple[str, tuple[str, str]] | None:
    if part.kind == "call":
        # A qualified name is a column of a struct or a table, not a function.
        if part.name not in SPARK_FUNCTIONS | SYNTAX:
            return "MR117", (
                f"Spark 3.5 has no function {part.name}",
                "a function of https://spark.apache.org/docs/3.5.6/api/sql",
            )
        rules = CALLS.get(part.name, ())
    else:
        rules = {
            "operator": (arithmetic,),
            "cast": (cast,),
            "sign": (),
            "equality": (),
            "case": (mixed,),
            "membership": (members,),
        }[part.kind]
    if part.kind == "operator" and part.name in "+-*" and not reading.type(part.span):
        what = f"{reading.original(part.span)[:60]}: its type is not known, so an overflow would not be noticed"
        return "MR118", (what, "CAST(... AS BIGINT) each side, or AS DOUBLE")
    said = next((found for found in (rule(reading, part) for rule in rules) if found is not None), None)
    return ("MR116", said) if said is not None else None


def words(sql: str) -> Iterator[Difference]:
    """What is seen without types."""
    tokens = tokens_of(sql)
    for token, after, last in zip(tokens, tokens[1:], tokens[2:], strict=False):
        said: Found = None
        if token.word == "IGNORE" and after.word == "NULLS" and last.text == ")":
            said = "Spark 3.5 takes IGNORE NULLS after the bracket only", "lag(x) IGNORE NULLS OVER (...)"
        if token.word == "WHEN" and after.word in ("TRUE", "FALSE", "NULL") and last.word == "THEN":
            said = f"WHEN {after.word} is decided before the types are", "leave the branch out, or make it ELSE"
        if (token.text in "/%" or token.word == "DIV") and re.fullmatch(r"0+(\.0*)?[LD]?", after.text):
            said = "a division by the number 0 fails before any row is read", "nullif(x, 0) in its place"
        if token.text == "-" and re.fullmatch(r"0+(\.0*)?D?|\.0+D?", after.text) and after.text not in ("0",):
            said = "-0.0 and 0.0 are one value in Spark's lists and sets, and two here", "0.0D"
        if token.text in ("<<", ">>", "::") or (token.word == "QUALIFY" and after.text != ","):
            said = f"Spark 3.5 does not know {token.text}", "shiftleft(x, n), CAST(x AS type), or a subquery with WHERE"
        if said is not None:
            yield Difference("MR116", place(sql, token.start), *said)


def arithmetic(reading: Reading, part: Part) -> Found:
    kinds = [reading.kind(span) for span in part.arguments]
    texts = [reading.original(span) for span in part.arguments]
    if part.name == "/" and "decimal" in kinds and "double" not in kinds:
        return (
            "a quotient of decimals has other digits on Spark",
            f"CAST({texts[0]} AS DOUBLE) / {texts[1]}, or 2.0D for 2.0",
        )
    if part.name == "DIV" and set(kinds) - {"int"}:
        return "DIV of anything but whole numbers is refused by Spark, or differs", "CAST(floor(a / b) AS BIGINT)"
    if part.name in "+-*%" and reading.type(part.span).startswith("Decimal128(38,"):
        return (
            "a decimal of 38 digits is rounded or overflows otherwise on Spark",
            "CAST each side to fewer digits, as DECIMAL(18, 2)",
        )
    if part.name == "-" and kinds[0] == "date" and kinds[1] in ("date", "timestamp"):
        return "a date less a date is an interval on Spark, and a number here", f"datediff({texts[0]}, {texts[1]})"
    if part.name in "+-" and "date" in kinds and re.search(r"HOUR|MINUTE|SECOND", " ".join(texts), re.IGNORECASE):
        return (
            "a date with hours added is a timestamp on Spark, and a date here",
            f"CAST({texts[0]} AS TIMESTAMP) {part.name} {texts[1]}",
        )
    if part.name == "||" and "double" in kinds:
        return double_as_text(reading.original(part.span))
    return None


def members(reading: Reading, part: Part) -> Found:
    """An equality is written anew, so that it finds NaN; what stands for one is not."""
    if part.name == "IN":
        numbers = tokens_of(reading.original((part.arguments[0][1], part.span[1])))
        listed = all(token.kind in ("number", "mark") or token.word in ("NOT", "IN") for token in numbers)
        if not listed and reading.kind(part.arguments[0]) == "double":
            return "a double that is NaN is found by IN on Spark, and not here", "EXISTS (SELECT 1 ... WHERE a.x = b.x)"
        return None
    for span in part.arguments:
        # Behind the join the name is one column, whose type can be asked for.
        name = reading.original(span)
        if reading.kind_behind(part.span, name) == "double":
            return "a double that is NaN is joined on Spark, and not by USING here", f"ON a.{name} = b.{name}"
    return None


def double_as_text(_: str) -> Found:
    return (
        "a double as text is written otherwise on Spark (1.0E7)",
        "CAST(CAST(x AS DECIMAL(38, 6)) AS STRING), or format_number(x, 2)",
    )


def cast(reading: Reading, part: Part) -> Found:
    kind, to = reading.kind(part.arguments[0]), part.more.split("(")[0].strip()
    says = literal(reading.original(part.arguments[0])) or ""
    if to == "string" and kind == "double":
        return double_as_text(part.more)
    if to == "string" and kind == "nested":
        return "an array, map or struct as text is written otherwise on Spark", "to_json(x), or array_join(x, ',')"
    if to in ("int", "integer", "double", "float", "decimal") and kind == "timestamp":
        return "a time before 1970 with a fraction is rounded otherwise on Spark", "CAST(x AS BIGINT)"
    if to in ("date", "timestamp") and says.strip().lower() in ("today", "now", "epoch", "yesterday", "tomorrow"):
        return f"'{says}' is a day for Spark and no day here", "a parameter of the pipeline"
    return None


def always(message: str, rewrite: str) -> Rule:
    return lambda reading, part: (message, rewrite)


def given(kinds: set[str], message: str, rewrite: str) -> Rule:
    """Where an argument is of one of these kinds."""
    return lambda reading, part: (
        (message, rewrite) if any(reading.kind(span) in kinds for span in part.arguments) else None
    )


def with_double(reading: Reading, part: Part) -> Found:
    return double_as_text("") if any(reading.kind(span) == "double" for span in part.arguments) else None


def mixed(reading: Reading, part: Part) -> Found:
    kinds = {reading.kind(span) for span in part.arguments}
    if "text" in kinds and kinds & {"int", "double", "decimal"}:
        return (
            "text beside numbers: Spark casts the text, this engine the numbers",
            "CAST(... AS STRING), or one type throughout",
        )
    if kinds >= {"date", "timestamp"} or (part.kind == "case" and "decimal" in kinds and kinds & {"int", "double"}):
        return "results of several types come out in another one on Spark", "CAST each of them to one type"
    return None


def unless_literal(at: int, form: str, message: str, rewrite: str) -> Rule:
    """Where argument `at` is there and is no literal of this form."""

    def rule(reading: Reading, part: Part) -> Found:
        if len(part.arguments) <= at:
            return None
        text = reading.original(part.arguments[at])
        return None if re.fullmatch(form, text, re.IGNORECASE) else (message, rewrite)

    return rule


def null_literal(reading: Reading, part: Part) -> Found:
    if any(reading.original(span).upper() == "NULL" for span in part.arguments):
        return f"{part.name} of the literal NULL is refused by Spark, or by this engine", "leave it out"
    return None


def pattern_at(at: int) -> Rule:
    def rule(reading: Reading, part: Part) -> Found:
        if len(part.arguments) <= at:
            return None
        says = literal(reading.original(part.arguments[at]))
        if says is None:
            return "a pattern that is no literal may be read otherwise on Spark", "a literal"
        if says == "":
            return "an empty pattern matches otherwise on Spark", "a pattern of one character or more"
        whole = part.name not in ("regexp_replace", "split")
        what = refused(says, whole)
        return (
            (f"this engine's patterns lack or misread {what}", "a plainer pattern, as [0-9] for \\d") if what else None
        )

    return rule


def replacement(reading: Reading, part: Part) -> Found:
    if len(part.arguments) > 3:
        return "this engine's regexp_replace takes no position", "regexp_replace of substring(x, n)"
    says = literal(reading.original(part.arguments[2])) if len(part.arguments) == 3 else ""
    if says is None or "\\" in says or re.search(r"\$(?!\d(?!\w))", says):
        return (
            "a replacement with a backslash, or a $ that is no group of one digit, is read otherwise on Spark",
            "$1, and nothing else of the kind",
        )
    return None


def field(reading: Reading, part: Part) -> Found:
    says = reading.original(part.arguments[0]).split()[0].strip("'\"").upper()
    known = {
        *(
            "YEAR",
            "Y",
            "YEARS",
            "QUARTER",
            "QTR",
            "MONTH",
            "MON",
            "MONTHS",
            "WEEK",
            "W",
            "WEEKS",
            "DAY",
            "D",
            "DAYS",
            "DOY",
        ),
        *("HOUR", "HOURS", "MINUTE", "MINUTES", "SECOND", "SECONDS"),
    }
    if says in known:
        return None
    return (
        f"{says} is taken out of a date otherwise on Spark, or not at all",
        "dayofweek(x), weekday(x), year(x), unix_seconds(x)",
    )


UNITS = "'(year|yyyy|yy|quarter|month|mon|mm|week|day|dd|hour|minute|second)'"


def unit(at: int) -> Rule:
    return unless_literal(
        at, UNITS, "a unit that is no literal, or that this engine does not know", "'month', 'year', 'week', ..."
    )


def written_json(reading: Reading, part: Part) -> Found:
    for span in part.arguments[:1]:
        if re.search(r"Float|Timestamp|Decimal", reading.type(span)):
            return (
                f"{part.name} writes doubles, decimals and times otherwise on Spark",
                "date_format(t, 'yyyy-MM-dd HH:mm:ss') for a time, format_number(x, 2) for a number",
            )
    return None


def read_json(reading: Reading, part: Part) -> Found:
    says = literal(reading.original(part.arguments[1])) if len(part.arguments) > 1 else None
    if says is None or re.search(
        r"\b(INT|INTEGER|SMALLINT|TINYINT|FLOAT|TIMESTAMP|DATE|DECIMAL|BINARY)\b", says, re.IGNORECASE
    ):
        return (
            f"{part.name} reads an int that overflows, a date or a time otherwise on Spark",
            "declare it as STRING, BIGINT, DOUBLE or BOOLEAN, and cast it afterwards",
        )
    return None


def counted(reading: Reading, part: Part) -> Found:
    if part.more.startswith("DISTINCT") and any(reading.kind(span) == "double" for span in part.arguments):
        return "0.0 and -0.0 are one value for Spark and two here", "count(DISTINCT x + 0.0D)"
    return None


def days(reading: Reading, part: Part) -> Found:
    if len(part.arguments) == 2 and reading.type(part.arguments[1]) == "Int64":
        return f"Spark's {part.name} takes no bigint", f"{part.name}(x, CAST(n AS INT))"
    return day_of_text(reading, part)


def day_of_text(reading: Reading, part: Part) -> Found:
    if any(reading.kind(span) == "text" for span in part.arguments[:1]):
        return "text that is no plain day is taken for a date otherwise on Spark", f"{part.name}(CAST(x AS DATE))"
    return None


HASHED = given(
    {"decimal", "nested", "null", "interval"},
    "hashed otherwise on Spark, or not at all here",
    "CAST(x AS STRING) first",
)
APPROXIMATE = always("an approximation, which each engine makes in its own way", "percentile(x, 0.5)")
SPAN_OF_UNITS = always(
    "whole units between two times are counted otherwise on Spark",
    "datediff(b, a), or unix_seconds(b) - unix_seconds(a)",
)

WRITE_TEXT = "concat concat_ws length sha2 md5 sha1 sha lpad rpad replace reverse crc32"
TAKE_DAYS = "last_day next_day year month day dayofmonth dayofweek weekday dayofyear weekofyear quarter months_between"
TAKE_PATTERNS = (
    "regexp_extract regexp_extract_all regexp_like regexp rlike split regexp_count regexp_substr regexp_instr"
)

CALLS: dict[str, tuple[Rule, ...]] = {
    **{name: (mixed,) for name in ("array", "coalesce", "nvl", "ifnull", "greatest", "least", "if", "nvl2")},
    **{name: (with_double,) for name in WRITE_TEXT.split()},
    **{name: (day_of_text,) for name in TAKE_DAYS.split()},
    **{name: (days,) for name in ("date_add", "date_sub", "add_months")},
    **{name: (pattern_at(1),) for name in TAKE_PATTERNS.split()},
    **{name: (HASHED,) for name in ("hash", "xxhash64")},
    **{name: (APPROXIMATE,) for name in ("percentile_approx", "approx_percentile", "approx_count_distinct")},
    **{name: (SPAN_OF_UNITS,) for name in ("timestampdiff",)},
    **{name: (written_json,) for name in ("to_json", "to_csv")},
    **{name: (read_json,) for name in ("from_json", "from_csv")},
    **{name: (field,) for name in ("extract", "date_part", "datepart")},
    "pattern": (pattern_at(0),),
    "regexp_replace": (pattern_at(1), replacement),
    "count": (counted,),
    "trunc": (day_of_text, unit(1)),
    "date_trunc": (unit(0),),
    "bround": (always("ties are rounded otherwise on Spark", "round(x, n)"),),
    "rint": (always("ties are rounded otherwise on Spark", "round(x)"),),
    "conv": (always("a negative number is written otherwise on Spark", "hex(x) or bin(x)"),),
    "initcap": (
        always(
            "letters after a hyphen or an apostrophe stay small on Spark",
            "upper(left(x, 1)) with lower(substring(x, 2))",
        ),
    ),
    "elt": (always("an index beyond the last is a fault on Spark and null here", "CASE x WHEN 1 THEN ... END"),),
    "factorial": (always("above 20 it is null on Spark and a fault here", "CASE x WHEN ... END"),),
    "get_json_object": (
        always("numbers, blanks and escapes come out otherwise on Spark", "from_json(x, 'name STRING').name"),
    ),
    "json_tuple": (
        always("numbers, blanks and escapes come out otherwise on Spark", "from_json(x, 'name STRING').name"),
    ),
    "array_contains": (null_literal,),
    "size": (null_literal,),
    "slice": (unless_literal(1, r"-?[1-9]\d*", "a start of 0 is a fault on Spark", "a literal start, from 1"),),
    "chr": (
        unless_literal(
            0, r"\d{1,2}|1[01]\d|12[0-7]", "a code above 127 is another letter on Spark", "the letter itself"
        ),
    ),
    "char": (
        unless_literal(
            0, r"\d{1,2}|1[01]\d|12[0-7]", "a code above 127 is another letter on Spark", "the letter itself"
        ),
    ),
    "datediff": (
        lambda reading, part: SPAN_OF_UNITS(reading, part) if len(part.arguments) == 3 else day_of_text(reading, part),
    ),
    "date_diff": (
        lambda reading, part: SPAN_OF_UNITS(reading, part) if len(part.arguments) == 3 else day_of_text(reading, part),
    ),
}
