"""A feature that is the label in disguise is found in any form, and honest features are not suspected."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from engine.model.train import train
from tests.learning_data import INPUTS, labelled, task

RNG = np.random.default_rng(4)
TABLE = labelled(2000)
LABEL = TABLE["label"].to_numpy()
SOME = RNG.random(2000)

ROWS = list(zip(LABEL.tolist(), SOME.tolist(), strict=True))
DAYS = pa.array([int(20_000 + 99 * some) if y else None for y, some in ROWS], pa.int32())

DISGUISES: dict[str, tuple[str, pa.Array]] = {
    "a copy": ("int", pa.array(LABEL)),
    "the opposite": ("double", pa.array(1.0 - LABEL)),
    "a word": ("string", pa.array(["gone" if y else "here" for y in LABEL])),
    "many words": ("string", pa.array([f"{'reason' if y else 'ok'} {int(some * 9)}" for y, some in ROWS])),
    "a word that only one class has": ("string", pa.array(["moved away" if y else None for y in LABEL])),
    "a date that only one class has": ("date", DAYS.cast(pa.date32())),
    "a distance from the middle": ("double", pa.array((LABEL * 2 + SOME) * np.where(SOME > 0.5, 1, -1))),
    "a copy with one error in fifty": ("int", pa.array(np.where(RNG.random(2000) < 0.02, 1 - LABEL, LABEL))),
    "true or false": ("boolean", pa.array(LABEL == 1)),
}


def with_extra(kind: str, values: pa.Array, **changes: Any) -> tuple[pa.Table, dict[str, Any]]:
    return TABLE.append_column("extra", values), task(inputs=[*INPUTS, {"name": "extra", "type": kind}], **changes)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_feature_that_explains_the_label_alone_is_named_with_its_auc(disguise: str) -> None:
    trained = train(*with_extra(*DISGUISES[disguise]))
    (leak,) = trained.dossier["leaks"]
    assert leak["feature"] == "extra" and leak["auc"] >= 0.97
    assert [w for w in trained.warnings if w.startswith("MR410 extra alone explains the label")]


def test_honest_features_are_not_suspected_even_if_each_row_has_another_value() -> None:
    honest = {
        "a key": ("string", pa.array([f"K{i}" for i in range(2000)])),
        "a number a row": ("double", pa.array(RNG.random(2000))),
        "a good feature": ("double", pa.array(LABEL + RNG.normal(size=2000))),
        "a flag that two thirds of a class have": ("boolean", pa.array((LABEL == 1) & (SOME < 0.66))),
    }
    for kind, values in honest.values():
        trained = train(*with_extra(kind, values))
        assert trained.dossier["leaks"] == [] and trained.warnings == []


def test_with_few_rows_of_a_class_no_feature_is_suspected() -> None:
    table, spec = with_extra(*DISGUISES["a copy"])
    assert train(table.slice(0, 60), spec).dossier["leaks"] == []


def test_the_gate_gets_slices_of_any_column_for_each_value_with_enough_rows() -> None:
    regions = pa.array([i % 3 for i in range(2000)], pa.int32())
    spec = task(gate={"slices": [{"column": "region", "auc": 0.5, "minRows": 100}]})
    slices = train(TABLE.append_column("region", regions), spec).dossier["slices"]
    assert sorted(s["value"] for s in slices if s["feature"] == "region") == ["0", "1", "2"]
    assert {s["feature"] for s in slices} == {"plan", "region"}
    strict = task(gate={"slices": [{"column": "region", "auc": 0.5, "minRows": 500}]})
    assert {s["feature"] for s in train(TABLE.append_column("region", regions), strict).dossier["slices"]} == {"plan"}
