"""Text in gz, bz2 and zst archives is read completely or not at all."""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from engine.faults import Fault
from engine.readers import read_file
from tests.sources import with_options
from tests.test_readers_files import DATA, Rows, needs_data, read_path, task

AB = task("csv", ["a", "b"])
LINES = [f"{i},{i * i}" for i in range(20_000)]
TEXT = "\n".join(["a,b", *LINES]).encode()


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


PACK: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "zst": zstd}


def read(path: Path, data: bytes, of: dict[str, object] = AB) -> Rows:
    """Read a file under its own name, whose ending says how it is packed."""
    path.write_bytes(data)
    rows = Rows([], [])
    for good, rejected in read_file(of, str(path), source_file=path.name, etag="e"):
        rows.good.extend(good.to_pylist())
        rows.rejected.extend(rejected.to_pylist())
    return rows


@pytest.mark.parametrize("ending", PACK)
def test_an_archive_of_any_name_is_read_as_its_text(ending: str, tmp_path: Path) -> None:
    plain = read_path(AB, _written(tmp_path / "plain.csv", TEXT))
    assert len(plain.good) == len(LINES)
    for name in (f"x.csv.{ending}", "x.csv"):
        assert read_path(AB, _written(tmp_path / name, PACK[ending](TEXT))) == plain


@pytest.mark.parametrize("ending", PACK)
def test_consecutive_members_are_one_text(ending: str, tmp_path: Path) -> None:
    parts = [TEXT[:5000], b"", TEXT[5000:5001], TEXT[5001:]]
    rows = read(tmp_path / f"x.csv.{ending}", b"".join(map(PACK[ending], parts)))
    assert [(row["a"], row["b"]) for row in rows.good] == [tuple(line.split(",")) for line in LINES]


def test_frames_that_zstd_skips_are_no_text(tmp_path: Path) -> None:
    """`pzstd` begins its files with such a frame."""
    skipped = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
    parts = [skipped, zstd(TEXT[:5000]), skipped, zstd(TEXT[5000:]), b"\x5f" + skipped[1:]]
    plain = read_path(AB, _written(tmp_path / "plain.csv", TEXT))
    assert read_path(AB, _written(tmp_path / "x.csv.zst", b"".join(parts))) == plain


@pytest.mark.parametrize("ending", PACK)
def test_an_archive_truncated_anywhere_is_a_fault(ending: str, tmp_path: Path) -> None:
    packed = PACK[ending](TEXT)
    for end in [2, 4, 9, 30, len(packed) // 2, len(packed) - 5, len(packed) - 1]:
        for data in (packed[:end], packed + packed[:end]):
            with pytest.raises(Fault) as e:
                read(tmp_path / f"x.csv.{ending}", data)
            assert e.value.code == "MR209"


@pytest.mark.parametrize("ending", ["gz", "bz2"])
def test_an_archive_whose_bytes_changed_is_a_fault(ending: str, tmp_path: Path) -> None:
    packed = PACK[ending](TEXT)
    for at in range(10, len(packed), len(packed) // 50):
        damaged = packed[:at] + bytes([packed[at] ^ 0xFF]) + packed[at + 1 :]
        with pytest.raises(Fault, match="MR209"):
            read(tmp_path / f"x.csv.{ending}", damaged)
    with pytest.raises(Fault, match="MR209"):
        read(tmp_path / f"x.csv.{ending}", packed + b"rest")


def test_json_lines_are_decompressed_too(tmp_path: Path) -> None:
    rows = read(tmp_path / "x.json.gz", gzip.compress(b'{"a":1}\n' * 2000), task("json", {"a": "int"}))
    assert (len(rows.good), rows.rejected) == (2000, [])


def test_an_empty_archive_has_no_records(tmp_path: Path) -> None:
    assert read(tmp_path / "x.csv.gz", gzip.compress(b"")) == ([], [])


def test_a_name_with_an_archives_ending_needs_an_archive(tmp_path: Path) -> None:
    with pytest.raises(Fault) as e:
        read(tmp_path / "x.csv.gz", TEXT)
    assert (e.value.code, e.value.path) == ("MR209", "x.csv.gz")
    assert e.value.message == "the name ends with .gz, but the file is not packed with gzip"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04rest", "a zip archive"),
        (b"PK\x05\x06" + b"\0" * 18, "an empty zip archive"),
        (lzma.compress(TEXT), "packed with xz"),
        (b"PAR1" + b"\0" * 9, "Parquet"),
        (b"Rar!\x1a\x07\x01\0rest", "a rar archive"),
        (b"LZIP\x01\x0crest", "packed with lzip"),
        (b"\x89LZO\0\r\n\x1a\nrest", "packed with lzop"),
        (b"\x1f\x9d\x90rest", "packed with compress"),
    ],
)
def test_a_file_that_is_not_text_is_a_fault_and_not_quarantined(data: bytes, what: str, tmp_path: Path) -> None:
    with pytest.raises(Fault) as e:
        read(tmp_path / "x.csv", data)
    assert e.value.code == "MR210"
    assert what in e.value.message


