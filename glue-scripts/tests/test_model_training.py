import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from engine.faults import Fault
from engine.model import encoding, part, split
from engine.model.algorithms.gradient_boosted_trees import GradientBoostedTrees
from engine.model.artefact import canonical
from engine.model.encoding import encode, learn_features
from engine.model.grid import Tried, best_of
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
    columns["seen"] = pa.array([v["row"]["seen"] for v in vectors]).cast(pa.timestamp("us", "UTC"))
    found = score(model, pa.table(columns))
    assert len(vectors) >= 1200
    assert np.abs(found - np.array([v["score"] for v in vectors])).max() < 1e-6


def test_training_again_gives_the_same_bytes_for_any_order_of_rows() -> None:
    table = labelled(900)
    shuffled = table.take(pa.array(np.random.default_rng(3).permutation(table.num_rows)))
    assert canonical(train(table, task()).model) == canonical(train(shuffled, task()).model)


def test_the_size_of_a_block_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = train(labelled(900), task())
    for module in (part, encoding):
        monkeypatch.setattr(module, "BLOCK", 50)
    in_blocks = train(labelled(900), task())
    assert canonical(in_blocks.model) == canonical(whole.model)
    assert canonical(in_blocks.dossier) == canonical(whole.dossier)


def test_rows_with_equal_hashes_are_ordered_by_their_key(monkeypatch: pytest.MonkeyPatch) -> None:
    table = labelled(300)
    ids = np.asarray(table["id"].to_pylist())
    monkeypatch.setattr(split, "hashes_of", lambda values, seed: np.array([len(v) for v in values], np.uint64))
    found = ordered_by_key(table, ["id"], 42)[0]["id"].to_pylist()
    assert found == sorted(ids, key=lambda text: (len(text), text))


def test_another_seed_holds_out_other_rows() -> None:
    table = labelled(300)
    first = [ordered_by_key(table, ["id"], seed)[0]["id"].to_pylist()[:60] for seed in (1, 2)]
    assert set(first[0]) != set(first[1])


def test_hold_out_and_folds_have_equal_shares_of_each_class() -> None:
    labels = (np.arange(1000) % 4 == 0).astype(np.int8)
    places = np.sort(np.random.default_rng(5).random(1000))
    part = stratified(labels, places, 0.2, 3)
    assert abs((part == -1).sum() - 200) < 40 and abs(labels[part == -1].mean() - 0.25) < 0.08
    for fold in range(3):
        assert abs(labels[part == fold].mean() - labels[part >= 0].mean()) < 0.005


def test_a_shorter_fit_is_the_start_of_a_longer_one() -> None:
    rows = labelled(600)
    features, _ = learn_features(rows, task()["inputs"])
    matrix = encode(rows, features)
    trees, asked = GradientBoostedTrees(), task()["algorithm"]
    data = trees.prepared([matrix], rows["label"].to_numpy(), "log")
    points = [{"max_depth": 3, "rounds": rounds} for rounds in (15, 40)]
    short, long = (trees.fitted(data, point, asked, "log", 42) for point in points)
    assert np.array_equal(trees.predicted(long, [matrix], points[0]), trees.predicted(short, [matrix], points[0]))
    assert not np.array_equal(trees.predicted(long, [matrix], points[0]), trees.predicted(long, [matrix], points[1]))


def test_nothing_is_learned_from_rows_outside_the_training_part() -> None:
    table = labelled(900)
    rows, at = ordered_by_key(table, ["id"], 42)
    part = stratified(rows["label"].to_numpy().astype(np.int8), at, 0.2, 3)
    held_out = set(np.asarray(rows["id"].to_pylist(), dtype=object)[part < 0])
    plans = [
        "only held out" if i in held_out else p
        for i, p in zip(table["id"].to_pylist(), table["plan"].to_pylist(), strict=True)
    ]
    model = train(replaced(table, "plan", pa.array(plans)), task()).model
    categories = next(f["categories"] for f in model["features"] if f["name"] == "plan")
    assert "only held out" not in categories and "basic" in categories


def test_the_best_point_of_the_grid_is_chosen_and_importances_sum_to_one() -> None:
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


