"""Predicts a number. A score is the expected label."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.faults import Fault
from engine.model.bootstrap import percentiles
from engine.model.document_types import RegressionMetrics, RegressionTenth
from engine.model.objective import Floats, Loss
from engine.model.part import Part
from engine.plan_types import Field, TrainTask
from engine.words import counted

#: With fewer rows, R² is chance.
LEAST = 30

#: Squares of greater numbers may have no double.
GREATEST = 1e100

#: Squares of a smaller deviation have no double.
LEAST_DEVIATION = 1e-150

#: Held-out rows to plot: more would hide each other.
MAX_POINTS = 300


class Regression:
    judged_by = "r2"
    label = "R²"
    loss: Loss = "squared"
    # A feature that measures the same thing differently reaches 0.9. The label in other units, or in classes, reaches 0.97.
    suspect = 0.97
    # The distance matters: a mean that is pulled far from its group explains nothing.
    prior = 0.1
    columns: tuple[Field, ...] = ({"name": "predicted", "type": "double"},)

    def labels(self, rows: pa.Table | Part, task: TrainTask) -> Floats:
        name, column = task["label"], rows[task["label"]]
        known = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
        if not any(holds(column.type) for holds in known):
            message, hint = (
                f"{name} holds {column.type}, and is to be a number",
                "cast it in the SQL that makes the label",
            )
            raise Fault("MR401", task["features"], message, hint)
        values = pa.chunked_array(column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column)
        labels: Floats = np.array(values.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
        usable = np.abs(labels) <= GREATEST
        if not usable.all():
            message = f"{name} is infinite, above {GREATEST:g} or no number, in {counted(int((~usable).sum()), 'row')}"
            raise Fault(
                "MR401", task["features"], message, "make it null there: such rows are scored, not learned from"
            )
        # Two rows for each fold, and two for the hold-out: one row has no variance.
        least = 2 * (task["folds"] + 1)
        if len(labels) < least or not self.judgeable(labels):
            few = f"{counted(len(labels), 'row')} with a {name}, and {least} are needed"
            message = (
                few if len(labels) < least else f"{name} is {labels[0]:g} in every row, so there is nothing to learn"
            )
            raise Fault("MR401", task["features"], message, "check the SQL that makes the label, or bring more data")
        if np.abs(labels - labels.mean()).max() < LEAST_DEVIATION:
            message = f"the values of {name} differ by less than {LEAST_DEVIATION:g}, too little to be squared"
            raise Fault("MR401", task["features"], message, "give the label in a smaller unit")
        return labels

    def strata(self, labels: Floats) -> npt.NDArray[np.int8]:
        return np.zeros(len(labels), dtype=np.int8)

    def counts(self, training: Floats, held_out: Floats) -> dict[str, float]:
        return {
            "train_mean": float(training.mean()),
            "test_mean": float(held_out.mean()),
            "test_deviation": float(held_out.std()),
        }

    def link(self, margins: Floats) -> Floats:
        return margins

    def judge(self, labels: Floats, scores: Floats) -> float:
        """R²: 1 minus the squared error, as a share of the squared error of the mean."""
        spread = float(((labels - labels.mean()) ** 2).sum())
        off = float(((labels - scores) ** 2).sum())
        return 1 - off / spread if spread > 0 else float(off == 0)

    def judgeable(self, labels: Floats) -> bool:
        return len(labels) > 1 and bool((labels != labels[0]).any())

    def too_few(self, labels: Floats) -> str | None:
        return None if len(labels) >= LEAST else f"{counted(len(labels), 'row')}, and {LEAST} are needed"

    def settle(self, labels: Floats, scores: Floats) -> None:
        return None

    def metrics(self, labels: Floats, scores: Floats, settled: object) -> RegressionMetrics:
        errors = scores - labels
        return {
            "r2": self.judge(labels, scores),
            "rmse": float(np.sqrt(np.mean(errors**2))),
            "mae": float(np.mean(np.abs(errors))),
            "median_error": float(np.median(np.abs(errors))),
            "bias": float(errors.mean()),
        }

    def drawn(self, labels: Floats, scores: Floats) -> dict[str, Any]:
        order = np.argsort(scores, kind="stable")
        shown = order[np.unique(np.linspace(0, len(order) - 1, MAX_POINTS).astype(int))]
        tenths: list[RegressionTenth] = [
            {
                "mean_predicted": float(scores[part].mean()),
                "mean_actual": float(labels[part].mean()),
                "rows": len(part),
            }
            for part in np.array_split(order, 10)
            if len(part)
        ]
        return {"pairs": [[float(scores[i]), float(labels[i])] for i in shown], "tenths": tenths}

    def interval(self, labels: Floats, one: Floats, other: Floats, seed: int) -> tuple[float, float]:
        def difference(rng: np.random.Generator) -> float:
            rows = rng.integers(0, len(labels), len(labels))
            return self.judge(labels[rows], one[rows]) - self.judge(labels[rows], other[rows])

        return percentiles(difference, len(labels), seed)

    def same(self, one: Floats, other: Floats) -> bool:
        """Scores have the units of the label, so the tolerance depends on their size."""
        return bool(np.allclose(one, other, rtol=1e-6, atol=1e-6 * float(np.abs(other).max(initial=0))))

    def alone(self, labels: Floats, values: Floats) -> float:
        """R² of the best straight line."""
        if not (self.judgeable(labels) and self.judgeable(values)):
            return 0.0
        return float(np.corrcoef(labels, values)[0, 1] ** 2)

    def picture(self, folder: Path, version: str, drawn: Any) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(5.6, 5.6), dpi=120, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        predicted, actual = ([pair[i] for pair in drawn["pairs"]] for i in (0, 1))
        ends = [min(*predicted, *actual), max(*predicted, *actual)]
        axes.plot(ends, ends, linestyle="--", linewidth=1, color="#888888", label="as predicted")
        axes.scatter(predicted, actual, s=9, color="#1f6feb", alpha=0.5, label="hold-out")
        axes.set(
            title=f"{version}: R² {drawn['metrics']['r2']:.4f}", xlabel="predicted", ylabel="actual", aspect="equal"
        )
        axes.grid(alpha=0.25)
        axes.legend(loc="upper left", frameon=False)
        # Without a date and a version in the file, the same rows give the same bytes.
        figure.savefig(folder / "predicted_actual.png", metadata={"Software": None, "Creation Time": None})

    def predictions(self, scores: Floats, metrics: object) -> dict[str, pa.Array]:
        return {"predicted": pa.array(scores, pa.float64())}
