"""Rows without a label are scored where they are, and a lost score is found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from engine.contents import Contents
from engine.faults import Fault
from engine.lake import Table
from engine.plan_types import Field
from engine.prediction import refuse_lost, refuse_other_table
from engine.session import Session
from engine.tables import Commit, Scored, Scoring, Tables
from tests.scores import LOST, doubled

COLUMNS: list[Field] = [
    {"name": "k", "type": "string"},
    {"name": "x", "type": "double"},
    {"name": "y", "type": "int"},
]
MADE: list[Field] = [{"name": "k", "type": "string"}, {"name": "score", "type": "double"}]
#: Key -> value and label.
ROWS = {"a": (1.0, None), "b": (2.0, 1), "c": (3.0, None), "d": (None, None), "e": (5.0, 0)}
PREDICT: Any = {"name": "predictions", "features": "features"}


def scoring(function: Callable[[pa.Table], pa.Table]) -> Scoring:
    features = Table("feature", "features", [], key=["k"], numbered=False, stamped=False, rejects=False)
    table = Table(**{**features.__dict__, "columns": COLUMNS})
    return Scoring(table, "y", ["k", "x"], COLUMNS[:1], MADE, function)


def features(session: Session, tables: Tables, path: str) -> str:
    rows = [
        f"SELECT '{k}' AS k, CAST({'NULL' if x is None else x} AS DOUBLE) AS x, CAST({'NULL' if y is None else y} AS INT) AS y"
        for k, (x, y) in ROWS.items()
    ]
    tables.write(path, session.sql(" UNION ALL ".join(rows), {}), Commit("overwrite", "features", 1))
    return path


@pytest.mark.on_engines("sail", "spark")
def test_rows_without_a_label_are_scored_and_can_be_committed(
    on_engine: tuple[Session, Tables], tmp_path: Path
) -> None:
    session, tables = on_engine
    path = features(session, tables, str(tmp_path / "features"))
    with tables.scored(path, scoring(doubled)) as scored:
        tables.write(str(tmp_path / "scores"), scored.rows, Commit("overwrite", "scores", 1))
    written = tables.arrow(str(tmp_path / "scores")).to_pylist()
    assert {row["k"]: row["score"] for row in written} == {"a": 2.0, "c": 6.0, "d": None}
    assert (scored.read.rows, scored.key_read.rows, scored.made.rows) == (5, 3, 3)
    refuse_lost(PREDICT, scored)


@pytest.mark.on_engines("sail", "spark")
@pytest.mark.parametrize("fault", LOST)
def test_a_run_fails_where(fault: str, on_engine: tuple[Session, Tables], tmp_path: Path) -> None:
    path = features(*on_engine, str(tmp_path / "features"))
    with (
        on_engine[1].scored(path, scoring(LOST[fault])) as scored,
        pytest.raises(Fault, match="MR322") as caught,
    ):
        refuse_lost(PREDICT, scored)
    assert caught.value.code == "MR322"


def test_each_key_needs_its_score() -> None:
    none, one = Contents(0, None, 0), Contents(1, None, 7)
    with pytest.raises(Fault):
        refuse_lost(PREDICT, Scored(None, read=one, key_read=one, made=none, key_made=none))


MODEL: Any = {
    "features": [
        {"name": "x", "kind": "numeric", "fill": 0.0},
        {"name": "z", "kind": "categorical", "categories": ["a"]},
    ]
}


@pytest.mark.parametrize(
    ("types", "has"),
    [
        ({"x": "double"}, "has no column z"),
        ({"x": "double", "z": "int"}, "has z as int"),
        ({"x": "string", "z": "string"}, "has x as string"),
        ({"x": "decimal(10,2)", "z": "string"}, None),
    ],
)
def test_a_table_without_a_feature_of_the_live_model_is_refused(types: dict[str, str], has: str | None) -> None:
    task: Any = {**PREDICT, "model": "loyal"}
    if has is None:
        return refuse_other_table(task, MODEL, 4, types)
    with pytest.raises(Fault) as e:
        refuse_other_table(task, MODEL, 4, types)
    assert (e.value.code, e.value.path) == ("MR403", "features")
    assert e.value.message == f"v4 of loyal is live and cannot score features, which {has}"
