"""What may come before the header of a CSV file: lines to pass over, and a line that names the delimiter."""

import re
from dataclasses import replace

from engine.faults import Fault
from engine.readers.blocks import BOM, Readable, Rewound
from engine.readers.csv_dialect import Dialect

#: As Excel writes it.
SEP = re.compile(rb'"?sep=([\x01-\x7f])"?(?:\r\n|\n|\r|\Z)', re.IGNORECASE)
LINE_END = re.compile(rb"\r\n|\n|\r")
PIECE = 64 << 10


def after_head(stream: Readable, dialect: Dialect, path: str) -> tuple[Rewound, Dialect, int]:
    """The stream behind the lines that are passed over, the dialect with the delimiter that the file names, and their number.

    Raises MR204 where the file names another delimiter than the definition.
    """
    head, lines = stream.read(PIECE).removeprefix(BOM), 0
    while lines < dialect.skip:
        end = LINE_END.search(head)
        # A CR at the end of what was read may be half of a line end.
        if end is None or end.end() == len(head):
            more = stream.read(PIECE)
            if more:
                head += more
                continue
        head = head[end.end() :] if end else b""
        lines += 1
    while len(head) < PIECE and (more := stream.read(PIECE)):
        head += more
    if (sep := SEP.match(head)) is None:
        return Rewound(head, stream), dialect, lines
    stated = sep[1].decode()
    if stated != dialect.delimiter and not dialect.default_delimiter:
        what = f"the file says that its delimiter is {stated!r}, the definition says {dialect.delimiter!r}"
        raise Fault("MR204", path, what, f"leave `delimiter` out, or declare delimiter: {stated!r}")
    return Rewound(head[sep.end() :], stream), replace(dialect, delimiter=stated), lines + 1
