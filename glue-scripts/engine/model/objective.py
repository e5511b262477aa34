"""What a model predicts. Each objective has a record in `objectives/`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.model.part import Part
from engine.plan_types import Field, TrainTask

Floats = npt.NDArray[np.float64]

#: Labels as the objective encodes them: int8 for classes, float64 for numbers.
Labels = npt.NDArray[Any]

#: What a fit minimises. Each algorithm maps it to the name in its library.
Loss = Literal["log", "squared"]


class Objective(Protocol):
    """`Any` is the record's own part of a document."""

    #: The main metric, which judges grid points, slices and versions: its name in documents, and its label. A higher value is better.
    judged_by: str
    label: str
    loss: Loss
    #: A feature that alone reaches this value is suspected to be derived from the label.
    suspect: float
    #: When a feature is tested alone, each group of equal values counts this many extra rows with the mean label.
    prior: float
    #: Columns of the predictions table, without key and version.
    columns: tuple[Field, ...]

    def labels(self, rows: pa.Table | Part, task: TrainTask) -> Labels:
        """Encode the label of each row; there is at least one row. Raises MR401 if nothing can be learned from it."""

    def strata(self, labels: Labels) -> npt.NDArray[np.int8]:
        """The group of each row: hold-out and folds get equal shares of every group."""

    def counts(self, training: Labels, held_out: Labels) -> Mapping[str, float]:
        """`rows` of a model, without the sizes of the two parts."""

    def link(self, margins: Floats) -> Floats:
        """Turn an algorithm's sums into scores."""

    def judge(self, labels: Labels, scores: Floats) -> float:
        """The main metric. The labels must be judgeable."""

    def judgeable(self, labels: Labels) -> bool:
        """Whether the metric is defined for these rows."""

    def too_few(self, labels: Labels) -> str | None:
        """Why there are too few rows for a reliable metric, as the end of `both held out only ...`; None if there are enough."""

    def settle(self, labels: Labels, scores: Floats) -> Any:
        """The part of the metrics that is learned from out-of-fold scores of the training part."""

    def metrics(self, labels: Labels, scores: Floats, settled: Any) -> Any:
        """`metrics` of a model. `settled` is the result of `settle`, or the metrics of another version."""

    def drawn(self, labels: Labels, scores: Floats) -> dict[str, Any]:
        """Data of the hold-out that the report plots, for the dossier."""

    def interval(self, labels: Labels, one: Floats, other: Floats, seed: int) -> tuple[float, float]:
        """95 % interval of the metric of `one` minus that of `other`, by a paired bootstrap. Deterministic."""

    def same(self, one: Floats, other: Floats) -> bool:
        """Whether two versions score each row alike, within the error of float32."""

    def alone(self, labels: Labels, values: Floats) -> float:
        """The metric that raw values reach as scores."""

    def picture(self, folder: Path, version: str, drawn: Any) -> None:
        """Write the pictures of a model. `drawn` is its dossier; `version` names the model in titles."""

    def predictions(self, scores: Floats, metrics: Any) -> dict[str, pa.Array]:
        """Values of `columns`."""
