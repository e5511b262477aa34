"""Converts Parquet columns to the declared type, and decides which types fit it without loss."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.types as pt

from engine.readers.times import days_within, to_microseconds

Lost = npt.NDArray[np.bool_]

#: Bits of an integer -> its largest number of digits.
DIGITS = {8: 3, 16: 5, 32: 10, 64: 19}


def fits(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether `wanted` holds every value of `found`. Times are an exception: they are rounded and limited to the years 1 to 9999.

    A struct must have every wanted field; it may have more, in any order.
    """
    if isinstance(found, pa.BaseExtensionType):
        return fits(found.storage_type, wanted)
    if pt.is_dictionary(found):
        return fits(found.value_type, wanted)
    if pt.is_null(found):
        return True
    if pt.is_struct(wanted):
        return pt.is_struct(found) and all(
            found.get_field_index(field.name) >= 0 and fits(found.field(field.name).type, field.type)
            for field in wanted
        )
    if pt.is_map(wanted):
        return pt.is_map(found) and fits(found.key_type, wanted.key_type) and fits(found.item_type, wanted.item_type)
    if pt.is_list(wanted):
        return _is_list(found) and fits(found.value_type, wanted.value_type)
    if pt.is_decimal(wanted):
        scale, digits = wanted.scale, wanted.precision - wanted.scale
        if pt.is_integer(found):
            return bool(DIGITS[found.bit_width] + (found == pa.uint64()) <= digits)
        return bool(pt.is_decimal(found) and found.scale <= scale and found.precision - found.scale <= digits)
    if pt.is_binary(wanted):
        return _is_bytes(found)
    if wanted == pa.int32():
        return _is_small_integer(found)
    if wanted == pa.int64():
        return bool(pt.is_integer(found) and found != pa.uint64())
    if wanted == pa.float64():
        return pt.is_floating(found) or _is_small_integer(found) or found == pa.uint32()
    if pt.is_date(wanted):
        return bool(pt.is_date(found))
    if pt.is_timestamp(wanted):
        return bool(pt.is_timestamp(found))
    return _is_text(found) if pt.is_string(wanted) else bool(found == wanted)


def nearest(found: pa.DataType) -> str | None:
    """The type to declare for a column of this type; None if no type holds it."""
    if isinstance(found, pa.BaseExtensionType):
        return nearest(found.storage_type)
    if pt.is_dictionary(found):
        return nearest(found.value_type)
    if pt.is_struct(found):
        inner = [(field.name, nearest(field.type)) for field in found]
        return f"struct<{','.join(f'{name}:{type_}' for name, type_ in inner)}>" if all(t for _, t in inner) else None
    if pt.is_map(found):
        key, value = nearest(found.key_type), nearest(found.item_type)
        return f"map<{key},{value}>" if key and value else None
    if _is_list(found):
        element = nearest(found.value_type)
        return f"array<{element}>" if element else None
    if pt.is_decimal(found):
        return f"decimal({found.precision},{found.scale})" if found.precision <= 38 else None
    if found == pa.uint64():
        return "decimal(20,0)"
    for name, holds in {
        "boolean": pt.is_boolean,
        "int": _is_small_integer,
        "bigint": pt.is_integer,
        "double": pt.is_floating,
        "date": pt.is_date,
        "timestamp": pt.is_timestamp,
        "string": _is_text,
        "binary": _is_bytes,
    }.items():
        if holds(found):
            return name
    return None


def fitted(array: pa.Array, wanted: pa.DataType) -> tuple[pa.Array, Lost]:
    """The values in the wanted type, and a mask of those with a time outside the years 1 to 9999, which are null in the array."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pt.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pt.is_null(array.type):
        return pa.nulls(len(array), wanted), np.zeros(len(array), np.bool_)
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    if pt.is_timestamp(wanted) or pt.is_date(wanted):
        found = to_microseconds(array) if pt.is_timestamp(wanted) else days_within(array.cast(wanted))
        return found, found.is_null().to_numpy(zero_copy_only=False) & valid
    if pt.is_struct(wanted):
        children = [fitted(array.field(field.name), field.type) for field in wanted]
        lost = np.logical_or.reduce([inner for _, inner in children])
        values = [child for child, _ in children]
        return pa.StructArray.from_arrays(values, fields=list(wanted), mask=array.is_null()), lost & valid
    if not pt.is_map(wanted) and not pt.is_list(wanted):
        return array.cast(wanted), np.zeros(len(array), np.bool_)
    if not pt.is_map(wanted):
        array = array.cast(pa.list_(array.type.value_type))
    offsets = array.offsets.to_numpy()
    starts = pa.array(offsets)
    if pt.is_map(wanted):
        keys, lost_keys = fitted(array.keys, wanted.key_type)
        items, lost = fitted(array.items, wanted.item_type)
        lost = lost | lost_keys
        values = pa.MapArray.from_arrays(starts, keys, items, type=wanted, mask=array.is_null())
    else:
        flat, lost = fitted(array.values, wanted.value_type)
        values = pa.ListArray.from_arrays(starts, flat, type=wanted, mask=array.is_null())
    before = np.concatenate([[0], np.cumsum(lost)])
    return values, (before[offsets[1:]] > before[offsets[:-1]]) & valid


def _is_small_integer(found: pa.DataType) -> bool:
    return bool(pt.is_integer(found) and (found.bit_width < 32 or found == pa.int32()))


def _is_list(found: pa.DataType) -> bool:
    return bool(pt.is_list(found) or pt.is_large_list(found) or pt.is_fixed_size_list(found))


def _is_text(found: pa.DataType) -> bool:
    return bool(pt.is_string(found) or pt.is_large_string(found) or pt.is_string_view(found))


def _is_bytes(found: pa.DataType) -> bool:
    return bool(
        pt.is_binary(found) or pt.is_large_binary(found) or pt.is_fixed_size_binary(found) or pt.is_binary_view(found)
    )
