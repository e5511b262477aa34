"""Random tables for training, from a seed: every kind of input, a known signal, missing values."""

from typing import Any

import numpy as np
import pyarrow as pa

INPUTS = [
    {"name": "tenure", "type": "int"},
    {"name": "charge", "type": "double"},
    {"name": "plan", "type": "string"},
    {"name": "paperless", "type": "boolean"},
    {"name": "joined", "type": "date"},
    {"name": "seen", "type": "timestamp"},
]


def labelled(rows: int, seed: int = 7) -> pa.Table:
    """Columns id, the inputs, label; the label follows charge, plan and paperless, with noise."""
    rng = np.random.default_rng(seed)
    charge = rng.gamma(4.0, 20.0, rows)
    plan = rng.choice(["basic", "family", "premium"], rows)
    paperless = rng.random(rows) < 0.5
    margin = (charge - 80) / 30 + np.where(plan == "premium", -1.0, 0.5) + paperless * 0.7 - 0.8
    label = (rng.random(rows) < 1 / (1 + np.exp(-margin))).astype(np.int32)
    missing = rng.random((rows, 2)) < 0.05
    joined = rng.integers(15000, 19000, rows).astype(np.int32)
    seen = rng.integers(1_600_000_000_000_000, 1_700_000_000_000_000, rows)
    return pa.table(
        {
            "id": pa.array([f"K-{i}" for i in range(rows)]),
            "tenure": pa.array(rng.integers(0, 72, rows).astype(np.int32)),
            "charge": pa.array(charge, mask=missing[:, 0]),
            "plan": pa.array(plan.astype(object), pa.string(), mask=missing[:, 1]),
            "paperless": pa.array(paperless),
            "joined": pa.array(joined).cast(pa.date32()),
            "seen": pa.array(seen).cast(pa.timestamp("us", "UTC")),
            "label": pa.array(label),
        }
    )


def priced(rows: int, seed: int = 7) -> pa.Table:
    """The same columns with a label that is a number, in the hundred thousands: it follows charge, plan and paperless, with noise."""
    table = labelled(rows, seed)
    rng = np.random.default_rng(seed + 1)
    charge = np.nan_to_num(table["charge"].to_numpy(), nan=60.0)
    premium = np.array([plan == "premium" for plan in table["plan"].to_pylist()])
    price = 150_000 + 900 * charge + 40_000 * premium + 15_000 * table["paperless"].to_numpy()
    label = pa.array(np.round(price + rng.normal(0, 12_000, rows), 2))
    return table.set_column(table.column_names.index("label"), "label", label)


FOREST = {"name": "random-forest", "grid": {"maxDepth": [3, 5], "trees": [20]}, "columnShare": 0.5}


def task(*, grid: Any = None, **changes: Any) -> dict[str, Any]:
    return {
        "features": "features",
        "label": "label",
        "key": ["id"],
        "inputs": INPUTS,
        "objective": "binary",
        "algorithm": {
            "name": "gradient-boosted-trees",
            "grid": grid or {"maxDepth": [2, 3], "rounds": [10, 20]},
            "learningRate": 0.2,
        },
        "folds": 3,
        "testShare": 0.2,
        "seed": 42,
        **changes,
    }
