"""What a model predicts: the kind of its label. Records are in `objectives/`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.plan_types import Field, TrainTask

Floats = npt.NDArray[np.float64]

#: As the objective encodes them: whole numbers of 8 bits for classes.
Labels = npt.NDArray[Any]

#: What a fit makes small. An algorithm knows by which name its library has it.
Loss = Literal["log", "squared"]


class Objective(Protocol):
    """Scores are what the link makes of an algorithm's sums. `Any` stands for the record's own part of a document."""

    #: The figure that points of the grid, slices and versions are judged by: more is better. Its name in documents, and for people.
    judged_by: str
    label: str
    loss: Loss
    #: From this figure on, a feature that reaches it alone is suspected of being the label in disguise.
    suspect: float
    #: What a table of predictions has beside key and version.
    columns: tuple[Field, ...]

    def labels(self, rows: pa.Table, task: TrainTask) -> Labels:
        """The label of each row, of which there are some. Raises MR401 for one that cannot be learned."""

    def strata(self, labels: Labels) -> npt.NDArray[np.int8]:
        """Groups of which the hold-out and each fold have equal shares."""

    def counts(self, training: Labels, held_out: Labels) -> Mapping[str, float]:
        """What `rows` of a model has beside the sizes of the two parts."""

    def link(self, margins: Floats) -> Floats:
        """Scores, from the sums of an algorithm."""

    def judge(self, labels: Labels, scores: Floats) -> float:
        """The figure. `labels` are judgeable."""

    def judgeable(self, labels: Labels) -> bool:
        """Whether these rows have a figure at all."""

    def too_few(self, labels: Labels) -> str | None:
        """Why the figure of these rows says nothing, as the end of `both held out only`; None where there are rows enough."""

    def settle(self, labels: Labels, scores: Floats) -> Any:
        """The part of the metrics that is learned, from out-of-fold scores of the training part."""

    def metrics(self, labels: Labels, scores: Floats, settled: Any) -> Any:
        """`metrics` of a model. `settled` is what `settle` gave, or the metrics of a version that has it."""

    def drawn(self, labels: Labels, scores: Floats) -> dict[str, Any]:
        """What a dossier has of the hold-out to be drawn."""

    def interval(self, labels: Labels, one: Floats, other: Floats, seed: int) -> tuple[float, float]:
        """95 % interval of the figure of `one` less that of `other`, by a paired bootstrap. The same numbers each time."""

    def same(self, one: Floats, other: Floats) -> bool:
        """Whether two versions give each row the same score, to within what two ways of scoring one model differ by."""

    def alone(self, labels: Labels, values: Floats) -> float:
        """The figure that a number reaches as it is, without any learning."""

    def picture(self, folder: Path, version: str, drawn: Any) -> None:
        """Writes the pictures of a model. `drawn` has what `drawn` gave; `version` names the model in titles."""

    def predictions(self, scores: Floats, metrics: Any) -> dict[str, pa.Array]:
        """The `columns`."""
