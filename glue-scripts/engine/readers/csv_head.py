"""Reads what may precede the header of a CSV file: lines to skip, and a line that names the delimiter."""

import re
from dataclasses import replace

from engine.faults import Fault
from engine.readers.blocks import BOM, Readable, Rewound
from engine.readers.csv_dialect import Dialect

#: The line that Excel writes to name the delimiter.
SEP = re.compile(rb'"?sep=([\x01-\x7f])"?(?:\r\n|\n|\r|\Z)', re.IGNORECASE)
LINE_END = re.compile(rb"\r\n|\n|\r")
PIECE = 64 << 10


def after_head(stream: Readable, dialect: Dialect, path: str) -> tuple[Rewound, Dialect, int]:
    """The stream after the skipped lines, the dialect with the delimiter that the file names, and the number of lines skipped.

    Raises MR204 if the file names another delimiter than the definition.
    """
    head, lines = stream.read(PIECE).removeprefix(BOM), 0
    while lines < dialect.skip:
        end = LINE_END.search(head)
        # A CR as the last byte read may be half of a line end.
        if end is None or end.end() == len(head):
            more = stream.read(PIECE)
            if more:
                head += more
                continue
        if not head:
            break
        head = head[end.end() :] if end else b""
        lines += 1
    while len(head) < PIECE and (more := stream.read(PIECE)):
        head += more
    if (sep := SEP.match(head)) is None:
        return Rewound(head, stream), dialect, lines
    stated = sep[1].decode()
    if stated != dialect.delimiter and not dialect.default_delimiter:
        what = f"the delimiter is {stated!r} according to the file, {dialect.delimiter!r} according to the definition"
        raise Fault("MR204", path, what, f"remove `delimiter`, or declare delimiter: {stated!r}")
    return Rewound(head[sep.end() :], stream), replace(dialect, delimiter=stated), lines + 1
