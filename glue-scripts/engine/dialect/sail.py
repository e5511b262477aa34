"""Rewrites SQL for Sail so that it computes what Spark does in ANSI mode. Above all, an integer overflow must be an error.

Sail's integers wrap around. So operators, `abs` and `sum` on integers are computed in a wider type and cast back, and the cast fails
if the value does not fit. All other SQL keeps its text.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.dialect.casts import cast, kept, read_as, since_epoch
from engine.dialect.parts import Part
from engine.dialect.patterns import java_pattern
from engine.dialect.reading import Reading
from engine.dialect.tokens import literal, quoted
from engine.session import Session

#: Arrow's integer types -> Spark's name, and a type that holds every result of an operator on two of them.
WHOLE = {
    "Int8": ("TINYINT", "BIGINT"),
    "Int16": ("SMALLINT", "BIGINT"),
    "Int32": ("INT", "BIGINT"),
    "Int64": ("BIGINT", "DECIMAL(20,0)"),
}


def for_sail(session: Session, sql: str, args: Mapping[str, Any]) -> str:
    """The SQL with which Sail computes what Spark does. Unchanged if the session runs on another engine."""
    if session.engine != "sail":
        return sql
    reading = Reading(session, sql, args)
    for part in reading.parts:
        lower(reading, part)
    return reading.text()


def lower(reading: Reading, part: Part) -> None:
    """Replace one part by what Sail should compute, if that differs from what is written."""
    by_kind: dict[str, Callable[[Reading, Part], str | None]] = {
        "operator": operator,
        "equality": equality,
        "membership": lambda reading, part: None,
        "sign": sign,
        "cast": cast,
        "call": call,
        "case": one_type,
    }
    if part.span in reading.made:
        return
    made = by_kind[part.kind](reading, part)
    if made is not None:
        reading.put(part, made)


def operator(reading: Reading, part: Part) -> str | None:
    if part.name not in ("+", "-", "*", "DIV"):
        return None
    left, right = (reading.text(span) for span in part.arguments)
    whole = reading.type(part.span)
    if whole not in WHOLE or any(reading.type(span) not in WHOLE for span in part.arguments):
        return None
    if part.name == "DIV":
        return f"(CAST({left} AS BIGINT) DIV CAST({right} AS BIGINT))"
    name, wide = WHOLE[whole]
    return kept(f"CAST(CAST({left} AS {wide}) {part.name} CAST({right} AS {wide}) AS {name})")


def equality(reading: Reading, part: Part) -> str | None:
    """Compare doubles as text: Sail's joins and filters do not match NaN. As text NaN is one value, and 0.0 and -0.0 are one value."""
    if any(re.fullmatch(r"[\d.]+\w*", reading.original(span)) for span in part.arguments):
        return None
    if "double" not in (reading.kind(span) for span in part.arguments):
        return None
    left, right = (f"CAST(CAST({reading.text(span)} AS DOUBLE) + 0.0D AS STRING)" for span in part.arguments)
    return f"{left} {part.name} {right}"


def sign(reading: Reading, part: Part) -> str | None:
    if part.name != "-":
        return None
    inner = reading.text(part.arguments[0])
    if re.fullmatch(r"\d+", inner):
        # Sail reads the digits before the sign, so the smallest int would become a bigint.
        return f"CAST('-{inner}' AS INT)" if inner == "2147483648" else None
    if re.fullmatch(r"[\d.]+\w*", inner):
        return None
    return negated(reading, part, "-{}")


def negated(reading: Reading, part: Part, form: str) -> str | None:
    inner = reading.text(part.arguments[0])
    name, wide = WHOLE.get(reading.type(part.arguments[0]), ("", ""))
    return kept(f"CAST({form.format(f'CAST({inner} AS {wide})')} AS {name})") if name not in ("", "BIGINT") else None


def one_type(reading: Reading, part: Part) -> str | None:
    """Cast the results of a CASE, or arguments, to one type. Sail takes the type of the first, Spark one that holds them all."""
    types = {reading.type(span) for span in part.arguments} - {"Null"}
    kinds = {reading.kind(span) for span in part.arguments} - {"null"}
    to = "DOUBLE" if kinds == {"int", "double"} else "BIGINT" if kinds == {"int"} and len(types) > 1 else None
    if to is None:
        return None
    for span in part.arguments:
        reading.made[span] = f"CAST({reading.text(span)} AS {to})"
    return reading.text(part.span)


def call(reading: Reading, part: Part) -> str | None:
    lowering = CALLS.get(part.name)
    return lowering(reading, part) if lowering is not None else None


def summed(reading: Reading, part: Part) -> str | None:
    # A sum of ints is a bigint, which cannot overflow with any number of rows that fits on a disk.
    if len(part.arguments) != 1 or reading.type(part.arguments[0]) != "Int64":
        return None
    distinct = "DISTINCT " if part.more.startswith("DISTINCT") else ""
    tail = reading.text((part.closes, part.span[1]))
    return kept(f"CAST(sum({distinct}CAST({reading.text(part.arguments[0])} AS DECIMAL(38,0))){tail} AS BIGINT)")


