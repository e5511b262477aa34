"""Parquet: typed already, so its columns either fit the declared types without loss, or the file is refused."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pt

from engine.faults import Fault
from engine.readers.chunk import Chunk, FileRows, Reject, bad_byte
from engine.readers.types import arrow_type

BATCH_ROWS = 64 << 10


def _is_small_integer(found: pa.DataType) -> bool:
    return pt.is_integer(found) and (found.bit_width < 32 or found == pa.int32())


def _is_text(found: pa.DataType) -> bool:
    if pt.is_dictionary(found):
        return _is_text(found.value_type)
    return bool(pt.is_string(found) or pt.is_large_string(found) or pt.is_string_view(found))


# What each declared type takes: every value of the found type is one of the declared type. Fractions of a second finer
# than a microsecond are cut off, and a timestamp without a zone is UTC.
WIDENS: Mapping[str, Callable[[pa.DataType], bool]] = {
    "string": _is_text,
    "boolean": pt.is_boolean,
    "int": _is_small_integer,
    "bigint": lambda found: pt.is_integer(found) and found != pa.uint64(),
    "double": lambda found: pt.is_floating(found) or _is_small_integer(found) or found == pa.uint32(),
    "date": pt.is_date,
    "timestamp": pt.is_timestamp,
}


def read_parquet(
    stream: BinaryIO, columns: Sequence[Mapping[str, Any]], headers: Sequence[str], rows: FileRows
) -> Iterator[Chunk]:
    """The chunks of a Parquet file. Raises MR205 for a column that is missing or does not fit, MR207 for no Parquet."""
    names = [column["name"] for column in columns]
    try:
        file = pq.ParquetFile(stream)
        _check(file.schema_arrow, columns, headers, rows.source_file)
        number = 0
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=list(dict.fromkeys(headers))):
            found = [batch.column(header) for header in headers]
            arrays = [_fit(array, column["type"]) for array, column in zip(found, columns, strict=True)]
            yield _chunk(arrays, names, number, rows)
            number += len(batch)
    # A broken page is an OSError to Arrow, a broken footer ArrowInvalid, an unknown codec ArrowNotImplementedError.
    except (pa.ArrowException, OSError) as e:
        hint = "write the file again, or take it out of the folder"
        raise Fault("MR207", rows.source_file, f"not a readable Parquet file: {e}", hint) from e


def _check(schema: pa.Schema, columns: Sequence[Mapping[str, Any]], headers: Sequence[str], path: str) -> None:
    faults = []
    hint = ""
    for column, header in zip(columns, headers, strict=True):
        places = schema.get_all_field_indices(header)
        if len(places) != 1:
            faults.append(f'column "{header}" is {"there more than once" if places else "missing"}')
            near = get_close_matches(header, schema.names, n=1)
            if not places and near:
                hint = f'did you mean "{near[0]}"? Map it with `headers`'
            continue
        found = schema.field(places[0]).type
        if not pt.is_null(found) and not WIDENS[column["type"]](found):
            faults.append(f'column "{header}" is {found}, which does not fit {column["type"]}')
            hint = hint or "declare the column with the type that the file has, and cast it in a silver table"
    if faults:
        raise Fault("MR205", path, "; ".join(faults), hint)


def _fit(array: pa.Array, type_: str) -> pa.Array:
    if pt.is_dictionary(array.type):
        array = array.dictionary_decode()
    # Only nanoseconds lose anything; of seconds that are no microseconds Arrow says so.
    safe = not (pt.is_timestamp(array.type) and array.type.unit == "ns")
    return array.cast(arrow_type(type_), safe=safe)


def _chunk(arrays: list[pa.Array], names: Sequence[str], number: int, rows: FileRows) -> Chunk:
    """Parquet writers do not check text; a row with bytes that are not UTF-8 is rejected as in the other formats."""
    numbers = np.arange(number, number + len(arrays[0]))
    why: dict[int, str] = {}
    for name, array in zip(names, arrays, strict=True):
        if pt.is_string(array.type) and not _is_utf8(array):
            for i, raw in enumerate(array.cast(pa.binary()).to_pylist()):
                if raw is not None and (reason := bad_byte(raw)):
                    why.setdefault(i, f'"{name}": {reason}')
    if not why:
        return rows.chunk(names, arrays, numbers, [])
    rejects = [
        Reject(number + i, "encoding", f"row {number + i + 1}: {reason}", _raw(arrays, names, i))
        for i, reason in why.items()
    ]
    accepted = np.delete(np.arange(len(numbers)), list(why))
    return rows.chunk(names, [pc.take(array, pa.array(accepted)) for array in arrays], numbers[accepted], rejects)


def _is_utf8(array: pa.Array) -> bool:
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _raw(arrays: list[pa.Array], names: Sequence[str], i: int) -> bytes:
    cells = []
    for name, array in zip(names, arrays, strict=True):
        cell = array[i].cast(pa.string(), safe=False) if not pt.is_string(array.type) else array[i]
        value = cell.cast(pa.binary()).as_py()
        cells.append(f"{name}=".encode() + (b"null" if value is None else value))
    return b", ".join(cells)
