"""Runs Arrow's CSV parser on one block of whole records in valid UTF-8."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc

from engine.readers.blocks import BOM
from engine.readers.csv_dialect import Dialect


def parse_options(dialect: Dialect, **more: Any) -> pc.ParseOptions:
    return pc.ParseOptions(
        delimiter=dialect.delimiter,
        quote_char=dialect.quote if dialect.quoted else False,
        escape_char=dialect.escape or False,
        newlines_in_values=True,
        **more,
    )


def parse_records(data: bytes, width: int, dialect: Dialect, fields: Sequence[int]) -> tuple[pa.Table, dict[int, int]]:
    """The cells of `fields` as strings, in columns named by position; and for each record of another width, its index -> width.

    An empty cell is null, a quoted empty cell is ''. Blank lines are not records.
    """
    refused: dict[int, int] = {}

    def refuse(row: pc.InvalidRow) -> str:
        refused[row.number - 1] = row.actual_columns
        return "skip"

    if dialect.escape is not None or not data.endswith(b"\n"):
        # A final line end may be escaped. And without one, Arrow 20 gives an empty last cell the quotes of the cell before it.
        data += b"\n"
    table = pc.read_csv(
        # Arrow removes a byte-order mark from every buffer. In the middle of a file it is part of a cell, so hide it.
        pa.BufferReader(b"\n" + data if data.startswith(BOM) else data),
        # Arrow numbers rows only on a single thread. One block, because it refuses a record longer than a block.
        read_options=pc.ReadOptions(
            use_threads=False, block_size=len(data) + 2, column_names=[str(i) for i in range(width)]
        ),
        parse_options=parse_options(dialect, invalid_row_handler=refuse),
        convert_options=pc.ConvertOptions(
            include_columns=[str(i) for i in sorted(set(fields))],
            column_types={str(i): pa.string() for i in fields},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    return table, refused


def parse_header(record: bytes, dialect: Dialect) -> list[str]:
    """The names in a header record, without surrounding blanks."""
    text = record.decode("utf-8", "backslashreplace").encode() + b"\n"
    try:
        table = pc.read_csv(
            pa.BufferReader(text),
            read_options=pc.ReadOptions(use_threads=False, block_size=len(text) + 1, autogenerate_column_names=True),
            parse_options=parse_options(dialect),
            # All strings: otherwise a name that looks like a number or a date would be reformatted.
            convert_options=pc.ConvertOptions(
                column_types={f"f{i}": pa.string() for i in range(text.count(dialect.delimiter.encode()) + 1)}
            ),
        )
    except pa.ArrowInvalid:
        return [text.decode().strip()]  # an unclosed quote: take the whole header as one name
    return [str(name).strip() for name in table.to_pylist()[0].values()]
