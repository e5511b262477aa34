"""Rewrites casts for Sail, so that it accepts and refuses the same values as Spark."""

import re

from engine.dialect.parts import Part
from engine.dialect.reading import Reading
from engine.dialect.tokens import quoted

#: Types to which Sail casts text differently from Spark, and types that may be too narrow for a number.
READ_FROM_TEXT = {"date", "boolean", "double", "float", "decimal", "numeric", "dec"}
NARROW = {
    "tinyint",
    "byte",
    "smallint",
    "short",
    "int",
    "integer",
    "bigint",
    "long",
    "decimal",
    "numeric",
    "dec",
    "float",
}

#: The blanks that Spark trims before a cast.
BLANK = "[\\x00-\\x20\\x7f]*"
TRUE_OR_FALSE = quoted(f"^{BLANK}(t|true|y|yes|1|f|false|n|no|0){BLANK}$")
DAY = quoted(f"^{BLANK}([+-]?[0-9]{{4,7}}(-[0-9]{{1,2}}(-[0-9]{{1,2}})?)?){BLANK}$")
DAY_AND_MORE = quoted(f"^{BLANK}([+-]?[0-9]{{4,7}}-[0-9]{{1,2}}-[0-9]{{1,2}})[ T](?s:.*)$")
NUMBER_AND_LETTER = quoted(f"^({BLANK}[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?)[dDfF]({BLANK})$")
HEXADECIMAL = quoted(f"^{BLANK}[+-]?0[xX][0-9a-fA-F.]+[pP][+-]?[0-9]+[dDfF]?{BLANK}$")
EXPONENT = quoted("[0-9.][eE][+-]?[0-9]")


def cast(reading: Reading, part: Part) -> str | None:
    """The cast that Sail should compute; None if it is the one that is written."""
    to = part.more.split("(")[0].strip()
    if to not in READ_FROM_TEXT | NARROW:
        return None
    kind = reading.kind(part.arguments[0])
    if to in ("bigint", "long") and kind == "timestamp":
        return since_epoch(reading.text(part.arguments[0]), 1000000)
    if to in ("decimal", "numeric", "dec") and kind == "double":
        return decimal(reading, part) or kept(reading.text(part.span))
    if to in NARROW and kind in ("int", "double", "decimal"):
        return kept(reading.text(part.span))
    if to not in READ_FROM_TEXT or kind != "text":
        return None
    return read_as(reading.text(part.arguments[0]), to, part.name, part.more)


def read_as(text: str, to: str, how: str, named: str) -> str:
    if to == "date":
        # Sail reads `2024-01 x` and `1e10` as dates, and does not read a date that is followed by a time.
        return (
            f"{how}(CASE WHEN {text} RLIKE {DAY} THEN regexp_replace({text}, {DAY}, '$1') "
            f"WHEN {text} RLIKE {DAY_AND_MORE} THEN regexp_replace({text}, {DAY_AND_MORE}, '$1') "
            # An invalid date stays readable in the error.
            f"WHEN {text} IS NOT NULL THEN concat('not a date: ', {text}) END AS {named})"
        )
    if to in ("double", "float"):
        plain = f"regexp_replace({text}, {NUMBER_AND_LETTER}, '$1')"
        unread = quoted("MR330 Spark casts a hexadecimal number such as 0x1p3 to a double, but Sail cannot")
        slow = f"CASE WHEN {text} RLIKE {HEXADECIMAL} THEN raise_error({unread}) ELSE {plain} END"
        # Spark reads every number that Sail reads, so only the others need the slow way.
        return f"coalesce(try_cast({text} AS {named}), {how}({slow} AS {named}))"
    if to == "boolean":
        either = f"lower({text}) RLIKE {TRUE_OR_FALSE}"
        return f"{how}(CASE WHEN {either} THEN {text} WHEN {text} IS NOT NULL THEN concat('not a boolean: ', {text}) END AS {named})"
    unread = quoted("MR330 Spark casts a number such as 1e2 to a decimal, but Sail cannot: cast it to a double first")
    return f"{how}(CASE WHEN {text} RLIKE {EXPONENT} THEN raise_error({unread}) ELSE {text} END AS {named})"


def decimal(reading: Reading, part: Part) -> str | None:
    """A cast of a double to a decimal that uses the double's shortest digits, as Spark does; see `rounded`."""
    scale = re.fullmatch(r"\w+\s*\(\s*\d+\s*,\s*([1-9])\s*\)", part.more)
    if scale is None:
        return None
    value, digits = reading.text(part.arguments[0]), int(scale[1])
    exact = f"{part.name}(round(try_cast({value} AS DECIMAL(38,{digits + 7})), {digits}) AS {part.more})"
    return kept(f"CASE WHEN abs({value}) < 1e9D THEN {exact} ELSE {part.name}({value} AS {part.more}) END")


def kept(narrowed: str) -> str:
    """A cast that Sail's optimizer does not remove. It turns `CAST(x AS INT) > 0` into `x > 0`, and then no overflow is noticed."""
    return f"greatest({narrowed})"


def since_epoch(text: str, unit: int) -> str:
    """SQL for a time as whole units of `unit` microseconds since 1970, rounded towards the past."""
    return f"((unix_micros({text}) - pmod(unix_micros({text}), {unit})) DIV {unit})"
