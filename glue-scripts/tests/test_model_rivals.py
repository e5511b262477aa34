"""A candidate is compared with the live version on rows from which neither learned, with an interval for the difference."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from engine.model.learned import fingerprints, row_hashes, unseen_rows
from engine.model.objectives.binary import Binary
from engine.model.objectives.binary_metrics import auc, ranked_auc
from engine.model.rivals import Rival
from engine.model.split import ordered_by_key, places, stratified
from engine.model.train import Trained, train
from tests.learning_data import labelled, task


def as_rival(trained: Trained, version: int = 1) -> Rival:
    return Rival(version, trained.model, trained.dossier)


def held_out(table: pa.Table, spec: dict[str, Any]) -> set[str]:
    rows, at = ordered_by_key(table, spec["key"], spec["seed"])
    part = stratified(rows["label"].to_numpy().astype(np.int8), at, spec["testShare"], spec["folds"])
    return set(np.asarray(rows["id"].to_pylist(), dtype=object)[part < 0])


def turned(table: pa.Table, share: float, seed: int = 3) -> pa.Table:
    """The same rows with some labels flipped, so that a model trained on them is worse."""
    rng = np.random.default_rng(seed)
    labels = table["label"].to_numpy()
    labels = np.where(rng.random(len(labels)) < share, 1 - labels, labels).astype(np.int32)
    return table.set_column(table.column_names.index("label"), "label", pa.array(labels))


def test_the_next_version_holds_out_the_same_rows_whatever_rows_are_added_or_removed() -> None:
    table = labelled(3000)
    before = held_out(table, task())
    rng = np.random.default_rng(1)
    fewer = table.filter(pa.array(rng.random(3000) < 0.6))
    more = pa.concat_tables([table, with_other_keys(labelled(2000, seed=8))])
    kept = set(fewer["id"].to_pylist())
    assert held_out(fewer, task()) == before & kept
    assert held_out(more, task()) >= before
    assert held_out(more, task()) & set(table["id"].to_pylist()) == before
    # Correcting a label does not move a row either.
    assert held_out(turned(table, 0.3), task()) == before


def with_other_keys(table: pa.Table) -> pa.Table:
    return table.set_column(0, "id", pa.array([f"N-{i}" for i in range(table.num_rows)]))


def test_a_worse_model_is_shown_to_be_worse_and_an_equal_one_is_not() -> None:
    table = labelled(4000)
    live = train(table, task())
    worse = train(turned(table, 0.35), task(inputs=[{"name": "tenure", "type": "int"}]), [as_rival(live)])
    (found,) = worse.dossier["comparisons"]
    assert found["interval"][1] < 0 and found["interval"][0] < found["difference"] < found["interval"][1]
    assert found["auc"] - found["metrics"]["auc"] == pytest.approx(found["difference"])
    same = train(table, task(), [as_rival(live)]).dossier["comparisons"][0]
    assert (same["difference"], same["interval"]) == (0.0, [0.0, 0.0])
    assert same["same_scores"] is True and "same_scores" not in found
    assert same["metrics"]["auc"] == live.model["metrics"]["auc"] and same["rows"] == live.model["rows"]["test"]


def test_the_comparison_is_repeatable_and_independent_of_the_order_of_rows() -> None:
    table = labelled(1500)
    live = as_rival(train(table.slice(0, 900), task()))
    shuffled = table.take(pa.array(np.random.default_rng(3).permutation(table.num_rows)))
    found = [train(rows, task(), [live]).dossier["comparisons"] for rows in (table, shuffled)]
    assert found[0] == found[1] and "difference" in found[0][0]


def test_rows_from_which_the_other_version_learned_are_left_out_if_its_seed_differs() -> None:
    table = labelled(4000)
    live = train(table, task(seed=7, testShare=0.3))
    candidate = train(table, task(), [as_rival(live)])
    (found,) = candidate.dossier["comparisons"]
    rows, at = ordered_by_key(table, ["id"], 42)
    other = places(rows, ["id"], 7)
    assert found["rows"] == int(((at < 0.2) & (other < 0.3)).sum())
    assert found["rows"] < candidate.model["rows"]["test"] / 2


@pytest.mark.parametrize(
    ("rival", "why"),
    [
        (Rival(1, None), "missing or damaged"),
        ("old", "older engine"),
        ("other key", "only 0 rows"),
        ("gone", "cannot score"),
        ("few", "only 0 rows"),
        ("other label", "it predicts another column, churned"),
    ],
)
def test_if_two_models_cannot_be_compared_training_continues_and_says_why(rival: Any, why: str) -> None:
    table = labelled(900)
    if not isinstance(rival, Rival):
        live = train(table, task())
        model, dossier = dict(live.model), dict(live.dossier)
        if rival == "old":
            del dossier["learned"]
        if rival == "other key":
            model["key"] = ["plan"]
        if rival == "gone":
            model["features"] = [{"name": "spent", "kind": "numeric", "fill": 0.0}]
        if rival == "few":
            model["test_share"] = 0.0
        if rival == "other label":
            model["label"] = "churned"
        rival = Rival(1, model, dossier)
    (found,) = train(table, task(), [rival]).dossier["comparisons"]
    assert set(found) == {"against", "why_not"} and why in found["why_not"]


def test_the_auc_by_ranks_equals_the_auc_including_ties() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        labels = np.append([0, 1], rng.integers(0, 2, 60)).astype(np.int8)
        scores = rng.integers(0, 8, 62) / 8
        ranks = np.unique(scores, return_inverse=True)[1]
        assert ranked_auc(ranks[labels == 1], ranks[labels == 0]) == pytest.approx(auc(labels, scores))


def test_the_interval_contains_the_true_difference_as_often_as_it_should() -> None:
    """Two scores of known quality, drawn 60 times: about 95 % of the intervals contain the difference that many rows show."""

    def drawn(rows: int, seed: int) -> tuple[Any, Any, Any]:
        rng = np.random.default_rng(seed)
        labels = (rng.random(rows) < 0.3).astype(np.int8)
        common = rng.normal(size=rows)
        return (
            labels,
            labels * 1.2 + common + rng.normal(size=rows) * 0.3,
            labels * 1.0 + common + rng.normal(size=rows) * 0.5,
        )

    labels, one, other = drawn(400_000, 1)
    true = auc(labels, one) - auc(labels, other)
    held = [low <= true <= high for low, high in (Binary().interval(*drawn(500, 10 + i), 42) for i in range(60))]
    assert sum(held) >= 50


def test_the_same_rows_have_the_same_fingerprint_in_all_arrow_types() -> None:
    table = labelled(300)
    spec = task()
    before = fingerprints(row_hashes(table, spec), spec)
    large = table.set_column(3, "plan", table["plan"].cast(pa.large_string())).set_column(
        1, "tenure", table["tenure"].cast(pa.int64())
    )
    shuffled = large.take(pa.array(np.random.default_rng(3).permutation(300)))
    assert fingerprints(row_hashes(shuffled, spec), spec) == before
    assert fingerprints(row_hashes(table, spec), task(seed=43))["parameters"] != before["parameters"]
    assert fingerprints(row_hashes(table, spec), task(grid={"maxDepth": [3, 2, 2], "rounds": [20, 10]})) == before


@pytest.mark.parametrize("name", ["id", "tenure", "charge", "plan", "paperless", "joined", "seen", "label"])
def test_a_different_value_in_any_column_makes_a_different_row(name: str) -> None:
    table = labelled(50)
    column = table[name].combine_chunks()
    changed = pa.concat_arrays(
        [column.slice(1, 1) if column[0] != column[1] else pa.nulls(1, column.type), column.slice(1)]
    )
    other = table.set_column(table.column_names.index(name), name, changed)
    new = unseen_rows(row_hashes(other, task()), np.sort(row_hashes(table, task())))
    assert new.tolist() == [True] + [False] * 49


def test_all_rows_are_new_to_a_version_that_has_seen_none() -> None:
    hashes = row_hashes(labelled(5), task())
    assert unseen_rows(hashes, np.array([], dtype=np.uint64)).all()
