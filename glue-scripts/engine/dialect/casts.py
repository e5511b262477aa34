"""Casts as Sail gets them, so that it reads and refuses what Spark does."""

import re

from engine.dialect.parts import Part
from engine.dialect.reading import Reading
from engine.dialect.tokens import quoted

#: Types that Sail casts text to otherwise than Spark, and types that a number may not fit.
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

#: Blanks as Spark trims them before it casts.
BLANK = "[\\x00-\\x20\\x7f]*"
TRUE_OR_FALSE = quoted(f"^{BLANK}(t|true|y|yes|1|f|false|n|no|0){BLANK}$")
DAY = quoted(f"^{BLANK}([+-]?[0-9]{{4,7}}(-[0-9]{{1,2}}(-[0-9]{{1,2}})?)?){BLANK}$")
DAY_AND_MORE = quoted(f"^{BLANK}([+-]?[0-9]{{4,7}}-[0-9]{{1,2}}-[0-9]{{1,2}})[ T](?s:.*)$")
NUMBER_AND_LETTER = quoted(f"^({BLANK}[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?)[dDfF]({BLANK})$")
HEXADECIMAL = quoted(f"^{BLANK}[+-]?0[xX][0-9a-fA-F.]+[pP][+-]?[0-9]+[dDfF]?{BLANK}$")
EXPONENT = quoted("[0-9.][eE][+-]?[0-9]")


def cast(reading: Reading, part: Part) -> str | None:
    """Text that Spark reads and Sail does not, or the other way round."""
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
        # Sail reads 2024-01 x and 1e10 as days, and no day where a time follows it.
        return (
            f"{how}(CASE WHEN {text} RLIKE {DAY} THEN regexp_replace({text}, {DAY}, '$1') "
            f"WHEN {text} RLIKE {DAY_AND_MORE} THEN regexp_replace({text}, {DAY_AND_MORE}, '$1') "
            # What is no day stays in the text of the fault.
            f"WHEN {text} IS NOT NULL THEN concat('no day: ', {text}) END AS {named})"
        )
    if to in ("double", "float"):
        plain = f"regexp_replace({text}, {NUMBER_AND_LETTER}, '$1')"
        unread = quoted("MR330 a hexadecimal number such as 0x1p3, which Spark casts to a double, is not read here")
        slow = f"CASE WHEN {text} RLIKE {HEXADECIMAL} THEN raise_error({unread}) ELSE {plain} END"
        # What Sail reads as a number, Spark does too: only what it does not read is looked at again.
        return f"coalesce(try_cast({text} AS {named}), {how}({slow} AS {named}))"
    if to == "boolean":
        either = f"lower({text}) RLIKE {TRUE_OR_FALSE}"
        return f"{how}(CASE WHEN {either} THEN {text} WHEN {text} IS NOT NULL THEN concat('no boolean: ', {text}) END AS {named})"
    unread = quoted(
        "MR330 a number such as 1e2, which Spark casts to a decimal, is not read here: cast it to a double first"
    )
    return f"{how}(CASE WHEN {text} RLIKE {EXPONENT} THEN raise_error({unread}) ELSE {text} END AS {named})"


def decimal(reading: Reading, part: Part) -> str | None:
    """A double to a decimal by its shortest digits, as Spark does; see `rounded`."""
    scale = re.fullmatch(r"\w+\s*\(\s*\d+\s*,\s*([1-9])\s*\)", part.more)
    if scale is None:
        return None
    value, digits = reading.text(part.arguments[0]), int(scale[1])
    exact = f"{part.name}(round(try_cast({value} AS DECIMAL(38,{digits + 7})), {digits}) AS {part.more})"
    return kept(f"CASE WHEN abs({value}) < 1e9D THEN {exact} ELSE {part.name}({value} AS {part.more}) END")


def kept(narrowed: str) -> str:
    """A cast that is not taken out of a comparison. Sail compares `CAST(x AS INT) > 0` as `x > 0`, and no overflow is noticed."""
    return f"greatest({narrowed})"


def since_epoch(text: str, unit: int) -> str:
    """Whole units of so many microseconds, rounded towards the past."""
    return f"((unix_micros({text}) - pmod(unix_micros({text}), {unit})) DIV {unit})"