@pytest.mark.parametrize("values", [pa.array([0.5] * 900), pa.nulls(900, pa.float64()), pa.array([0.5, None] * 450)])
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


@pytest.mark.parametrize("name", ["tenure", "id", "label"])
def test_an_input_key_or_label_that_is_not_a_column_is_a_fault(name: str) -> None:
    with pytest.raises(Fault, match=f"MR403  {name}"):
        train(labelled(900).drop_columns([name]), task())


def test_only_constant_inputs_are_a_fault() -> None:
    table = replaced(labelled(900), "charge", pa.array([1.0] * 900))
    with pytest.raises(Fault, match="MR403"):
        train(table, task(inputs=[{"name": "charge", "type": "double"}]))


def test_rows_without_a_label_are_ignored_and_only_such_rows_are_a_fault() -> None:
    table = labelled(900)
    labels = [None if i % 9 == 0 else label for i, label in enumerate(table["label"].to_pylist())]
    some = replaced(table, "label", pa.array(labels, pa.int32()))
    model = train(some, task()).model
    assert model["rows"]["train"] + model["rows"]["test"] == 800
    assert canonical(model) == canonical(train(some.filter(some["label"].is_valid()), task()).model)
    with pytest.raises(Fault, match="MR402"):
        train(replaced(table, "label", pa.nulls(900, pa.int32())), task())


def test_a_text_label_is_a_fault() -> None:
    with pytest.raises(Fault, match="MR401"):
        train(replaced(labelled(900), "label", pa.array(["yes", "no"] * 450)), task())


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.999])
def test_the_rarest_allowed_class_is_in_the_hold_out_and_in_every_fold(share: float) -> None:
    labels = np.zeros(900, dtype=np.int32)
    labels[[3, 50, 300, 700]] = 1
    part = stratified(labels.astype(np.int8), np.linspace(0, 0.999, 900), share, 3)
    assert sorted(part[labels == 1]) == [-1, 0, 1, 2]
    trained = train(replaced(labelled(900), "label", pa.array(labels)), task(testShare=share))
    assert 0 <= trained.model["metrics"]["auc"] <= 1


def test_a_fold_with_only_constant_inputs_scores_by_frequency() -> None:
    rows, at = ordered_by_key(labelled(900), ["id"], 42)
    part = stratified(rows["label"].to_numpy().astype(np.int8), at, 0.2, 3)
    charge = np.where(part == 1, np.arange(900) % 5, 0).astype(np.float64)
    spec = task(inputs=[{"name": "charge", "type": "double"}])
    grid = train(replaced(rows, "charge", pa.array(charge)), spec).model["grid"]
    assert all(point["auc_by_fold"][1] == 0.5 for point in grid)


def test_the_simplest_of_equal_points_is_chosen_and_each_point_is_tried_once() -> None:

    def tried(depth: int, rounds: int, figure: float) -> Tried:
        return Tried({"max_depth": depth, "rounds": rounds}, [figure], [])

    points, trees = [tried(depth, rounds, 0.8) for depth in (2, 3) for rounds in (10, 20)], GradientBoostedTrees()
    assert best_of([*points[::-1], tried(1, 30, 0.8)], trees) == points[0]
    assert best_of([*points, tried(9, 90, 0.9)], trees).point["max_depth"] == 9
    grid = train(labelled(900), task(grid={"maxDepth": [3, 3], "rounds": [20, 10, 20]})).model["grid"]
    assert [(p["max_depth"], p["rounds"]) for p in grid] == [(3, 10), (3, 20)]


def test_the_hold_out_only_affects_the_metrics() -> None:
    rows, at = ordered_by_key(labelled(900), ["id"], 42)
    held_out = stratified(rows["label"].to_numpy().astype(np.int8), at, 0.2, 3) < 0
    charge = rows["charge"].to_numpy()
    turned = replaced(rows, "charge", pa.array(np.where(held_out, -charge, charge), from_pandas=True))
    before, after = train(rows, task()).model, train(turned, task()).model
    both = before.pop("metrics"), after.pop("metrics")
    assert both[0]["threshold"] == both[1]["threshold"] and both[0]["auc"] > both[1]["auc"] + 0.05
    assert canonical(before) == canonical(after)
