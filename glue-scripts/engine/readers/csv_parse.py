"""Arrow's CSV parser over one block of whole records in valid UTF-8."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.csv as pc

from engine.readers.blocks import BOM


def parse_records(data: bytes, width: int, delimiter: str, fields: Sequence[int]) -> tuple[pa.Table, dict[int, int]]:
    """The strings of `fields`, in columns named by position; and of each record of another width, index -> its width.

    An empty cell is null, a quoted empty one ''. Blank lines are no records.
    """
    refused: dict[int, int] = {}

    def refuse(row: pc.InvalidRow) -> str:
        refused[row.number - 1] = row.actual_columns
        return "skip"

    if not data.endswith(b"\n"):
        data += b"\n"  # an empty last cell that nothing ends takes the quotes of the cell before it (Arrow 20)
    table = pc.read_csv(
        # Arrow takes a byte-order mark off whatever it is given; here it would be off a cell in the midst of the file.
        pa.BufferReader(b"\n" + data if data.startswith(BOM) else data),
        # Rows are numbered on one thread only. One block, because Arrow refuses a record that is longer than a block.
        read_options=pc.ReadOptions(
            use_threads=False, block_size=len(data) + 2, column_names=[str(i) for i in range(width)]
        ),
        parse_options=pc.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=refuse),
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


def parse_header(record: bytes, delimiter: str) -> list[str]:
    """The names in a header record, without the blanks around them."""
    text = record.decode("utf-8", "backslashreplace").encode() + b"\n"
    try:
        table = pc.read_csv(
            pa.BufferReader(text),
            read_options=pc.ReadOptions(use_threads=False, block_size=len(text) + 1, autogenerate_column_names=True),
            parse_options=pc.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            # Without types a name that looks like a number or a date would come back in another spelling.
            convert_options=pc.ConvertOptions(
                column_types={f"f{i}": pa.string() for i in range(text.count(delimiter.encode()) + 1)}
            ),
        )
    except pa.ArrowInvalid:
        return [text.decode().strip()]  # a quote that is never closed leaves one name
    return [str(name).strip() for name in table.to_pylist()[0].values()]
