"""Writes Millrace's hold-out and folds, which every peer uses too, so that answers can be compared."""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent.parent / "glue-scripts"))

from engine.model.split import ordered_by_key, stratified
from engine.table_rows import rows_of


def write_split(lake: Path, model: Path, out: Path) -> int:
    """Write `customer_id, part` as Parquet, part -1 for the hold-out, else the fold. Returns the number of rows.

    Computed with the engine's own rule from the feature table of a run, and checked against the counts in its model.
    """
    learned = json.loads(model.read_text())
    key, label = learned["key"], learned["label"]
    rows = rows_of(str(lake), [*key, label])
    labelled, at = ordered_by_key(rows.filter(pc.is_valid(rows[label])), key, learned["seed"])
    labels = labelled[label].to_numpy().astype(np.int8)
    part = stratified(labels, at, learned["test_share"], learned["folds"])
    held_out = part < 0
    counts = {
        "train": int((~held_out).sum()),
        "test": int(held_out.sum()),
        "train_positive": int(labels[~held_out].sum()),
        "test_positive": int(labels[held_out].sum()),
    }
    if counts != learned["rows"]:
        raise SystemExit(f"the split is not the model's: it has {counts}, the model {learned['rows']}")
    pq.write_table(pa.table({key[0]: labelled[key[0]], "part": pa.array(part.astype(np.int32))}), out)
    return len(part)