def tar(data: bytes) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        entry = tarfile.TarInfo("x.csv")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return held.getvalue()


@pytest.mark.parametrize("of", [AB, task("text", ["line"]), task("json", {"a": "string"})])
@pytest.mark.parametrize(
    ("data", "what"),
    [
        (tar(TEXT), "the file is a tar archive"),
        (gzip.compress(tar(TEXT)), "the archive contains a tar archive"),
        (zstd(tar(TEXT)), "the archive contains a tar archive"),
        (gzip.compress(gzip.compress(TEXT)), "the archive contains another archive (gzip)"),
        (bz2.compress(zstd(TEXT)), "the archive contains another archive (zstd)"),
        (gzip.compress(b"PK\x03\x04rest"), "the archive contains a zip archive"),
    ],
)
def test_an_archive_of_files_or_of_another_archive_is_a_fault(
    data: bytes, what: str, of: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(Fault) as e:
        read(tmp_path / "x", data, of)
    assert (e.value.code, e.value.path) == ("MR210", "x")
    assert what in e.value.message


def test_text_that_begins_like_an_archive_is_text(tmp_path: Path) -> None:
    for name in ("BZh", "BZh9", "ORC", "PK"):
        of = task("csv", [name])
        assert len(read(tmp_path / "x.csv", f"{name}\n1\n".encode(), of).good) == 1


def test_a_raw_deflate_stream_is_not_recognised(tmp_path: Path) -> None:
    with pytest.raises(Fault):
        read(tmp_path / "x.csv", zlib.compress(TEXT))


@needs_data
def test_a_real_archive_is_read_completely() -> None:
    path = DATA / "fraud" / "paysim_first19999.csv.gz"
    assert len(read_path(task("csv", ["step", "type", "amount", "isFraud"]), path).good) == 19_999


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


PLAIN = {
    "csv": (AB, "a,b\n1,x\n2,y\n"),
    "headless csv": (with_options(AB, header=0), "1,x\n2,y\n"),
    "json": (task("json", {"a": "int"}), '{"a":1}\n{"a":2}\n'),
    "text": (task("text", ["line"]), "first line\nsecond\n"),
}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("kind", PLAIN)
def test_text_in_utf_16_is_refused_where_its_source_has_another_encoding(
    kind: str, encoding: str, tmp_path: Path
) -> None:
    of, text = PLAIN[kind]
    for data in (text.encode(encoding), gzip.compress(text.encode(encoding))):
        with pytest.raises(Fault) as e:
            read(tmp_path / "x", data, of)
        assert (e.value.code, e.value.message) == ("MR210", "the file is text in UTF-16, and not in utf-8")
        assert f"encoding: '{encoding}'" in e.value.hint


@pytest.mark.parametrize("kind", ["csv", "text"])
def test_utf_16_without_a_byte_order_mark_is_refused_with_the_encoding_to_declare(kind: str, tmp_path: Path) -> None:
    of, text = PLAIN[kind]
    for name, hint in (("utf-16-be", "encoding: 'utf-16-be'"), ("utf-16-le", "encoding: 'utf-16-le'"), ("utf-8", "")):
        with pytest.raises(Fault, match="MR210  x: the file has no byte-order mark") as e:
            read(tmp_path / "x", text.encode(name), with_options(of, encoding="utf-16"))
        assert hint in e.value.hint
    assert read(tmp_path / "x", b"", with_options(of, encoding="utf-16")) == Rows([], [])


def test_text_with_nul_characters_is_text(tmp_path: Path) -> None:
    rows = read(tmp_path / "x", b"a\0b\0cdefgh\n\0\n", task("text", ["line"]))
    assert [row["line"] for row in rows.good] == ["a\0b\0cdefgh", "\0"]
