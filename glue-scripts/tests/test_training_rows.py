"""What a training reads: the columns and rows that it needs, and nothing is lost on the way."""

from pathlib import Path
from typing import Any

import pytest

from engine.faults import Fault
from engine.lake import Table
from engine.session import Session
from engine.tables import Commit, Tables, Wanted

COLUMNS: Any = [{"name": "k", "type": "string"}, {"name": "x", "type": "double"}, {"name": "note", "type": "string"}]
LABEL: Any = {"name": "y", "type": "int"}
TABLE = Table("feature", "features", [*COLUMNS, LABEL], key=["k"], numbered=False, stamped=False, rejects=False)
WANTED = Wanted(TABLE, "y", [*COLUMNS[:2], LABEL])


def written(session: Session, tables: Tables, path: str, rows: str) -> str:
    texts = f"SELECT k, CAST(x AS DOUBLE) AS x, 'long' AS note, CAST(y AS INT) AS y FROM VALUES {rows} AS t(k, x, y)"
    tables.write(path, session.sql(texts, {}), Commit("overwrite", "features", 1))
    return path


@pytest.mark.on_engines("sail", "spark")
def test_rows_are_collected_by_label_without_other_columns(on_engine: tuple[Session, Tables], tmp_path: Path) -> None:
    session, tables = on_engine
    path = written(session, tables, str(tmp_path / "features"), "('a', 1, NULL), ('b', NULL, 1), ('c', 3, 0)")
    found = tables.collected(path, WANTED)
    assert found.labelled.column_names == found.unlabelled.column_names == ["k", "x", "y"]
    assert sorted(found.labelled.to_pylist(), key=repr) == [{"k": "b", "x": None, "y": 1}, {"k": "c", "x": 3.0, "y": 0}]
    assert found.unlabelled.to_pylist() == [{"k": "a", "x": 1.0, "y": None}]
    assert (found.read.rows, found.kept.rows) == (3, 3)


@pytest.mark.on_engines("sail", "spark")
def test_both_parts_have_the_same_columns_even_without_rows(on_engine: tuple[Session, Tables], tmp_path: Path) -> None:
    session, tables = on_engine
    path = written(session, tables, str(tmp_path / "features"), "('b', 2, 1), ('c', 3, 0)")
    found = tables.collected(path, WANTED)
    assert found.unlabelled.num_rows == 0
    assert found.unlabelled.schema == found.labelled.schema


@pytest.mark.on_engines("spark")
def test_rows_that_are_too_large_for_the_driver_are_a_fault(
    on_engine: tuple[Session, Tables], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, tables = on_engine
    path = written(session, tables, str(tmp_path / "features"), "('b', 2, 1), ('c', 3, 0)")

    def refused(frame: Any) -> Any:
        text = "Total size of serialized results of 9 tasks (1025.3 MiB) is bigger than spark.driver.maxResultSize"
        raise RuntimeError(f"org.apache.spark.SparkException: Job aborted due to stage failure: {text} (1024.0 MiB)")

    monkeypatch.setattr(session, "arrow", refused)
    with pytest.raises(Fault, match="MR409"):
        tables.collected(path, WANTED)
