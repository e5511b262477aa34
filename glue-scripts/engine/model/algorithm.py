"""How a model learns. Records are in `algorithms/`."""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine.model.objective import Floats, Labels, Loss

Inputs = npt.NDArray[np.float32]

#: A point of the grid, with the names that documents have.
Point = dict[str, int]


class Algorithm(Protocol):
    """`Any` stands for what the record alone knows: its settings in the plan (`asked`), a fit, its part of a saved model.

    Fits run side by side with one thread each: threads of one fit would wait for each other, which a busy machine makes slow, and
    their number would show in the last bits of the model.
    """

    #: Name of each library, and of the package that has its version.
    libraries: tuple[tuple[str, str], ...]

    def plain(self, asked: Any) -> Any:
        """The same settings, written in one way: equal ones give the same model."""

    def searches(self, asked: Any) -> list[list[Point]]:
        """The grid, the simplest point first, in groups: a fit of the last point of a group holds those of the others."""

    def cost(self, point: Point) -> tuple[int, ...]:
        """Of points that do equally well, the one that costs least is chosen."""

    def settings(self, asked: Any) -> dict[str, float]:
        """What all points share, as `chosen` of a model has it."""

    def prepared(self, inputs: Inputs, labels: Labels) -> Any:
        """Rows to learn from, as fits of any point take them."""

    def fitted(self, prepared: Any, point: Point, asked: Any, loss: Loss, seed: int) -> Any:
        """Learns. The same arguments give the same fit."""

    def predicted(self, fit: Any, inputs: Inputs, point: Point) -> Floats:
        """Scores as the library itself gives them, by the part of the fit that is `point`."""

    def gains(self, fit: Any) -> dict[int, float]:
        """What each column of the inputs has added; absent where it is none."""

    def saved(self, fit: Any, loss: Loss) -> dict[str, Any]:
        """Its part of a model, as data."""

    def margins(self, model: Any, inputs: Inputs) -> Floats:
        """The sums of a saved model, without the library: what the objective's link makes scores of."""
