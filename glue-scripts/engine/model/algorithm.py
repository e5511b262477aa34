"""How a model learns. Each algorithm has a record in `algorithms/`."""

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.model.objective import Floats, Labels, Loss

Inputs = npt.NDArray[np.float32]

#: A grid point, with names as in documents.
Point = dict[str, int]


class Algorithm(Protocol):
    """`Any` is what only the record knows: its settings in the plan (`planned`), a fit, its part of a saved model.

    Fits run in parallel, so each may use only one thread. With more, threads wait for each other on a busy machine, and the last bits
    of the model depend on their number.
    """

    #: Import name and package name of each library.
    libraries: tuple[tuple[str, str], ...]

    def plain(self, planned: Any) -> Any:
        """The settings in a canonical form: equal forms give the same model."""

    def searches(self, planned: Any) -> list[list[Point]]:
        """The grid, simplest points first, in groups: the fit of a group's last point contains the fits of its other points."""

    def cost(self, point: Point) -> tuple[int, ...]:
        """Of equally good points, the one with the least cost is chosen."""

    def settings(self, planned: Any) -> dict[str, float]:
        """Settings that all points share, with names as in `chosen` of a model."""

    def prepared(self, blocks: Iterable[Inputs], labels: Labels, loss: Loss) -> Any:
        """Training rows in the form that `fitted` takes. `blocks` of rows can be iterated several times."""

    def fitted(self, prepared: Any, point: Point, planned: Any, loss: Loss, seed: int) -> Any:
        """Learn. Deterministic."""

    def predicted(self, fit: Any, blocks: Iterable[Inputs], point: Point) -> Floats:
        """The library's own scores, by the part of the fit that belongs to `point`."""

    def gains(self, fit: Any) -> dict[int, float]:
        """Gain by input column; a column without gain may be absent."""

    def saved(self, fit: Any, loss: Loss) -> dict[str, Any]:
        """Its part of `model.json`."""

    def margins(self, model: Any, inputs: Inputs) -> Floats:
        """The sums of a saved model, computed without the library. The objective's link turns them into scores."""
