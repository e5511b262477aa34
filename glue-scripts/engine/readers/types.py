"""Converts contract types, such as `int`, `decimal(10,2)` or `array<struct<a:int,b:string>>`, to Arrow types and back."""

import re
from functools import cache

import pyarrow as pa

SIMPLE: dict[str, pa.DataType] = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "binary": pa.binary(),
}

_DECIMAL = re.compile(r"decimal\(([0-9]+),([0-9]+)\)")
_NESTED = re.compile(r"(array|map|struct)<(.+)>")


@cache
def arrow_type(text: str) -> pa.DataType:
    """The Arrow type of a contract type, written without blanks as in the plan. Raises ValueError for any other text."""
    if (simple := SIMPLE.get(text)) is not None:
        return simple
    if (size := decimal_of(text)) is not None:
        return pa.decimal128(*size)
    if _NESTED.fullmatch(text) is None:
        raise ValueError(f"unknown type: {text!r}")
    match kind_of(text):
        case "array":
            [element] = inner_types(text)
            return pa.list_(pa.field("element", arrow_type(element)))
        case "map":
            key, value = inner_types(text)
            return pa.map_(arrow_type(key), arrow_type(value))
        case _:
            return pa.struct([pa.field(name, arrow_type(type_)) for name, type_ in fields_of(text)])


def decimal_of(text: str) -> tuple[int, int] | None:
    """Precision and scale of a decimal; None for any other type."""
    found = _DECIMAL.fullmatch(text)
    return None if found is None else (int(found[1]), int(found[2]))


def is_nested(text: str) -> bool:
    return text.endswith(">")


def kind_of(text: str) -> str:
    """`array` for `array<int>`, `decimal` for `decimal(10,2)`; a simple type itself."""
    return re.split("[<(]", text, maxsplit=1)[0]


def inner_types(text: str) -> list[str]:
    """For an array, the type of its elements; for a map, the types of its keys and values."""
    return split(text[text.index("<") + 1 : -1])


def fields_of(text: str) -> list[tuple[str, str]]:
    """The names and types of a struct's fields."""
    named = [part.partition(":") for part in inner_types(text)]
    return [(name, type_) for name, _, type_ in named]


def split(text: str) -> list[str]:
    """The parts between commas outside brackets: `a:int,b:map<int,int>` has two."""
    parts, depth, start = [], 0, 0
    for i, sign in enumerate(text):
        if sign in "<(":
            depth += 1
        elif sign in ">)":
            depth -= 1
        elif sign == "," and not depth:
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]


_NAMES = {kind: name for name, kind in SIMPLE.items()}


def type_name(kind: pa.DataType) -> str:
    """The contract type for an Arrow type; Arrow's own name if there is no contract type."""
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_struct(kind):
        return f"struct<{','.join(f'{field.name}:{type_name(field.type)}' for field in kind)}>"
    if pa.types.is_map(kind):
        return f"map<{type_name(kind.key_type)},{type_name(kind.item_type)}>"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"array<{type_name(kind.value_type)}>"
    if pa.types.is_large_string(kind) or kind == pa.string_view():
        return "string"
    if pa.types.is_large_binary(kind) or kind == pa.binary_view():
        return "binary"
    return _NAMES.get(kind, str(kind))
