"""Parquet: its columns are typed. Each must fit its declared type without loss, or the file is refused.

Only times may lose precision: they are rounded down to microseconds. A time outside the years 1 to 9999 rejects its row.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as pt

from engine.faults import Fault
from engine.plan_types import ParquetSource
from engine.readers.chunk import Chunk, FileRows, Reject, bad_byte, text
from engine.readers.columns import Wanted
from engine.readers.parquet_fit import Lost, fits, fitted, nearest
from engine.readers.reading import Reading

BATCH_ROWS = 64 << 10


def read_parquet(opened: Callable[[], BinaryIO], reading: Reading[ParquetSource]) -> Iterator[Chunk]:
    """The chunks of a Parquet file. Raises MR205 for a column that is missing or does not fit, MR207 for an invalid file."""
    columns, rows, notes = reading.columns, reading.rows, reading.notes
    try:
        first = opened()
        if _is_empty(first):
            return
        file = pq.ParquetFile(first, coerce_int96_timestamp_unit="us")
        schema = file.schema_arrow
        _check(schema, columns, rows.source_file)
        notes.absent += [column.name for column in columns if column.header not in schema.names]
        headers = [column.header for column in columns if column.header in schema.names]
        notes.unlisted += [name for name in schema.names if name not in headers]
        wanted = list(dict.fromkeys(headers))
        number = 0
        seconds = _in_seconds(file, opened, wanted)
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=wanted):
            yield _chunk(batch, next(seconds) if seconds else None, columns, number, rows)
            number += len(batch)
    # Arrow raises OSError for a broken page, ArrowInvalid for a broken footer, ArrowNotImplementedError for an unknown codec.
    except (pa.ArrowException, OSError) as e:
        hint = "write the file again, or remove it from the folder"
        raise Fault("MR207", rows.source_file, f"not a readable Parquet file: {e}", hint) from e


def _is_empty(stream: BinaryIO) -> bool:
    empty = not stream.read(1)
    stream.seek(0)
    return empty


def _in_seconds(
    file: pq.ParquetFile, opened: Callable[[], BinaryIO], wanted: list[str]
) -> Iterator[pa.RecordBatch] | None:
    """The same batches with INT96 times in seconds; None if the file has no INT96 times.

    In microseconds such a time may overflow 64 bits without an error from Arrow; in seconds every time fits.
    """
    leaves = [file.schema.column(i) for i in range(len(file.schema))]
    old = {leaf.path.split(".")[0] for leaf in leaves if leaf.physical_type == "INT96"}
    if old.isdisjoint(name.split(".")[0] for name in wanted):
        return None
    again = pq.ParquetFile(opened(), coerce_int96_timestamp_unit="s")
    batches: Iterator[Any] = again.iter_batches(batch_size=BATCH_ROWS, columns=wanted)
    return batches


def _check(schema: pa.Schema, columns: Sequence[Wanted], path: str) -> None:
    faults = []
    hint = ""
    for column in columns:
        header = column.header
        places = schema.get_all_field_indices(header)
        if not places and column.may_lack:
            continue
        if len(places) != 1:
            faults.append(f'column "{header}" {"appears more than once" if places else "is missing"}')
            near = get_close_matches(header, schema.names, n=1)
            if not places:
                hint = f'did you mean "{near[0]}"? Map it with `headers`' if near else hint or LACK
            continue
        found = schema.field(places[0]).type
        if not fits(found, column.arrow):
            faults.append(f'column "{header}" is {found}, which does not fit {column.type}')
            exact = nearest(found)
            hint = hint or (
                f"declare it '{exact}', and cast it in a silver table"
                if exact
                else f"leave the column out, or write it as text: Millrace has no type for {found}"
            )
    if faults:
        raise Fault("MR205", path, "; ".join(faults), hint)


LACK = "remove the column from the source, or list it in `mayLack` if older files lack it"


def _chunk(
    batch: pa.RecordBatch, seconds: pa.RecordBatch | None, columns: Sequence[Wanted], number: int, rows: FileRows
) -> Chunk:
    """The chunk of a batch. Parquet writers do not check text, so a row with invalid UTF-8 is rejected, as in other formats."""
    count = len(batch)
    numbers = np.arange(number, number + count)
    why: dict[int, tuple[str, str]] = {}
    arrays = []
    for column in columns:
        type_ = column.arrow
        if column.header not in batch.schema.names:
            arrays.append(pa.nulls(count, type_))
            continue
        array, lost = fitted(batch.column(column.header), type_)
        if seconds is not None:
            lost = lost | fitted(seconds.column(column.header), type_)[1]
        arrays.append(array)
        _times(column, lost, why)
        _texts(column, array, why)
    names = [column.name for column in columns]
    if not why:
        return rows.chunk(names, arrays, numbers, [])
    rejects = [
        Reject(number + i, rule, f"row {number + i + 1}: {reason}", _raw(batch, columns, i))
        for i, (rule, reason) in why.items()
    ]
    accepted = pa.array(np.delete(np.arange(count), list(why)))
    return rows.chunk(names, [array.take(accepted) for array in arrays], numbers[accepted], rejects)


def _times(column: Wanted, lost: Lost, why: dict[int, tuple[str, str]]) -> None:
    for i in np.flatnonzero(lost).tolist():
        why.setdefault(i, (f"parquet:time:{column.name}", f'"{column.name}" is outside the years 1 to 9999'))


def _texts(column: Wanted, array: pa.Array, why: dict[int, tuple[str, str]]) -> None:
    if _is_utf8(array):
        return
    for i in range(len(array)):
        if pt.is_string(array.type):
            raw = array[i].cast(pa.binary()).as_py()
            reason = None if raw is None else bad_byte(raw)
        else:
            one = array.take(pa.array([i]))
            reason = None if _is_utf8(one) else "it contains text that is not UTF-8"
        if reason:
            why.setdefault(i, ("encoding", f'"{column.name}": {reason}'))


def _is_utf8(array: pa.Array) -> bool:
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _raw(batch: pa.RecordBatch, columns: Sequence[Wanted], i: int) -> bytes:
    cells = []
    for column in columns:
        if column.header in batch.schema.names:
            cells.append(f"{column.name}=".encode() + _cell(batch.column(column.header), i))
    return b", ".join(cells)


def _cell(array: pa.Array, i: int) -> bytes:
    one = array.take(pa.array([i]))
    if pt.is_dictionary(one.type):
        one = one.dictionary_decode()
    if not one[0].is_valid:
        return b"null"
    try:
        found = one.cast(pa.string(), safe=False)
        return bytes(found.cast(pa.binary())[0].as_py())
    except pa.ArrowException:
        pass  # a nested value, or a time out of range
    try:
        value = one[0].as_py()
    except (ValueError, OverflowError):
        value = one.cast(_plainer(one.type))[0].as_py()
    return json.dumps(value, default=_shown, ensure_ascii=False).encode()


def _plainer(type_: pa.DataType) -> pa.DataType:
    """The type with bytes instead of text and integers instead of times, because Python accepts all of their values."""
    if pt.is_string(type_) or pt.is_large_string(type_):
        return pa.binary()
    if pt.is_timestamp(type_):
        return pa.int64()
    if pt.is_date(type_):
        return pa.int32()
    if pt.is_struct(type_):
        return pa.struct([pa.field(field.name, _plainer(field.type)) for field in type_])
    if pt.is_map(type_):
        return pa.map_(_plainer(type_.key_type), _plainer(type_.item_type))
    return pa.list_(_plainer(type_.value_type)) if pt.is_list(type_) or pt.is_large_list(type_) else type_


def _shown(value: object) -> str:
    return text(value) if isinstance(value, bytes) else str(value)
