"""Text: one record per line, in one string column. A line ends with LF or CRLF. An empty line is a record too."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from engine.plan_types import TextSource
from engine.readers.blocks import RECORD_BYTES, LineRecords, Readable, blocks
from engine.readers.chunk import Chunk, Reject, bad_byte
from engine.readers.encoding import Transcoded, invalid_byte, original
from engine.readers.reading import Reading


def read_lines(stream: Readable, reading: Reading[TextSource]) -> Iterator[Chunk]:
    """The chunks of a text file, with the lines in one column. A line with a byte that is invalid in the encoding is rejected."""
    encoding = reading.source["encoding"]
    transcoded = encoding != "utf-8"
    number, line = 0, 1
    for data, broken, _ in blocks(
        Transcoded(stream, encoding) if transcoded else stream, LineRecords(), reading.block_size
    ):
        rejects: list[Reject] = []
        lines = records(data)
        if broken:
            # Pieces of one line; the last piece may be only the line end.
            lines = [piece for piece in lines if piece]
            reason = f"line {line}: part of a line of more than {RECORD_BYTES >> 20} MB"
            rejects = [Reject(number + i, f"text:{broken}", reason, piece) for i, piece in enumerate(lines)]
        elif bad_byte(data):
            for i, text in enumerate(lines):
                if why := invalid_byte(text, encoding) or bad_byte(text):
                    raw = original(text) if transcoded else text
                    rejects.append(Reject(number + i, "encoding", f"line {line + i}: {why}", raw))
        refused = {reject.number - number for reject in rejects}
        kept = [i for i in range(len(lines)) if i not in refused] if refused else range(len(lines))
        values = pa.array([lines[i] for i in kept], pa.binary()).cast(pa.string())
        if lines:
            yield reading.rows.chunk(reading.names, [values], np.asarray(kept, np.int64) + number, rejects)
        number += len(lines)
        line += data.count(b"\n")


def records(data: bytes) -> list[bytes]:
    """The lines without their line ends. Data that ends with a line end has no further, empty line."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix(b"\r") for line in lines] if b"\r" in data else lines
