"""A label that is a number: what is measured, what is refused, what leaks, and how two versions compare."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from engine.faults import Fault
from engine.model.artefact import canonical, read_model, write_model
from engine.model.objectives.regression import Regression
from engine.model.rivals import Rival
from engine.model.score import score
from engine.model.train import train
from tests.learning_data import FOREST, INPUTS, labelled, priced, task
from tests.small_lake import GOLDEN

BOOSTED = task()["algorithm"]
REGRESSION = Regression()


def spec(algorithm: dict[str, Any] = FOREST, **changes: Any) -> dict[str, Any]:
    return task(objective="regression", algorithm=algorithm, **changes)


def with_label(label: pa.Array) -> pa.Table:
    table = priced(len(label))
    return table.set_column(table.column_names.index("label"), "label", label)


pairs = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=2, max_size=40)


@given(pairs)
def test_metrics_equal_those_of_scikit_learn(rows: list[tuple[float, float]]) -> None:
    actual, predicted = np.array(rows).T
    found = REGRESSION.metrics(actual, predicted, None)
    assert found["r2"] == pytest.approx(reference.r2_score(actual, predicted), rel=1e-6, abs=1e-6)
    assert found["rmse"] == pytest.approx(reference.root_mean_squared_error(actual, predicted))
    assert found["mae"] == pytest.approx(reference.mean_absolute_error(actual, predicted))
    assert found["median_error"] == pytest.approx(reference.median_absolute_error(actual, predicted))


@pytest.mark.parametrize("algorithm", [FOREST, BOOSTED], ids=["forest", "boosted"])
def test_what_was_planted_is_learned_and_the_best_point_is_chosen(algorithm: dict[str, Any]) -> None:
    trained = train(priced(3000), spec(algorithm))
    grid, chosen = trained.model["grid"], trained.model["chosen"]
    best = max(grid, key=lambda point: point["r2"])
    assert all(chosen[name] == best[name] for name in set(best) & set(chosen))
    metrics, rows = trained.model["metrics"], trained.model["rows"]
    # The noise is 12,000.
    assert metrics["r2"] > 0.85 and 11_000 < metrics["rmse"] < 24_000 and abs(metrics["bias"]) < 2_000
    assert rows["train"] + rows["test"] == 3000 and abs(rows["train_mean"] - rows["test_mean"]) < 5_000
    assert trained.model["importance"][0]["feature"] == "charge" and trained.warnings == []
    assert sum(entry["rows"] for entry in trained.dossier["tenths"]) == rows["test"]
    assert 100 <= len(trained.dossier["pairs"]) <= 300


def test_training_again_gives_the_same_bytes_whatever_the_order_of_the_rows() -> None:
    table = priced(900)
    shuffled = table.take(pa.array(np.random.default_rng(3).permutation(table.num_rows)))
    assert canonical(train(table, spec()).model) == canonical(train(shuffled, spec()).model)


def test_the_scorer_in_numpy_agrees_with_the_library_to_a_millionth_of_the_score() -> None:
    model = json.loads((GOLDEN / "forest.json").read_text())
    vectors = json.loads((GOLDEN / "forest-vectors.json").read_text())
    types = {"tenure": pa.int32(), "charge": pa.float64(), "plan": pa.string(), "paperless": pa.bool_()}
    columns: dict[str, Any] = {name: pa.array([v["row"][name] for v in vectors], kind) for name, kind in types.items()}
    columns["joined"] = pa.array([v["row"]["joined"] for v in vectors]).cast(pa.date32())
    columns["seen"] = pa.array([v["row"]["seen"] for v in vectors]).cast(pa.timestamp("us", "UTC"))
    expected = np.array([v["score"] for v in vectors])
    assert len(vectors) == 300
    assert np.abs(score(model, pa.table(columns)) / expected - 1).max() < 1e-6


@pytest.mark.parametrize(
    ("label", "why"),
    [
        (pa.array(["12"] * 60), "label holds string, and is to be a number"),
        (pa.array([float("nan"), *range(59)], pa.float64()), "no number, in 1 row"),
        (pa.array([float("inf"), float("-inf"), *range(58)], pa.float64()), "no number, in 2 rows"),
        (pa.array([-1e101, *range(59)], pa.float64()), "above 1e\\+100 or no number, in 1 row"),
        (pa.array([7.5] * 60), "label is 7.5 in every row"),
        (pa.array([1e-170 * n for n in range(60)]), "differ by less than 1e-150"),
        (pa.array([5e-324, 1e-323] * 30), "differ by less than 1e-150"),
        (pa.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), "7 rows with a label, and 8 are needed"),
    ],
)
def test_a_label_that_cannot_be_learned_is_a_fault(label: pa.Array, why: str) -> None:
    with pytest.raises(Fault, match=f"MR401.*{why}"):
        train(with_label(label), spec())


def test_a_label_may_be_in_any_unit_and_far_from_0() -> None:
    label = priced(2000)["label"].to_numpy()
    standard = (label - label.mean()) / label.std()
    reached = train(with_label(pa.array(label)), spec()).model["metrics"]["r2"]
    for scale, shift in [(1e-30, 0.0), (1e-6, 0.0), (1e25, 0.0), (100.0, 1.7e9), (1.0, -1e12)]:
        model = train(with_label(pa.array(standard * scale + shift)), spec()).model
        assert model["metrics"]["r2"] == pytest.approx(reached, abs=0.01), (scale, shift)
        assert abs(model["metrics"]["bias"]) < 0.2 * scale


@pytest.mark.parametrize("kind", [pa.int64(), pa.decimal128(12, 2), pa.float32()])
def test_a_label_may_be_of_any_type_of_numbers(kind: pa.DataType) -> None:
    whole = pa.array(np.round(priced(400)["label"].to_numpy())).cast(kind)
    assert train(with_label(whole), spec()).model["metrics"]["r2"] > 0.5


def test_the_fewest_rows_that_may_be_learned_from_are_judged_without_a_word_that_is_not_true() -> None:
    trained = train(priced(8), spec())
    assert trained.model["rows"]["test"] >= 1 and trained.dossier["leaks"] == []
    canonical(trained.model), canonical(trained.dossier)


def test_rows_of_one_value_have_a_figure_all_the_same() -> None:
    same = np.full(5, 3.0)
    assert REGRESSION.judge(same, same) == 1 and REGRESSION.judge(same, same + 1) == 0
    assert REGRESSION.alone(same, np.arange(5.0)) == 0 and REGRESSION.alone(np.arange(5.0), same) == 0


LABEL = priced(2000)["label"].to_numpy()
DISGUISES: dict[str, tuple[str, pa.Array]] = {
    "a copy": ("double", pa.array(LABEL)),
    "in other units, and the other way round": ("double", pa.array(-LABEL / 1000 + 7)),
    "in classes": ("string", pa.array([f"about {int(y / 20_000)}" for y in LABEL])),
    "its square": ("double", pa.array(LABEL**2)),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_the_label_in_disguise_is_named_with_what_it_explains(disguise: str) -> None:
    kind, values = DISGUISES[disguise]
    table = priced(2000).append_column("extra", values)
    trained = train(table, spec(inputs=[*INPUTS, {"name": "extra", "type": kind}]))
    (leak,) = trained.dossier["leaks"]
    assert leak["feature"] == "extra" and leak["r2"] >= 0.97
    assert [w for w in trained.warnings if w.startswith("MR410 extra alone explains the label (R² ")]


def test_what_is_worse_is_shown_to_be_worse_and_what_is_the_same_is_not() -> None:
    table = priced(3000)
    live = train(table, spec(BOOSTED))
    rival = Rival(1, live.model, live.dossier)
    worse = train(table, spec(inputs=[{"name": "tenure", "type": "int"}]), [rival]).dossier["comparisons"][0]
    assert worse["interval"][1] < 0 and worse["r2"] - worse["metrics"]["r2"] == pytest.approx(worse["difference"])
    same = train(table, spec(BOOSTED), [rival]).dossier["comparisons"][0]
    assert same["same_scores"] is True and "same_scores" not in worse and abs(same["difference"]) < 1e-6


def test_a_version_that_predicts_another_kind_of_label_is_not_compared() -> None:
    live = train(labelled(900), task())
    (found,) = train(priced(900), spec(), [Rival(1, live.model, live.dossier)]).dossier["comparisons"]
    assert found == {"against": 1, "why_not": "it predicts another kind of label"}


def test_the_gate_asks_for_slices_and_a_group_of_one_value_has_none() -> None:
    table = priced(2000)
    price = np.where(table["paperless"].to_numpy(), table["label"].to_numpy(), 100_000)
    flat = with_label(pa.array(price))
    gate = {"r2": 0, "slices": [{"column": "paperless", "r2": 0.1, "minRows": 50}]}
    slices = [s for s in train(flat, spec(gate=gate)).dossier["slices"] if s["feature"] == "paperless"]
    assert [s["value"] for s in slices] == ["true"] and slices[0]["r2"] > 0.3


def test_the_interval_holds_the_true_difference_as_often_as_it_says() -> None:
    def drawn(rows: int, seed: int) -> tuple[Any, Any, Any]:
        rng = np.random.default_rng(seed)
        labels = rng.normal(size=rows)
        return labels, labels + rng.normal(size=rows) * 0.5, labels + rng.normal(size=rows) * 0.6

    labels, one, other = drawn(400_000, 1)
    true = REGRESSION.judge(labels, one) - REGRESSION.judge(labels, other)
    found = (REGRESSION.interval(*drawn(500, 10 + i), 42) for i in range(60))
    assert sum(low <= true <= high for low, high in found) >= 50


def test_the_artefact_has_a_picture_of_what_was_predicted(tmp_path: Path) -> None:
    trained = train(priced(600), spec())
    seen = np.array([1], dtype=np.uint64)
    data = [{"table": "features", "version": 3}]
    summary = write_model(trained, tmp_path / "v1", pipeline="p", name="m", model_version=1, data=data, seen=seen)
    files = {path.name for path in (tmp_path / "v1").iterdir()}
    assert files == {"dossier.json", "manifest.json", "model.json", "predicted_actual.png", "rows.bin"}
    assert (tmp_path / "v1" / "predicted_actual.png").read_bytes().startswith(b"\x89PNG")
    assert (summary["objective"], summary["algorithm"]) == ("regression", "random-forest")
    assert read_model(tmp_path / "v1")["libraries"]["xgboost"]
