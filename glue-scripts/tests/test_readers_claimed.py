"""The claimed version of a file is read, or the file is a fault and none of it is ingested."""

import gzip
import hashlib
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.faults import Fault
from engine.readers import claimed, read_file
from tests.test_readers_files import task

ROWS = 1000


@pytest.fixture(params=["csv", "csv.gz", "json", "parquet", "large parquet"])
def source(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], Path]:
    kind = request.param
    if kind == "large parquet":
        monkeypatch.setattr(claimed, "IN_MEMORY_BYTES", 100)
        kind = "parquet"
    path = tmp_path / f"x.{kind}"
    if kind == "parquet":
        pq.write_table(pa.table({"a": [str(i) for i in range(ROWS)]}), path)
    elif kind == "json":
        path.write_text("".join(f'{{"a":"{i}"}}\n' for i in range(ROWS)))
    else:
        text = "a\n" + "".join(f"{i}\n" for i in range(ROWS))
        path.write_bytes(gzip.compress(text.encode()) if kind == "csv.gz" else text.encode())
    return task(kind.removesuffix(".gz"), ["a"]), path


def claim(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"source_file": path.name, "etag": hashlib.sha256(data).hexdigest(), "size": len(data)}


def read(of: dict[str, Any], path: Path, version: dict[str, Any]) -> int:
    return sum(chunk.good.num_rows for chunk in read_file(of, str(path), block_size=512, **version))


def test_the_claimed_version_is_read(source: tuple[dict[str, Any], Path]) -> None:
    of, path = source
    assert read(of, path, claim(path)) == ROWS


def test_a_file_truncated_after_the_claim_is_a_fault(source: tuple[dict[str, Any], Path]) -> None:
    of, path = source
    version = claim(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if of["source"]["format"] != "parquet" else small_parquet(path))
    with pytest.raises(Fault, match="MR208"):
        read(of, path, version)
    path.write_bytes(whole)
    assert read(of, path, version) == ROWS


def test_a_file_of_the_same_size_with_other_bytes_is_a_fault(source: tuple[dict[str, Any], Path]) -> None:
    of, path = source
    version = claim(path)
    with pytest.raises(Fault) as e:
        read(of, path, {**version, "etag": hashlib.sha256(b"other").hexdigest()})
    assert e.value.code == "MR208"
    assert "none of its rows were ingested" in e.value.hint


def test_a_file_overwritten_during_the_read_is_a_fault(source: tuple[dict[str, Any], Path]) -> None:
    of, path = source
    version = claim(path)
    chunks = read_file(of, str(path), block_size=512, **version)
    next(chunks)
    stamp = path.stat().st_mtime_ns
    path.write_bytes(path.read_bytes())
    os.utime(path, ns=(stamp, stamp + 1_000_000_000))
    with pytest.raises(Fault, match="MR208"):
        list(chunks)


def test_a_claim_without_a_hash_is_compared_by_size(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n")
    of = task("csv", ["a"])
    assert read(of, path, {"source_file": "x", "etag": "e", "size": 4}) == 1
    with pytest.raises(Fault, match="MR208"):
        read(of, path, {"source_file": "x", "etag": "e", "size": 5})


def small_parquet(path: Path) -> bytes:
    other = path.with_name("other")
    pq.write_table(pa.table({"a": ["1"]}), other)
    return other.read_bytes()
