"""The types of a contract as Arrow types: `int`, `decimal(10,2)`, `array<struct<a:int,b:string>>`."""

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
    """Of a type as the plan writes it, without blanks. Raises ValueError for any other text."""
    if (simple := SIMPLE.get(text)) is not None:
        return simple
    if (size := decimal_of(text)) is not None:
        return pa.decimal128(*size)
    nested = _NESTED.fullmatch(text)
    if nested is None:
        raise ValueError(f"no such type: {text!r}")
    parts = split(nested[2])
    match nested[1]:
        case "array":
            return pa.list_(pa.field("element", arrow_type(nested[2])))
        case "map":
            key, value = parts
            return pa.map_(arrow_type(key), arrow_type(value))
        case _:
            named = [part.partition(":") for part in parts]
            return pa.struct([pa.field(name, arrow_type(type_)) for name, _, type_ in named])


def decimal_of(text: str) -> tuple[int, int] | None:
    """Precision and scale of a decimal, None for any other type."""
    found = _DECIMAL.fullmatch(text)
    return None if found is None else (int(found[1]), int(found[2]))


def is_nested(text: str) -> bool:
    return text.endswith(">")


def split(text: str) -> list[str]:
    """The parts between commas that no bracket holds: `a:int,b:map<int,int>` has two."""
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
