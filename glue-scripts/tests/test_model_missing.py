"""Missing values of every form score the same in Python and TypeScript: both must match the golden file."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from engine.model.score import score
from tests.learning_data import INPUTS
from tests.small_lake import GOLDEN

ENTRIES: list[dict[str, Any]] = json.loads((GOLDEN / "missing.json").read_text())
ARROW = {"int": pa.int32(), "double": pa.float64(), "string": pa.string(), "boolean": pa.bool_()}


def column(name: str, kind: str) -> pa.Array:
    values = [odd(entry["row"][name]) for entry in ENTRIES]
    if kind in ARROW:
        return pa.array(values, ARROW[kind], from_pandas=False)
    texts = pa.array(values, pa.string())
    return texts.cast(pa.date32()) if kind == "date" else texts.cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))


def odd(value: Any) -> Any:
    """{"float": "NaN"} stands for a value that JSON cannot hold."""
    return float(value["float"]) if isinstance(value, dict) else value


def test_missing_values_nan_infinity_and_unknown_categories_score_as_the_golden_file_says() -> None:
    model = json.loads((GOLDEN / "model.json").read_text())
    table = pa.table({spec["name"]: column(spec["name"], spec["type"]) for spec in INPUTS})
    found = score(model, table)
    assert found == pytest.approx([entry["score"] for entry in ENTRIES], abs=1e-9)
    assert np.isfinite(found).all()
    by_name = {entry["name"]: entry["score"] for entry in ENTRIES}
    assert by_name["NaN"] == by_name["null"] and by_name["an unknown category"] == by_name["no category"]
    assert by_name["infinity"] == by_name["the greatest number"]
