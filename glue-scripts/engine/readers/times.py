"""Converts text to dates and times, and times to microseconds. An invalid value becomes null."""

import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.readers.types import SIMPLE

# Every valid date matches, so a string that does not match is invalid without the slower bisection (70 us per string, measured).
DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([ T]([01][0-9]|2[0-3]).*)?$"
ZONE = r"^.{11,}(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"

EPOCH = datetime.datetime(1970, 1, 1)
#: The first and last microsecond of the years 1 to 9999, which every program that reads the table can represent.
FIRST, LAST = ((moment - EPOCH) // datetime.timedelta(microseconds=1) for moment in (EPOCH.min, EPOCH.max))
FIRST_DAY, LAST_DAY = FIRST // 86_400_000_000, LAST // 86_400_000_000


def to_dates(strings: pa.Array) -> pa.Array:
    return days_within(_cast(strings, pa.date32()))


def to_timestamps(strings: pa.Array) -> pa.Array:
    """ISO 8601 to microseconds. Finer digits are cut off, which rounds towards the past. A time without a zone is UTC."""
    zoned_type = SIMPLE["timestamp"]
    try:
        return within(strings.cast(zoned_type))
    except pa.ArrowInvalid:
        cut = pc.replace_substring_regex(strings, r"(\.[0-9]{6})[0-9]{1,3}", r"\1")
        zoned = pc.match_substring_regex(cut, ZONE)
        none = pa.scalar(None, pa.string())
        with_zone = _cast(pc.if_else(zoned, cut, none), zoned_type)
        without = _cast(pc.if_else(zoned, none, cut), pa.timestamp("us"))
        return within(pc.coalesce(with_zone, without.cast(zoned_type)))


def within(times: pa.Array) -> pa.Array:
    """The times, with null for those outside the years 1 to 9999."""
    return _bounded(times, times.cast(pa.int64()), FIRST, LAST)


def days_within(dates: pa.Array) -> pa.Array:
    """The dates, with null for those outside the years 1 to 9999."""
    return _bounded(dates, dates.cast(pa.int32()).cast(pa.int64()), FIRST_DAY, LAST_DAY)


def _bounded(array: pa.Array, numbers: pa.Array, first: int, last: int) -> pa.Array:
    ends = pc.min_max(numbers).as_py()
    if ends["min"] is None or (ends["min"] >= first and ends["max"] <= last):
        return array
    fits = pc.and_(pc.greater_equal(numbers, first), pc.less_equal(numbers, last))
    return pc.if_else(fits, array, pa.scalar(None, array.type))


def to_microseconds(times: pa.Array) -> pa.Array:
    """Timestamps of any unit in microseconds, rounded towards the past; null outside the years 1 to 9999. No zone means UTC."""
    unit = times.type.unit
    numbers = times.cast(pa.int64())
    if unit == "ns":
        floored = np.floor_divide(numbers.fill_null(0).to_numpy(zero_copy_only=False), 1000)
        numbers = pc.if_else(numbers.is_valid(), pa.array(floored), pa.scalar(None, pa.int64()))
    elif unit != "us":
        size = {"s": 1_000_000, "ms": 1000}[unit]
        numbers = pc.multiply(_bounded(numbers, numbers, FIRST // size, LAST // size), size)
    return within(numbers.cast(SIMPLE["timestamp"]))


def _cast(strings: pa.Array, type_: pa.DataType) -> pa.Array:
    """The strings as `type_`; null where a string does not parse."""
    try:
        return strings.cast(type_)
    except pa.ArrowInvalid:
        none = pa.scalar(None, pa.string())
        return cast_or_null(pc.if_else(pc.match_substring_regex(strings, DAY), strings, none), type_)


def cast_or_null(strings: pa.Array, type_: pa.DataType) -> pa.Array:
    """The strings as `type_`; null where one is invalid. Bisects on failure, because Arrow's cast is all or nothing."""
    try:
        return strings.cast(type_)
    except pa.ArrowInvalid:
        if len(strings) == 1:
            return pa.nulls(1, type_)
        half = len(strings) // 2
        return pa.concat_arrays([cast_or_null(strings[:half], type_), cast_or_null(strings[half:], type_)])