def as_int(reading: Reading, part: Part) -> str | None:
    return kept(f"CAST({reading.text(part.span)} AS INT)") if len(part.arguments) == 2 else None


def counted(reading: Reading, part: Part) -> str | None:
    made = pattern(1)(reading, part) or reading.text(part.span)
    return f"CAST({made} AS INT)"


def from_text(to: str) -> Callable[[Reading, Part], str | None]:
    """The rewrite of a function that is a cast if its only argument is text."""

    def lowering(reading: Reading, part: Part) -> str | None:
        if len(part.arguments) != 1 or reading.kind(part.arguments[0]) != "text":
            return None
        return read_as(reading.text(part.arguments[0]), to, "CAST", to)

    return lowering


def side(reading: Reading, part: Part) -> str | None:
    text, length = (reading.text(span) for span in part.arguments)
    return None if length.isdigit() else f"{part.name}({text}, greatest({length}, 0))"


def from_json(reading: Reading, part: Part) -> str:
    """Null for blank text. An error for JSON with NaN, or with text after its end, of which Spark reads a part."""
    text = reading.text(part.arguments[0])
    unread = quoted("MR330 Sail reads JSON with NaN, or with text after its end, differently from Spark")
    cut = f"trim({text}) RLIKE '^[{{\\\\[]' AND NOT trim({text}) RLIKE '[}}\\\\]]$'"
    blank = f"trim({text}) = ''"
    cut = f"({cut}) OR {text} RLIKE ':[ ]*[+-]?(NaN|INF|Infinity)'"
    return f"CASE WHEN {blank} THEN NULL WHEN {cut} THEN raise_error({unread}) ELSE {reading.text(part.span)} END"


def if_(reading: Reading, part: Part) -> str | None:
    return one_type(reading, Part("case", "if", part.span, part.arguments[1:]))


def substring(reading: Reading, part: Part) -> str | None:
    if len(part.arguments) != 3:
        return None
    text, start, length = (reading.text(span) for span in part.arguments)
    if start.isdigit():
        return None
    before = f"substring({text}, 1, greatest(({length}) + ({start}) + length({text}), 0))"
    return f"CASE WHEN ({start}) < -length({text}) THEN {before} ELSE substring({text}, {start}, {length}) END"


def contains(reading: Reading, part: Part) -> str | None:
    array, value = (reading.text(span) for span in part.arguments)
    plain = f"array_contains({array}, {value})"
    unknown = f"({value}) IS NULL OR (NOT {plain} AND exists({array}, each -> each IS NULL))"
    return f"CASE WHEN {unknown} THEN NULL ELSE {plain} END"


def rounded(reading: Reading, part: Part) -> str | None:
    """Round a double by its written digits, as Spark does. Sail rounds the binary value, which for 1.005 is slightly less."""
    if len(part.arguments) != 2 or not re.fullmatch(r"[1-6]", reading.text(part.arguments[1])):
        return None
    if reading.kind(part.arguments[0]) != "double":
        return None
    value, digits = (reading.text(span) for span in part.arguments)
    exact = f"CAST(round(try_cast({value} AS DECIMAL(38,{int(digits) + 7})), {digits}) AS DOUBLE)"
    return f"CASE WHEN abs({value}) < 1e9D THEN {exact} ELSE round({value}, {digits}) END"


def pattern(at: int) -> Callable[[Reading, Part], str | None]:
    def lowering(reading: Reading, part: Part) -> str | None:
        if len(part.arguments) <= at:
            return None
        text = literal(reading.original(part.arguments[at]))
        if text is None or (made := java_pattern(text, whole=part.name not in ("regexp_replace", "split"))) == text:
            return None
        reading.made[part.arguments[at]] = quoted(made)
        return reading.text(part.span)

    return lowering


CALLS: dict[str, Callable[[Reading, Part], str | None]] = {
    "sum": summed,
    "abs": lambda reading, part: negated(reading, part, "abs({})"),
    "negative": lambda reading, part: negated(reading, part, "-{}"),
    "datediff": as_int,
    "date_diff": as_int,
    "isnan": lambda reading, part: f"coalesce({reading.text(part.span)}, false)",
    "left": side,
    "right": side,
    "if": if_,
    "unix_millis": lambda reading, part: since_epoch(reading.text(part.arguments[0]), 1000),
    "unix_seconds": lambda reading, part: since_epoch(reading.text(part.arguments[0]), 1000000),
    "from_json": from_json,
    "substring": substring,
    "substr": substring,
    "array_contains": contains,
    "round": rounded,
    "date": from_text("date"),
    "to_date": from_text("date"),
    "boolean": from_text("boolean"),
    "double": from_text("double"),
    "float": from_text("float"),
    **{
        name: pattern(1)
        for name in ("regexp_extract", "regexp_extract_all", "regexp_like", "regexp", "rlike", "regexp_replace")
    },
    **{name: pattern(1) for name in ("regexp_substr", "regexp_instr", "split")},
    "regexp_count": counted,
    "pattern": pattern(0),
}
