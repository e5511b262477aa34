"""Tests for files of any format, and helpers of the reader tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple, get_args, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from discovery.formats import LOOKS
from engine.faults import Fault
from engine.plan_types import Source
from engine.readers import formats, read_file
from engine.readers.chunk import FileRows
from tests.sources import source_of

DATA = Path(__file__).parents[2].parent / "shared" / "data"
#: The file version that `read_path` passes to the reader.
READ = FileRows("in/file", "e1")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the public data sets are not at {DATA}")


class Rows(NamedTuple):
    """All chunks of a file: accepted and rejected rows as dicts, without `_source_file`."""

    good: list[dict[str, Any]]
    rejected: list[dict[str, Any]]

    @property
    def cells(self) -> list[tuple[Any, ...]]:
        return [tuple(v for k, v in row.items() if k != "_row") for row in self.good]

    @property
    def rules(self) -> list[str]:
        return [row["rule"] for row in self.rejected]

    @property
    def raw(self) -> list[str]:
        return [row["raw"] for row in self.rejected]

    @property
    def numbers(self) -> list[int]:
        """The record numbers of accepted and rejected rows together, in order."""
        return sorted(row["_row"] - READ.base for row in self.good + self.rejected)


def task(format_: str, columns: Mapping[str, str] | Sequence[str], **more: Any) -> dict[str, Any]:
    """An ingest task. `more`: options of its format."""
    types = columns if isinstance(columns, Mapping) else dict.fromkeys(columns, "string")
    declared = [{"name": name, "type": type_, "nullable": True} for name, type_ in types.items()]
    return {"kind": "ingest", "source": source_of(format_, **more), "columns": declared}


def read_path(of: Mapping[str, Any], path: Path | str, **more: Any) -> Rows:
    rows = Rows([], [])
    for good, rejected in read_file(of, str(path), source_file=READ.source_file, etag=READ.etag, **more):
        good.validate(full=True)
        rejected.validate(full=True)
        assert good.schema.names == [c["name"] for c in of["columns"]] + ["_source_file", "_row"]
        rows.good.extend(good.drop_columns(["_source_file"]).to_pylist())
        rows.rejected.extend(rejected.drop_columns(["_source_file"]).to_pylist())
    return rows


def read_bytes(of: Mapping[str, Any], data: bytes, **more: Any) -> Rows:
    with NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return read_path(of, file.name, **more)


def test_each_format_of_the_contract_has_a_reader_and_a_proposal() -> None:
    named = {get_args(get_type_hints(of)["format"])[0] for of in get_args(Source)}
    assert named == set(formats.FORMATS) == set(LOOKS)


FORMATS = ["csv", "json", "parquet", "text"]


@pytest.mark.parametrize("format_", FORMATS)
def test_an_empty_file_has_no_records(format_: str) -> None:
    assert read_bytes(task(format_, ["a"]), b"") == ([], [])


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_that_vanished_is_a_fault(format_: str, tmp_path: Path) -> None:
    with pytest.raises(Fault) as e:
        read_path(task(format_, ["a"]), tmp_path / "gone")
    assert (e.value.code, e.value.path) == ("MR206", "in/file")
    assert "No such file" in e.value.message


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_is_also_read_by_its_uri(format_: str, tmp_path: Path) -> None:
    path = tmp_path / "x #1?%20{ü}*"
    if format_ == "parquet":
        pq.write_table(pa.table({"a": ["1"]}), path)
    else:
        path.write_text("a\n1\n" if format_ == "csv" else '{"a":"1"}\n')
    assert read_path(task(format_, ["a"]), f"file://{path}") == read_path(task(format_, ["a"]), path)
    with pytest.raises(Fault, match="MR206"):
        read_path(task(format_, ["a"]), f"file://{path}gone")


def test_a_folder_in_place_of_a_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="MR206"):
        read_path(task("csv", ["a"]), tmp_path)


def test_rows_are_identified_by_file_version_and_record_number(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n3\n4,5\n")
    of = task("csv", ["a", "b"])

    def numbers(source_file: str, etag: str) -> tuple[list[int], list[int]]:
        (chunk,) = read_file(of, str(path), source_file=source_file, etag=etag)
        assert chunk.good.column("_source_file").to_pylist() == [source_file] * 2
        assert chunk.rejected.column("_source_file").to_pylist() == [source_file]
        return chunk.good.column("_row").to_pylist(), chunk.rejected.column("_row").to_pylist()

    good, rejected = numbers("x.csv", "e1")
    base = good[0]
    assert base >= 0
    assert (good, rejected) == ([base, base + 2], [base + 1])
    assert numbers("x.csv", "e1") == (good, rejected)
    assert numbers("x.csv", "e2")[0] != good
    assert numbers("copy of x.csv", "e1")[0] != good


def test_the_columns_have_the_declared_types(tmp_path: Path) -> None:
    types = {"s": "string", "b": "boolean", "i": "int", "n": "bigint", "d": "double", "t": "date", "u": "timestamp"}
    path = tmp_path / "x.json"
    path.write_text('{"s":null}\n')
    (chunk,) = read_file(task("json", types), str(path), source_file="x", etag="e")
    assert chunk.good.schema.types == [
        pa.string(),
        pa.bool_(),
        pa.int32(),
        pa.int64(),
        pa.float64(),
        pa.date32(),
        pa.timestamp("us", "UTC"),
        pa.string(),
        pa.int64(),
    ]
