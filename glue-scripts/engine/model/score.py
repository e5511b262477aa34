"""Scores rows with `model.json` alone, without the library that trained it."""

import numpy as np
import pyarrow as pa

from engine.model.document_types import Model
from engine.model.encoding import encode
from engine.model.objective import Floats
from engine.model.part import blocks
from engine.model.records import algorithm_of, objective_of


def score(model: Model, table: pa.Table) -> Floats:
    """One score per table row. Equals the library's own prediction within 1e-6 (relative, if the score has a unit)."""
    algorithm = algorithm_of(model)
    margins = [algorithm.margins(model, encode(block, model["features"])) for block in blocks(table)]
    return objective_of(model).link(np.concatenate(margins))
