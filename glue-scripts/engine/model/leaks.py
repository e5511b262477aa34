"""Features that explain the label alone. Most often they are derived from the label, and unknown before the label is known."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.model.document_types import CategoricalFeature, Feature, Leak
from engine.model.encoding import column_of, numbers, texts
from engine.model.objective import Floats, Labels, Objective
from engine.model.part import Part

BINS = 64


def leaks_of(
    objective: Objective,
    learn: Part,
    learn_labels: Labels,
    judge: pa.Table,
    judge_labels: Labels,
    features: Sequence[Feature],
) -> list[Leak]:
    """Suspected features with the metric that each reaches alone, highest first. Learned from `learn`, judged on `judge`."""
    # With few rows, a feature may explain the label by chance.
    if objective.too_few(judge_labels) is not None:
        return []
    found: list[tuple[float, str]] = []
    for feature in features:
        alone = alone_figure(objective, learn, learn_labels, judge, judge_labels, feature)
        if alone >= objective.suspect:
            found.append((alone, feature["name"]))
    found.sort(key=lambda entry: (-entry[0], entry[1]))
    return [cast(Leak, {"feature": name, objective.judged_by: alone}) for alone, name in found]


def leak_warning(objective: Objective, leak: Leak) -> str:
    """The warning MR410."""
    figure = dict[str, Any](leak)[objective.judged_by]
    return (
        f"MR410 {leak['feature']} alone explains the label ({objective.label} {figure:.4f}): "
        "check that it is known before the label is, or leave it out of the model's inputs"
    )


def alone_figure(
    objective: Objective, learn: Part, learn_labels: Labels, judge: pa.Table, judge_labels: Labels, feature: Feature
) -> float:
    """The metric that the feature reaches alone: by its raw values, or by the mean label of each value."""
    name = feature["name"]
    if feature["kind"] == "categorical":
        count = len(feature["categories"]) + 2
        means = group_means(codes(learn, feature), learn_labels, count, objective.prior)
        return objective.judge(judge_labels, means[codes(judge, feature)])
    learned, judged = numbers(name, column_of(learn, name)), numbers(name, column_of(judge, name))
    edges = np.unique(np.quantile(learned[~np.isnan(learned)], np.linspace(0, 1, BINS + 1)))
    means = group_means(bins(learned, edges), learn_labels, len(edges) + 2, objective.prior)
    ordered = objective.alone(judge_labels, np.where(np.isnan(judged), feature["fill"], judged))
    return max(ordered, objective.judge(judge_labels, means[bins(judged, edges)]))


def bins(values: Floats, edges: Floats) -> npt.NDArray[np.intp]:
    """The bin of each value; missing values have the last bin."""
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))


def codes(table: pa.Table | Part, feature: CategoricalFeature) -> npt.NDArray[np.intp]:
    """The code of each row's category. Unknown categories share one code; missing values have the last."""
    name, count = feature["name"], len(feature["categories"])
    values = texts(name, column_of(table, name))
    known = pc.index_in(values, value_set=pa.array(feature["categories"], pa.string())).fill_null(count)
    return np.asarray(pc.if_else(values.is_valid(), known, count + 1), dtype=np.intp)


def group_means(groups: npt.NDArray[np.intp], labels: Labels, count: int, prior: float) -> Floats:
    """Mean label of each group, with `prior` extra rows of the overall mean."""
    rows = np.bincount(groups, minlength=count)
    sums = np.bincount(groups, weights=labels, minlength=count)
    return np.asarray((sums + prior * labels.mean()) / (rows + prior))
