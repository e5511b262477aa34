"""Converts JSON values to a column of the declared type, and finds those of another type."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from engine.readers.json_nested import to_nested, whole
from engine.readers.times import to_dates, to_timestamps
from engine.readers.types import SIMPLE, arrow_type

NONE = type(None)
# Column type -> the Python types that Arrow converts to it; only ranges need a check.
DIRECT: dict[str, set[type]] = {
    "string": {str, NONE},
    "boolean": {bool, NONE},
    "int": {int, NONE},
    "bigint": {int, NONE},
    "double": {int, float, NONE},
    "date": {str, NONE},
    "timestamp": {str, NONE},
}
INTEGER_BITS = {"int": 31, "bigint": 63}


def to_column(values: Sequence[Any], type_: str, text: Callable[[int], str]) -> tuple[pa.Array, set[int]]:
    """The values as an Arrow array, and the indices of those that are not of the type, which are null in the array.

    `text(i)`: value i as the file writes it, for a value in a string column that is not a string.
    """
    if type_ not in DIRECT:
        return to_nested(values, arrow_type(type_), text)
    dated = type_ in ("date", "timestamp")
    refused: set[int] = set()
    array: pa.Array | None = None
    if set(map(type, values)) <= DIRECT[type_]:
        try:
            array = pa.array(values, pa.string() if dated else SIMPLE[type_])
        except (pa.ArrowInvalid, OverflowError):
            array = None  # an integer is out of range: check the values one by one below
    if array is None:
        fitted = []
        for i, value in enumerate(values):
            fits, value = (True, None) if value is None else _fit(value, type_, text, i)
            fitted.append(value)
            if not fits:
                refused.add(i)
        array = pa.array(fitted, pa.string() if dated else SIMPLE[type_])
    if not dated:
        return array, refused
    column = to_dates(array) if type_ == "date" else to_timestamps(array)
    if column.null_count > array.null_count:
        refused.update(pc.indices_nonzero(pc.and_(column.is_null(), array.is_valid())).to_pylist())
    return column, refused


def _fit(value: Any, type_: str, text: Callable[[int], str], i: int) -> tuple[bool, Any]:
    """Whether a value that is not null is of the type, and the value to store."""
    kind = type(value)
    if type_ == "string":
        return True, value if kind is str else text(i)
    if bits := INTEGER_BITS.get(type_):
        if kind is float and whole(value) and Decimal(text(i)) == int(value):
            value = int(value)  # 3.0 and 3e2 are integers, but 0.99999999999999999999 is not, although its double is 1
        fits = type(value) is int and -(1 << bits) <= value < 1 << bits
    elif type_ == "double":
        fits = kind is int or kind is float
        value = float(value) if fits else None
    else:
        fits = kind in DIRECT[type_]
    return fits, value if fits else None
