"""Text: every line is a row or a reject, and the independent count agrees with the reader."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.readers import blocks
from engine.record_counts.text_lines import TextCount
from tests.sources import with_options
from tests.test_readers_files import READ, Rows, read_bytes, task

LINE = task("text", ["line"])
PIECES = [b"a", b"b,c", b"\n", b"\r\n", b"\r", b"\n\n", b"\xff", "ü\u2028".encode(), b"\xef\xbb\xbf", b" ", b'"']


def counted(of: dict[str, Any], data: bytes, size: int) -> int:
    count = TextCount(of["source"]["encoding"])
    for at in range(0, len(data), size):
        count.feed(data[at : at + size])
    return count.finish()


def in_order(rows: Rows) -> list[tuple[str, str]]:
    found = {row["_row"] - READ.base: ("good", row["line"]) for row in rows.good}
    found |= {row["_row"] - READ.base: (row["rule"], row["raw"]) for row in rows.rejected}
    return [found[i] for i in range(len(found))]


def reference(data: bytes) -> list[tuple[str, bytes]]:
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if not lines[-1]:
        lines.pop()
    judged = []
    for line in (line.removesuffix(b"\r") for line in lines):
        try:
            line.decode()
            judged.append(("good", line))
        except UnicodeDecodeError:
            judged.append(("encoding", line))
    return judged


@given(st.lists(st.sampled_from(PIECES), max_size=30), st.sampled_from([1, 7, 1 << 20]), st.integers(1, 9))
def test_any_lines_are_read_as_the_reference_reads_them(pieces: list[bytes], block_size: int, size: int) -> None:
    data = b"".join(pieces)
    expected = reference(data)
    rows = read_bytes(LINE, data, block_size=block_size)
    assert [(rule, text) for rule, text in in_order(rows)] == [
        (rule, line.decode("utf-8", "backslashreplace")) for rule, line in expected
    ]
    assert counted(LINE, data, size) == len(expected)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "shift_jis"])
def test_lines_in_another_encoding(encoding: str) -> None:
    of = with_options(LINE, encoding=encoding)
    data = "eins\r\n\nzwei é".replace("é", "é" if encoding != "shift_jis" else "二").encode(encoding)
    rows = read_bytes(of, data)
    assert (rows.cells, rows.rejected) == (
        [("eins",), ("",), ("zwei é" if encoding != "shift_jis" else "zwei 二",)],
        [],
    )
    assert counted(of, data, 3) == 3


def test_an_invalid_byte_rejects_only_its_line() -> None:
    rows = read_bytes(with_options(LINE, encoding="shift_jis"), b"a\n\x80b\nc")
    assert rows.cells == [("a",), ("c",)]
    assert rows.rules == ["encoding"]


@pytest.mark.parametrize("tail", [b"", b"\n", b"\r\n", b"x\ny\n"])
def test_a_line_above_the_limit_is_rejected_in_pieces(monkeypatch: pytest.MonkeyPatch, tail: bytes) -> None:
    monkeypatch.setattr(blocks.blocks, "__defaults__", (blocks.BLOCK_BYTES, 100))
    monkeypatch.setattr("engine.record_counts.line_ends.LIMIT", 100)
    data = b"a\n" + b"z" * 200 + tail
    rows = read_bytes(LINE, data, block_size=64)
    rest = len(tail.strip(b"\r\n").split(b"\n")[1:]) if tail else 0
    assert rows.cells == [("a",), *([("y",)] if rest else [])]
    assert set(rows.rules) == {"text:length"}
    assert sum(len(raw.strip("\r\n")) for raw in rows.raw) == 200 + (1 if rest else 0)
    assert counted(LINE, data, 17) == len(rows.good) + len(rows.rejected)
