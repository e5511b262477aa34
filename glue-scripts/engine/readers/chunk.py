"""What a reader yields: the accepted and the rejected records of a part of a file."""

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
    """One refused record: its number in the file, the rule it breaks, why, and its bytes."""

    number: int
    rule: str
    reason: str
    raw: bytes


@dataclass(frozen=True)
class FileRows:
    """Names the rows of one version of one file."""

    source_file: str
    etag: str

    @property
    def base(self) -> int:
        """62 bits of a hash: the `_row` of record 0. Never negative, nor is that of any record.

        Of a million files the nearest two are some four million apart. Bits kept for the record number would be bits less for
        the file: with 31 of them, two of 30,000 files had one number.
        """
        # The name is hashed too: two files of the same bytes have the same etag, but their rows are not the same rows.
        digest = hashlib.sha256(f"{self.source_file}\0{self.etag}".encode()).digest()
        return int.from_bytes(digest[:8], "big") >> 2

    def chunk(
        self, names: Sequence[str], arrays: Sequence[pa.Array], numbers: Numbers, rejects: Sequence[Reject]
    ) -> Chunk:
        """`numbers`: the record number of each accepted row; `rejects` come in any order."""
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
    """Bytes as text; those that are not UTF-8 as `\\xNN`."""
    return raw.decode("utf-8", "backslashreplace")


def bad_byte(raw: bytes) -> str | None:
    """Which of these bytes is not UTF-8, or None where they all are."""
    try:
        raw.decode()
    except UnicodeDecodeError as e:
        return f"byte 0x{raw[e.start]:02x} at position {e.start + 1} is not UTF-8"
    return None
