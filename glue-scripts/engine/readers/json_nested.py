"""Converts JSON values of types that need more work: decimals, bytes, and nested types."""

import base64
import binascii
import datetime
import json
import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa

from engine.readers.times import to_dates, to_timestamps

#: Converts a value that is not null; raises ValueError if it is not of the type.
Fit = Callable[[Any], Any]

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
INTEGER_BITS = {pa.int32(): 31, pa.int64(): 63}
EXACT_DOUBLE = 2**53


class WrittenValue(Exception):
    """A float where an integer belongs: only its text shows whether it is one."""


def whole(value: float) -> bool:
    """Whether a double is an integer. Above 2^53 it may stand for several."""
    return value.is_integer() and abs(value) <= EXACT_DOUBLE


def holds_decimal(type_: pa.DataType) -> bool:
    """Whether a value of the type may contain a decimal, which would lose digits as a float."""
    if pa.types.is_decimal(type_):
        return True
    return any(holds_decimal(type_.field(i).type) for i in range(type_.num_fields))


def to_nested(values: Sequence[Any], type_: pa.DataType, text: Callable[[int], str]) -> tuple[pa.Array, set[int]]:
    """The values as an Arrow array, and the indices of those not of the type (null in the array). `text(i)`: value i as written."""
    exact = holds_decimal(type_)
    fitted: list[Any] = []
    refused: set[int] = set()
    for i, value in enumerate(values):
        try:
            if exact and type(value) in (float, dict, list):
                value = json.loads(text(i), parse_float=Decimal)
            try:
                fitted.append(fit(value, type_))
            except WrittenValue:
                fitted.append(fit(json.loads(text(i), parse_float=Decimal), type_))
        except (ValueError, RecursionError):
            fitted.append(None)
            refused.add(i)
    return pa.array(fitted, type_), refused


def fit(value: Any, type_: pa.DataType) -> Any:
    """The value in a form that Arrow accepts for the type; null stays null. Raises ValueError if it is not of the type.

    A struct ignores keys that it does not declare, and a missing key is null. A map is an object. A decimal is a number, or a
    string with a number, whose digits all fit. Bytes are a base64 string.
    """
    return None if value is None else _fit_of(type_)(value)


@cache
def _fit_of(type_: pa.DataType) -> Fit:
    if pa.types.is_struct(type_):
        fields = [(type_.field(i).name, type_.field(i).type) for i in range(type_.num_fields)]

        def struct(value: Any) -> Any:
            members = _of(value, dict)
            return {name: fit(members.get(name), inner) for name, inner in fields}

        return struct
    if pa.types.is_map(type_):

        def pairs(value: Any) -> Any:
            found = {_key(key, type_.key_type): fit(item, type_.item_type) for key, item in _of(value, dict).items()}
            if len(found) < len(value):
                raise ValueError("two texts for one key, such as 1 and 01")
            return list(found.items())

        return pairs
    if pa.types.is_list(type_):
        return lambda value: [fit(item, type_.value_type) for item in _of(value, list)]
    if pa.types.is_decimal(type_):
        return lambda value: _decimal(value, type_.precision, type_.scale)
    if pa.types.is_integer(type_):
        return lambda value: _integer(value, INTEGER_BITS[type_])
    if pa.types.is_floating(type_):
        return _double
    if pa.types.is_boolean(type_):
        return lambda value: _of(value, bool)
    if pa.types.is_binary(type_):
        return _bytes
    if pa.types.is_date(type_):
        return lambda value: _time(value, to_dates)
    if pa.types.is_timestamp(type_):
        return lambda value: _time(value, to_timestamps)
    return lambda value: _of(value, str)


def _of(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError(f"not a {kind.__name__}")
    return value


def _key(text: str, type_: pa.DataType) -> Any:
    """The key of a map. JSON writes keys of every type as text."""
    if pa.types.is_integer(type_) and re.fullmatch(r"-?[0-9]+", text):
        return fit(int(text), type_)
    if pa.types.is_floating(type_) and NUMBER.fullmatch(text):
        return fit(float(text), type_)
    if pa.types.is_boolean(type_) and text in ("true", "false"):
        return text == "true"
    return fit(text, type_)


def _integer(value: Any, bits: int) -> int:
    if type(value) is float and whole(value):
        raise WrittenValue
    if type(value) is Decimal and abs(value) <= EXACT_DOUBLE and value == value.to_integral_value():
        value = int(value)
    if type(value) is not int or not -(1 << bits) <= value < 1 << bits:
        raise ValueError("not an integer in range")
    return value


def _double(value: Any) -> float:
    if type(value) not in (int, float, Decimal):
        raise ValueError("not a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("too large")
    return number


def _decimal(value: Any, precision: int, scale: int) -> Decimal:
    if (type(value) is str and NUMBER.fullmatch(value)) or type(value) is int:
        value = Decimal(value)
    elif type(value) is float:
        value = Decimal(repr(value))
    if type(value) is not Decimal or not value.is_finite():
        raise ValueError("not a number")
    if value == 0:
        return Decimal(0)
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    digits, exponent = digits[: len(digits) - zeros], exponent + zeros
    if -exponent > scale or len(digits) + exponent > precision - scale:
        raise ValueError("too many digits")
    return Decimal((sign, digits, exponent))


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(_of(value, str), validate=True)
    except binascii.Error as e:
        raise ValueError("not base64") from e


def _time(value: Any, parse: Callable[[pa.Array], pa.Array]) -> datetime.date:
    found: datetime.date | None = parse(pa.array([_of(value, str)]))[0].as_py()
    if found is None:
        raise ValueError("not a date or time")
    return found
