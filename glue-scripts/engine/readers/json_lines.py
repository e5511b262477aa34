"""JSON lines: one object per line, in strict JSON. Its declared keys become typed columns.

A missing key is null, and other keys are ignored. A line is rejected if it is not an object, has none of the declared
keys, has a value of another type, or contains an object with a duplicate key. Keys that differ in case are different keys.
"""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from engine.plan_types import JsonSource
from engine.readers.blocks import RECORD_BYTES, LineRecords, Readable, blocks, filled_lines
from engine.readers.chunk import Chunk, Reject, bad_byte, text
from engine.readers.columns import Wanted
from engine.readers.json_column import to_column
from engine.readers.json_keys import duplicate_key, surely_unique
from engine.readers.json_value import value_text
from engine.readers.reading import Reading

# Larger slices are slower, because their objects do not fit into the processor's cache (measured).
SLICE_BYTES = 256 << 10
SHOWN = 60
#: The number of lines at the start of a file that are searched for unlisted keys.
UNLISTED_LINES = 100


Why = dict[int, tuple[str, str]]


def read_json(stream: Readable, reading: Reading[JsonSource]) -> Iterator[Chunk]:
    """The chunks of a JSON lines file, of 256 KB or one line each."""
    names, columns, rows, notes = reading.names, reading.columns, reading.rows, reading.notes
    number, first_line = 0, 1
    for data, broken, _ in blocks(stream, LineRecords(), min(reading.block_size, SLICE_BYTES)):
        lines, places = filled_lines(data, first_line)
        why: Why = {}
        if broken:
            why[0] = (f"json:{broken}", f"part of a line of more than {RECORD_BYTES >> 20} MB")
        objects = [] if broken else _objects(lines, data, why)
        if first_line == 1:
            notes.unlisted += _unlisted(objects[:UNLISTED_LINES], columns)
        arrays = _columns(objects, lines, columns, why)
        first_line += data.count(b"\n")
        if lines:
            numbers = np.delete(np.arange(number, number + len(lines)), list(why))
            rejects = [
                Reject(number + i, rule, f"line {places[i]}: {reason}", lines[i].rstrip(b"\r"))
                for i, (rule, reason) in why.items()
            ]
            number += len(lines)
            yield rows.chunk(names, arrays, numbers, rejects)


def _unlisted(objects: list[dict[str, Any]], columns: Sequence[Wanted]) -> list[str]:
    """The keys without a column, in order of appearance."""
    taken = {column.header for column in columns}
    return [key for key in dict.fromkeys(chain.from_iterable(objects)) if key not in taken]


def _objects(lines: list[bytes], data: bytes, why: Why) -> list[dict[str, Any]]:
    """The object of each line. A rejected line gives an empty one and a reason in `why`. `data`: the lines as read."""
    try:
        values = list(map(orjson.loads, lines))
        if set(map(type, values)) <= {dict} and surely_unique(data, values):
            return values
    except ValueError:
        pass  # the loop finds the invalid line
    return [_object(i, line, why) for i, line in enumerate(lines)]


def _object(i: int, line: bytes, why: Why) -> dict[str, Any]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as e:
        if reason := bad_byte(line):
            why[i] = ("encoding", reason)
        else:
            why[i] = ("json:syntax", f"{e.msg} at column {e.colno}")
        return {}
    if type(value) is dict:
        key = None if surely_unique(line, [value]) else duplicate_key(line)
        if key is None:
            return value
        why[i] = ("json:duplicate", f"duplicate key {_shown(json.dumps(key, ensure_ascii=False))}")
        return {}
    why[i] = ("json:object", f"expected an object, found {_shown(text(line).strip())}")
    return {}


def _columns(objects: list[dict[str, Any]], lines: list[bytes], columns: Sequence[Wanted], why: Why) -> list[pa.Array]:
    """The columns of the accepted lines. Adds to `why` the lines with a wrong value or without any declared key."""
    if not objects:
        return [pa.array([], column.arrow) for column in columns]
    arrays = []
    for column in columns:
        key = column.header
        values = [value.get(key) for value in objects]
        array, refused = to_column(values, column.type, partial(_text, objects, lines, key))
        for i in sorted(refused):
            found = _shown(_text(objects, lines, key, i))
            why.setdefault(i, (f"json:type:{column.name}", f'"{key}" is {found}, expected {column.type}'))
        arrays.append(array)
    keys = {column.header for column in columns}
    if arrays[0].null_count:
        for i in np.flatnonzero(arrays[0].is_null().to_numpy(zero_copy_only=False)).tolist():
            if i not in why and keys.isdisjoint(objects[i]):
                why[i] = ("json:object", "the object has none of the declared columns")
    if why:
        accepted = np.delete(np.arange(len(objects)), list(why))
        arrays = [array.take(pa.array(accepted)) for array in arrays]
    return arrays


def _text(objects: list[dict[str, Any]], lines: list[bytes], key: str, i: int) -> str:
    value = objects[i][key]
    if value and type(value) in (int, bool, str):
        return orjson.dumps(value).decode()  # the text in the line, except for escapes; ten times faster
    return value_text(lines[i], key)


def _shown(value: str) -> str:
    return value if len(value) <= SHOWN else f"{value[:SHOWN]}..."
