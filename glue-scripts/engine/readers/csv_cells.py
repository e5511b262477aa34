"""Converts the cells of a CSV column to a type."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.readers.csv_dialect import Dialect
from engine.readers.times import cast_or_null, to_dates, to_timestamps
from engine.readers.types import arrow_type, decimal_of

BLANKS = " \t\u00a0\u202f"
#: The characters that count as a blank between groups of digits.
BLANK_GROUPS = "[ \u00a0\u202f\u2009]"


def to_type(text: pa.Array, type_: str, dialect: Dialect) -> tuple[pa.Array, list[int]]:
    """The cells as `type_`, and the indices of invalid cells, which are null in the array. An empty cell is null.

    Blanks around a value are ignored. Numbers use the dialect's decimal sign, and groups of three digits or none; NaN and infinity
    are not valid. Dates and times are ISO 8601, a boolean is true or false.
    """
    cells = pc.utf8_trim(text, BLANKS)
    cells = pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)
    match type_:
        case "date":
            array = to_dates(cells)
        case "timestamp":
            array = to_timestamps(cells)
        case "boolean":
            lowered = pc.utf8_lower(cells)
            known = pc.is_in(lowered, pa.array(["true", "false"]))
            array = pc.if_else(known, pc.equal(lowered, "true"), pa.scalar(None, pa.bool_()))
        case _:
            array = _numbers(cells, type_, dialect)
    wrong = pc.and_(array.is_null(), cells.is_valid())
    return array, np.flatnonzero(wrong.to_numpy(zero_copy_only=False)).tolist()


def _numbers(cells: pa.Array, type_: str, dialect: Dialect) -> pa.Array:
    """The cells as numbers; null where a cell is not a valid number of the type."""
    point, groups = re.escape(dialect.decimal), dialect.thousands
    whole = "[0-9]+"
    if groups is not None:
        sign = BLANK_GROUPS if groups == " " else re.escape(groups)
        whole = f"([0-9]+|[0-9]{{1,3}}({sign}[0-9]{{3}})+)"
    integer = type_ in ("int", "bigint")
    fraction = "" if integer else f"({point}[0-9]*)?" + ("([eE][+-]?[0-9]+)?" if type_ == "double" else "")
    bare = "" if integer else f"|{point}[0-9]+" + ("([eE][+-]?[0-9]+)?" if type_ == "double" else "")
    pattern = f"^[+-]?({whole}{fraction}{bare})$"
    plain = pc.if_else(pc.match_substring_regex(cells, pattern), cells, pa.scalar(None, pa.string()))
    if groups is not None:
        plain = pc.replace_substring_regex(plain, sign, "")
    if dialect.decimal != ".":
        plain = pc.replace_substring(plain, dialect.decimal, ".")
    plain = pc.replace_substring_regex(plain, r"^\+", "")
    if (size := decimal_of(type_)) is not None:
        return _decimals(plain, *size)
    array = cast_or_null(plain, arrow_type(type_))
    if type_ == "double":
        array = pc.if_else(pc.is_finite(array), array, pa.scalar(None, pa.float64()))
    return array


def _decimals(plain: pa.Array, precision: int, scale: int) -> pa.Array:
    """Decimals; null where a number has more digits than fit. Zeros at the end of the fraction do not count."""
    plain = pc.replace_substring_regex(plain, r"(\.[0-9]*[1-9])0+$|\.0*$", r"\1")
    plain = pc.replace_substring_regex(plain, r"^(-?)0+([0-9])", r"\1\2")
    most = precision - scale
    fraction = rf"(\.[0-9]{{1,{scale}}})?" if scale else ""
    head = rf"[0-9]{{1,{most}}}" if most else "0?"
    fits = pc.match_substring_regex(plain, f"^-?(0|{head})?{fraction}$")
    return pc.if_else(fits, plain, pa.scalar(None, pa.string())).cast(pa.decimal128(precision, scale))
