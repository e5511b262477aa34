"""A few rows that this process reads from a table's files are those that the engine reads."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from engine import few_rows as module
from engine.arrow_types import arrow_schema
from engine.cell_hash import contents_of
from engine.contents import Contents, summed, sums
from engine.delta_log import files_added_by, live_files
from engine.few_rows import Having, few_rows
from engine.plan_types import Field
from engine.session import Session
from engine.tables import Commit, Tables

TYPES = {
    "k": "int",
    "s": "string",
    "d": "double",
    "m": "decimal(12,3)",
    "t": "date",
    "u": "timestamp",
    "l": "array<int>",
}
COLUMNS = [Field(name=name, type=type_) for name, type_ in TYPES.items()]


def rows(session: Session, keys: list[int]) -> Any:
    cells = (
        f"SELECT CAST({k} AS INT) AS k, 'it\\'s {k % 2}' AS s, CAST({k} / 7 AS DOUBLE) AS d, CAST({k} AS DECIMAL(12,3)) AS m, "
        f"DATE'1500-03-01' AS t, TIMESTAMP'1677-01-01 00:00:00.123456Z' AS u, array(CAST({k} AS INT), NULL) AS l"
        for k in keys
    )
    return session.spark.sql(" UNION ALL ".join(cells))


def by_engine(session: Session, frame: Any) -> Contents:
    found = summed(session.arrow(frame.selectExpr(*sums(COLUMNS, False))).to_pylist())
    return Contents(found.rows, None, found.cells)


def by_files(found: pa.Table | None) -> Contents:
    assert found is not None
    return contents_of(found, COLUMNS, numbered=False)


@pytest.mark.on_engines("sail", "spark")
def test_rows_read_from_the_files_equal_those_of_the_engine(
    on_engine: tuple[Session, Tables], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, tables = on_engine
    path = str(tmp_path / "a b")
    tables.write(path, rows(session, [1, 2, 3]), Commit("overwrite", "x", 1))
    version = tables.write(path, rows(session, [4, 5]), Commit("append", "x", 2))
    added = few_rows(path, files_added_by(path, version), COLUMNS)
    assert by_files(added) == by_engine(session, tables.added_by(path, version))
    assert by_files(added).rows == 2
    merged = rows(session, [2, 6]).selectExpr("*", "k = 2 AS _delete")
    version = tables.write(path, merged, Commit("merge", "x", 3, key=["k"]))
    files = live_files(path, version)
    whole = few_rows(path, files, COLUMNS)
    assert by_files(whole) == by_engine(session, tables.frame(path))
    assert sorted(whole["k"].to_pylist()) == [1, 3, 4, 5, 6]  # type: ignore[index]
    some = few_rows(path, files, COLUMNS, Having("s", ["it's 1"]))
    assert by_files(some) == by_engine(session, tables.frame(path).where("k % 2 = 1"))
    assert by_files(few_rows(path, files, COLUMNS, Having("s", []))).rows == 0
    # Left to the engine: a column that a file lacks, and more than a few rows.
    assert few_rows(path, files, [*COLUMNS, Field(name="new", type="int")]) is None
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    assert few_rows(path, files, COLUMNS) is None


def test_partitions_deleted_rows_and_an_expired_log_are_left_to_the_engine(tmp_path: Path) -> None:
    """The files alone do not hold those rows as they are."""
    file = {"path": "x.parquet", "size": 10, "partitionValues": {}}
    assert few_rows(str(tmp_path), [], COLUMNS) == arrow_schema(COLUMNS).empty_table()
    assert few_rows(str(tmp_path), None, COLUMNS) is None
    assert few_rows(str(tmp_path), [{**file, "partitionValues": {"s": "a"}}], COLUMNS) is None
    assert few_rows(str(tmp_path), [{**file, "deletionVector": {"cardinality": 1}}], COLUMNS) is None
