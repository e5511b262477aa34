"""The ROC curve as a picture, drawn from scores."""

from collections.abc import Sequence
from pathlib import Path


def draw_roc(path: Path, points: Sequence[Sequence[float]], title: str) -> None:
    """A square PNG: the curve over the diagonal of chance."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.6, 5.6), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    x, y = [p[0] for p in points], [p[1] for p in points]
    axes.plot([0, 1], [0, 1], linestyle="--", linewidth=1, color="#888888", label="chance")
    axes.fill_between(x, y, x, color="#1f6feb", alpha=0.08)
    axes.plot(x, y, color="#1f6feb", linewidth=2, label="hold-out")
    axes.set(
        title=title,
        xlabel="false positive rate",
        ylabel="true positive rate",
        xlim=(0, 1),
        ylim=(0, 1.005),
        aspect="equal",
    )
    axes.grid(alpha=0.25)
    axes.legend(loc="lower right", frameon=False)
    # Without a date and a version in the file, the same curve gives the same bytes.
    figure.savefig(path, metadata={"Software": None, "Creation Time": None})
