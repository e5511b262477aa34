"""The independent record count agrees with the reader for any bytes, in any dialect, in pieces of any size."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import engine.readers.blocks as blocks
from engine.readers import read_file
from engine.readers.formats import format_of
from engine.record_counts import csv_records, line_ends
from tests.test_readers_files import task


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Makes pieces so small that a few bytes fill several."""
    monkeypatch.setattr(csv_records, "PIECE", 6)
    yield


def read(given: dict[str, Any], data: bytes, folder: Path, block: int = 16) -> tuple[int, int]:
    """The number of records that the reader returns, and the sum of their numbers from 0."""
    file = folder / "x"
    file.write_bytes(data)
    chunks = list(read_file(given, str(file), source_file="x", etag="e", block_size=block))
    rows = [row for c in chunks for part in (c.good, c.rejected) for row in part.column("_row").to_pylist()]
    return len(rows), sum(rows) - len(rows) * min(rows, default=0)


def counted(given: dict[str, Any], data: bytes, step: int) -> int:
    counting = format_of(given).counting(given["source"], "")
    stream = counting.watch(io.BytesIO(data))
    while stream.read(step):
        pass
    return counting.finish()


dialects = st.fixed_dictionaries(
    {},
    optional={
        "quoting": st.sampled_from(["strict", "lenient", "none"]),
        "quote": st.sampled_from(['"', "'"]),
        "escape": st.just("\\"),
        "comment": st.just("#"),
        "skip": st.integers(0, 2),
        "header": st.just(0),
    },
)
text = st.lists(
    st.sampled_from(["a", ",", '"', "'", "\n", "\r", "\r\n", "#", "\\", '"a","b"\n', "x,y\n", '"', "é"]), max_size=30
)


@settings(max_examples=300, deadline=None)
@given(dialect=dialects, pieces=text, step=st.integers(1, 40), block=st.integers(1, 40))
@example(dialect={}, pieces=['1,"broken,10\n', "2,fine,20\n", '4,"ok",40\n'], step=3, block=7)
@example(dialect={}, pieces=['"a\n', "b\n"], step=2, block=4)
@example(dialect={}, pieces=['"a""\n', 'b",c\n"', '"'], step=2, block=4)
def test_the_count_of_csv_records_equals_that_of_the_reader(
    tmp_path_factory: pytest.TempPathFactory, dialect: dict[str, Any], pieces: list[str], step: int, block: int
) -> None:
    head = "" if dialect.get("header", 1) == 0 else "\n" * dialect.get("skip", 0) + "a,b\n"
    given = task("csv", {"a": "string", "b": "string"}, **dialect)
    data = (head + "".join(pieces)).encode()
    records, numbers = read(given, data, tmp_path_factory.mktemp("csv"), block)
    assert counted(given, data, step) == records
    assert numbers == records * (records - 1) // 2


@settings(max_examples=100, deadline=None)
@given(
    pieces=st.lists(
        st.sampled_from(
            ["{}", '{"a":1}', '{"a":1,"a":2}', '{"b":[{"c":1,"\\u0063":2}]}', "\n", "\r\n", "\r", " ", "x", "\ufeff"]
        ),
        max_size=20,
    ),
    step=st.integers(1, 20),
)
def test_the_count_of_json_records_equals_that_of_the_reader(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], step: int
) -> None:
    given = task("json", {"a": "int"})
    data = "".join(pieces).encode()
    assert counted(given, data, step) == read(given, data, tmp_path_factory.mktemp("json"))[0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "windows-1252", "utf-8"])
def test_text_in_another_encoding_is_decoded_before_counting(tmp_path: Path, encoding: str) -> None:
    given = task("csv", {"a": "string", "b": "string"}, encoding=encoding)
    data = 'a,b\n"größe\n",1\n\nx,2'.encode(encoding)
    assert counted(given, data, 5) == read(given, data, tmp_path)[0] == 2


def test_a_record_above_the_limit_counts_as_many_as_the_reader_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_ends, "LIMIT", 64)
    cut = blocks.blocks
    monkeypatch.setattr("engine.readers.csv_lines.blocks", lambda s, r, size: cut(s, r, size, limit=64))
    monkeypatch.setattr("engine.readers.json_lines.blocks", lambda s, r, size: cut(s, r, size, limit=64))
    given = task("csv", {"a": "string", "b": "string"})
    for long in ("x" * 200, '"' + "y" * 70, '"y\n' + "z" * 150, "x" * 64, "x" * 63, "x" * 128):
        data = f"a,b\n1,2\n{long}\n3,4\n".encode()
        assert counted(given, data, 9) == read(given, data, tmp_path)[0], long
    lines = task("json", {"a": "int"})
    for size in (63, 64, 65, 128, 200):
        data = ('{"a":1}\n' + "x" * size + '\n{"a":2}\n').encode()
        assert counted(lines, data, 9) == read(lines, data, tmp_path)[0], size


def test_a_sep_line_is_not_counted(tmp_path: Path) -> None:
    given = task("csv", {"a": "string", "b": "string"})
    data = b'sep=;\r\na;b\r\n"1;";2\r\n'
    assert counted(given, data, 4) == read(given, data, tmp_path)[0] == 1
