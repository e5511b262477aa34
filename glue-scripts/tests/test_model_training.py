import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import xgboost as xgb

from engine.faults import Fault
from engine.model.artefact import canonical, read_model, write_model
from engine.model.encoding import encode, learn_features
from engine.model.grid import parameters
from engine.model.score import score
from engine.model.split import ordered_by_key, stratified
from engine.model.train import train
from tests.learning_data import labelled, task
from tests.small_lake import GOLDEN


def replaced(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def test_the_numpy_scorer_agrees_with_xgboost_on_every_golden_vector() -> None:
    model = json.loads((GOLDEN / "model.json").read_text())
    vectors = json.loads((GOLDEN / "vectors.json").read_text())
    types = {"tenure": pa.int32(), "charge": pa.float64(), "plan": pa.string(), "paperless": pa.bool_()}
    columns: dict[str, Any] = {name: pa.array([v["row"][name] for v in vectors], kind) for name, kind in types.items()}
    columns["joined"] = pa.array([v["row"]["joined"] for v in vectors]).cast(pa.date32())
    found = score(model, pa.table(columns))
    assert len(vectors) >= 1000
    assert np.abs(found - np.array([v["score"] for v in vectors])).max() < 1e-6


def test_training_again_gives_the_same_bytes_whatever_the_order_of_the_rows() -> None:
    table = labelled(900)
    shuffled = table.take(pa.array(np.random.default_rng(3).permutation(table.num_rows)))
    assert canonical(train(table, task()).model) == canonical(train(shuffled, task()).model)


def test_another_seed_holds_out_other_rows() -> None:
    table = labelled(300)
    first = [ordered_by_key(table, ["id"], seed)["id"].to_pylist()[:60] for seed in (1, 2)]
    assert set(first[0]) != set(first[1])


def test_hold_out_and_folds_have_equal_shares_of_each_class() -> None:
    labels = (np.arange(1000) % 4 == 0).astype(np.int8)
    part = stratified(labels, 0.2, 3)
    assert (part == -1).sum() == 200 and labels[part == -1].sum() == 50
    for fold in range(3):
        assert abs(labels[part == fold].mean() - 0.25) < 0.005


def test_a_shorter_fit_is_the_beginning_of_a_longer_one() -> None:
    rows = labelled(600)
    features, _ = learn_features(rows, task()["inputs"])
    matrix = encode(rows, features)
    data = xgb.QuantileDMatrix(matrix, rows["label"].to_numpy())
    long = xgb.train(parameters(3, task()), data, num_boost_round=40)
    short = xgb.train(parameters(3, task()), data, num_boost_round=15)
    assert np.array_equal(long.inplace_predict(matrix, iteration_range=(0, 15)), short.inplace_predict(matrix))


def test_nothing_is_learned_from_rows_outside_the_training_part() -> None:
    table = labelled(900)
    rows = ordered_by_key(table, ["id"], 42)
    part = stratified(rows["label"].to_numpy().astype(np.int8), 0.2, 3)
    held_out = set(np.asarray(rows["id"].to_pylist(), dtype=object)[part < 0])
    plans = [
        "only held out" if i in held_out else p
        for i, p in zip(table["id"].to_pylist(), table["plan"].to_pylist(), strict=True)
    ]
    model = train(replaced(table, "plan", pa.array(plans)), task()).model
    categories = next(f["categories"] for f in model["features"] if f["name"] == "plan")
    assert "only held out" not in categories and "basic" in categories


def test_the_chosen_point_is_the_best_of_the_grid_and_the_importance_sums_to_one() -> None:
    trained = train(labelled(1500), task())
    grid = trained.model["grid"]
    chosen = trained.model["chosen"]
    assert len(grid) == 4
    best = max(point["auc"] for point in grid)
    assert (
        next(p["auc"] for p in grid if (p["max_depth"], p["rounds"]) == (chosen["max_depth"], chosen["rounds"])) == best
    )
    assert sum(entry["share"] for entry in trained.model["importance"]) == pytest.approx(1)
    assert trained.model["metrics"]["auc"] > 0.7


@pytest.mark.parametrize("values", [pa.array([0.5] * 900), pa.nulls(900, pa.float64())])
def test_a_constant_feature_is_left_out_with_a_warning(values: pa.Array) -> None:
    trained = train(replaced(labelled(900), "charge", values), task())
    assert any("MR405 charge" in warning for warning in trained.warnings)
    assert "charge" not in [f["name"] for f in trained.model["features"]]


@pytest.mark.parametrize(
    ("labels", "code"),
    [([1] * 900, "MR401"), ([0] * 898 + [1, 1], "MR401"), ([0, 1, 2] * 300, "MR401"), ([], "MR402")],
)
def test_a_label_that_cannot_be_learned_is_a_fault(labels: list[int], code: str) -> None:
    table = labelled(900).slice(0, len(labels))
    with pytest.raises(Fault, match=code):
        train(replaced(table, "label", pa.array(labels, pa.int32())), task())


def test_an_input_that_is_no_column_is_a_fault() -> None:
    with pytest.raises(Fault, match="MR403"):
        train(labelled(900).drop_columns(["tenure"]), task())


def test_the_artefact_is_checked_against_its_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "v1"
    write_model(train(labelled(900), task()), folder, pipeline="p", name="m", model_version=1, data=[])
    assert read_model(folder)["name"] == "m"
    assert {path.name for path in folder.iterdir()} == {"model.json", "dossier.json", "manifest.json", "roc_curve.png"}
    (folder / "model.json").write_text((folder / "model.json").read_text().replace('"name":"m"', '"name":"n"'))
    with pytest.raises(Fault, match="MR404"):
        read_model(folder)
