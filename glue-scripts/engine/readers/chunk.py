"""The chunks that a reader yields: the accepted and the rejected records of a part of a file."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

REJECTED = pa.schema(
    [
        ("rule", pa.string()),
        ("reason", pa.string()),
        ("raw", pa.string()),
        ("_source_file", pa.string()),
        ("_row", pa.int64()),
    ]
)

Numbers = npt.NDArray[np.int64]


class Chunk(NamedTuple):
    """`good`: the declared columns, `_source_file`, `_row`. `rejected`: the columns of `REJECTED`."""

    good: pa.RecordBatch
    rejected: pa.RecordBatch


class Reject(NamedTuple):
    """One rejected record: its number in the file, the rule that it breaks, the reason, and its bytes."""

    number: int
    rule: str
    reason: str
    raw: bytes


@dataclass(frozen=True)
class FileRows:
    """Numbers the rows of one version of one file."""

    source_file: str
    etag: str

    @property
    def base(self) -> int:
        """The `_row` of record 0: 62 bits of a hash, so that no `_row` is negative. Record n has `_row` base + n.

        Among a million files, the bases of the closest two are some four million apart. Reserving bits for the record number would
        leave fewer for the file: with 31 bits, two of 30,000 files had the same base.
        """
        # The name is hashed too, because two files with the same bytes have the same etag but different rows.
        digest = hashlib.sha256(f"{self.source_file}\0{self.etag}".encode()).digest()
        return int.from_bytes(digest[:8], "big") >> 2

    def chunk(
        self, names: Sequence[str], arrays: Sequence[pa.Array], numbers: Numbers, rejects: Sequence[Reject]
    ) -> Chunk:
        """A chunk. `numbers`: the record number of each accepted row; `rejects` may be in any order."""
        base = self.base
        good = pa.RecordBatch.from_arrays(
            [*arrays, pa.repeat(pa.scalar(self.source_file), len(numbers)), pa.array(numbers + base)],
            names=[*names, "_source_file", "_row"],
        )
        ordered = sorted(rejects)
        rejected = pa.RecordBatch.from_arrays(
            [
                pa.array([r.rule for r in ordered], pa.string()),
                pa.array([r.reason for r in ordered], pa.string()),
                pa.array([text(r.raw) for r in ordered], pa.string()),
                pa.array([self.source_file] * len(ordered), pa.string()),
                pa.array([r.number + base for r in ordered], pa.int64()),
            ],
            schema=REJECTED,
        )
        return Chunk(good, rejected)


def text(raw: bytes) -> str:
    """Bytes as text, with `\\xNN` for each byte that is not UTF-8."""
    return raw.decode("utf-8", "backslashreplace")


def bad_byte(raw: bytes) -> str | None:
    """The reason that names the first byte that is not UTF-8; None if all are."""
    try:
        raw.decode()
    except UnicodeDecodeError as e:
        return f"byte 0x{raw[e.start]:02x} at position {e.start + 1} is not UTF-8"
    return None
