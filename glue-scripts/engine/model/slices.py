"""The main metric by groups of rows: is the model as good for each group as for all rows?"""

from collections.abc import Sequence
from typing import TypedDict, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.model.document_types import Feature, Slice
from engine.model.encoding import column_of
from engine.model.objective import Floats, Labels, Objective

#: With fewer rows the metric is chance.
MIN_SLICE_ROWS = 50
MAX_SLICES = 8


class Floor(TypedDict):
    """A gate's floor for slices, without the metric of the objective."""

    column: str
    minRows: int


def slices(
    objective: Objective,
    rows: pa.Table,
    labels: Labels,
    scores: Floats,
    features: Sequence[Feature],
    floors: Sequence[Floor],
) -> list[Slice]:
    """The metric on the hold-out for the most frequent values of each categorical input that have enough rows.

    A column with a floor in the gate, input or not, has a slice for each value with as many rows as the floor requires.
    """
    least_rows = {floor["column"]: floor["minRows"] for floor in floors}
    found: list[Slice] = []
    for feature in features:
        if feature["kind"] == "categorical" and feature["name"] not in least_rows:
            sized = sizes(rows, feature["name"], feature["categories"])[:MAX_SLICES]
            values = [value for value, n in sized if n >= MIN_SLICE_ROWS]
            found += sliced(objective, rows, labels, scores, feature["name"], values)
    for column, least in least_rows.items():
        values = [value for value, n in sizes(rows, column, None) if n >= least]
        found += sliced(objective, rows, labels, scores, column, values)
    return found


def sizes(rows: pa.Table, column: str, among: Sequence[str] | None) -> list[tuple[str, int]]:
    """Values as text, with their number of rows, most frequent first."""
    counts = pc.value_counts(as_texts(rows, column).drop_null()).to_pylist()
    known = [(entry["values"], entry["counts"]) for entry in counts if among is None or entry["values"] in among]
    return sorted(known, key=lambda entry: (-entry[1], entry[0]))


def sliced(
    objective: Objective, rows: pa.Table, labels: Labels, scores: Floats, column: str, values: Sequence[str]
) -> list[Slice]:
    """An entry for each value whose rows are judgeable."""
    texts = as_texts(rows, column)
    found: list[Slice] = []
    for value in values:
        chosen = np.asarray(pc.equal(texts, value).fill_null(False), dtype=bool)
        if objective.judgeable(labels[chosen]):
            figure = objective.judge(labels[chosen], scores[chosen])
            entry = {"feature": column, "value": value, "rows": int(chosen.sum()), objective.judged_by: figure}
            found.append(cast(Slice, entry))
    return found


def as_texts(rows: pa.Table, column: str) -> pa.ChunkedArray:
    return column_of(rows, column).cast(pa.string())
