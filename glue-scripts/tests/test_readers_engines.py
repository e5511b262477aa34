"""The reader gives the same rows in this process, inside `mapInArrow` on Sail, and inside `mapInArrow` on JVM Spark."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.session import Session
from engine.tables import Tables
from tests.readers_on_engine import chunks, rows_on_engine, texts
from tests.test_readers_files import task

TYPES = {"s": "string", "b": "boolean", "i": "int", "n": "bigint", "d": "double", "t": "date", "u": "timestamp"}
NESTED = {
    "m": "decimal(38,10)",
    "y": "binary",
    "l": "array<array<int>>",
    "r": "struct<a:decimal(5,2),b:array<timestamp>,c:struct<d:date>>",
    "p": "map<string,struct<x:double>>",
}
NESTED_JSON = (
    b'{"m":1.5,"y":"AP8=","l":[[1,null],[],null],"r":{"a":1.25,"b":["2024-01-01T00:00:00Z"],"c":{"d":"2024-02-29"}},'
    b'"p":{"k":{"x":1},"n":null}}\n{"m":null,"l":[],"p":{}}\n{"m":"1e-11"}\n{"y":"!"}\n'
)
CSV = (
    b'\xef\xbb\xbfu,s,b,i,n,d,t\n1,"x\ny",3,4,,"",\xc3\xa9\nshort,1\n1,2,3,4,5,6,\xff\n1,2,3,4,5,6,7,8\n'
    b'\n1,"open,3\n1,2,3,4,5,6,7'
)
JSON = (
    b'{"s":1.10,"b":true,"i":1,"n":9223372036854775807,"d":1e300,"t":"2024-02-29","u":"2024-01-01T00:00:00.123456Z"}\n'
    b'{"s":{"a": [1]},"i":"1"}\n{"i":1,}\n\n[]\n{"s":"\\ud83d\\ude00","u":"1969-12-31T23:59:59+05:30"}\n{"s":"\xff"}\n'
    b'{"s":"a","other":1,"other":2}\n{"s":"a","i":1,"\\u0069":2}\n{"s":{"a":1,"a":1}}\n'
)


REQUESTS = (
    b'h - - [29/Feb/2024:23:59:59 -0530] "GET /a HTTP/1.1" 200 12 "-" "A \\"B\\""\n'
    b'h - x y [01/Jan/1900:00:00:00 +0000] "-" 408 - "-" "-"\nno request\n\n'
    b'h - - [30/Feb/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"\n'
)


def files(folder: Path) -> list[dict[str, Any]]:
    (folder / "x.csv").write_bytes(CSV)
    (folder / "x.json").write_bytes(JSON * 3)
    pq.write_table(pa.table({name: pa.nulls(3) for name in TYPES}), folder / "x.parquet")
    (folder / "nested.json").write_bytes(NESTED_JSON)
    nested = {"task": task("json", NESTED), "path": str(folder / "nested.json"), "name": "x"}
    rows = pa.Table.from_batches([chunk.good for chunk in chunks(nested)])
    pq.write_table(rows, folder / "nested.parquet")
    made = []
    for format_ in ("json", "parquet"):
        made.append(
            {
                "task": task(format_, NESTED),
                "path": str(folder / f"nested.{format_}"),
                "name": f"in/nested.{format_}",
                "schema": ", ".join(f"{n} {t}" for n, t in NESTED.items()) + ", _source_file string, _row bigint",
            }
        )
    for format_ in ("csv", "json", "parquet"):
        types = dict.fromkeys(TYPES, "string") if format_ == "csv" else TYPES
        made.append(
            {
                "task": task(format_, types),
                "path": str(folder / f"x.{format_}"),
                "name": f"in/x.{format_}",
                "schema": ", ".join(f"{n} {t}" for n, t in types.items()) + ", _source_file string, _row bigint",
            }
        )
    (folder / "x.log").write_bytes(b"a b\r\n\n\xff\nlast")
    schema = "line string, _source_file string, _row bigint"
    made.append({"task": task("text", ["line"]), "path": str(folder / "x.log"), "name": "in/x.log", "schema": schema})
    (folder / "requests.log").write_bytes(REQUESTS)
    types = {"host": "string", "time": "timestamp", "target": "string", "status": "int", "bytes": "bigint"}
    schema = ", ".join(f"{n} {t}" for n, t in types.items()) + ", _source_file string, _row bigint"
    path = str(folder / "requests.log")
    made.append({"task": task("access-log", types), "path": path, "name": "in/requests.log", "schema": schema})
    return made


def read_here(file: dict[str, Any]) -> list[list[str]]:
    read = list(chunks(file))
    good = [row for chunk in read for row in chunk.good.to_pylist()]
    rejected = [row for chunk in read for row in chunk.rejected.to_pylist()]
    return [texts(good), texts(rejected)]


@pytest.mark.on_engines("sail", "spark")
def test_an_engine_gives_the_same_rows_as_the_reader_in_this_process(
    on_engine: tuple[Session, Tables], tmp_path: Path
) -> None:
    given = files(tmp_path)
    expected = {file["name"]: read_here(file) for file in given}
    assert [[len(part) for part in parts] for parts in expected.values()] == [
        [2, 2],
        [2, 0],
        [2, 4],
        [6, 21],
        [3, 0],
        [3, 1],
        [2, 2],
    ]
    assert {file["name"]: rows_on_engine(on_engine[0], file) for file in given} == expected
