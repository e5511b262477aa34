"""Scores rows with `model.json` alone, without the library that trained it."""

import pyarrow as pa

from engine.model.document_types import Model
from engine.model.encoding import encode
from engine.model.objective import Floats
from engine.model.records import algorithm_of, objective_of


def score(model: Model, table: pa.Table) -> Floats:
    """One score per table row. Equals the library's own prediction within 1e-6 (relative, if the score has a unit)."""
    margins = algorithm_of(model).margins(model, encode(table, model["features"]))
    return objective_of(model).link(margins)
