"""Features that explain the label alone: most often the label in disguise, known only once the label is."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.model.document_types import CategoricalFeature, Feature, Leak
from engine.model.encoding import column_of, numbers, texts
from engine.model.metrics import auc

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]

#: The AUC of one feature from which on it is suspected. Of real inputs the best reach 0.7 to 0.9; a label of which one value in thirty
#: is wrong or missing reaches 0.97.
SUSPECT = 0.97

#: With fewer rows of a class, a feature may explain the label by chance.
LEAST = 10

BINS = 64


def leaks_of(
    learn: pa.Table, learn_labels: Labels, judge: pa.Table, judge_labels: Labels, features: Sequence[Feature]
) -> list[Leak]:
    """{feature, auc} of each suspected feature, the greatest AUC first. Shares are learned from `learn` and judged on `judge`."""
    found: list[Leak] = []
    for feature in features:
        alone = alone_auc(learn, learn_labels, judge, judge_labels, feature)
        if alone >= SUSPECT:
            found.append({"feature": feature["name"], "auc": alone})
    return sorted(found, key=lambda entry: (-entry["auc"], entry["feature"]))


def alone_auc(learn: pa.Table, learn_labels: Labels, judge: pa.Table, judge_labels: Labels, feature: Feature) -> float:
    """The AUC that the feature reaches alone: by its own order, or by how frequent the label is at each of its values."""
    if min(np.bincount(judge_labels, minlength=2)) < LEAST:
        return 0.5
    name = feature["name"]
    if feature["kind"] == "categorical":
        count = len(feature["categories"]) + 2
        return by_share(codes(learn, feature), codes(judge, feature), learn_labels, judge_labels, count)
    own, other = numbers(name, column_of(learn, name)), numbers(name, column_of(judge, name))
    edges = np.unique(np.quantile(own[~np.isnan(own)], np.linspace(0, 1, BINS + 1)))
    binned = by_share(bins(own, edges), bins(other, edges), learn_labels, judge_labels, len(edges) + 2)
    ordered = auc(judge_labels, np.where(np.isnan(other), feature["fill"], other))
    return max(ordered, 1 - ordered, binned)


def bins(values: Floats, edges: Floats) -> npt.NDArray[np.intp]:
    """The bin of each value; the last is of what is missing."""
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))


def codes(table: pa.Table, feature: CategoricalFeature) -> npt.NDArray[np.intp]:
    """The place of each row's category; one more for all others, and the last for what is missing."""
    name, known = feature["name"], {category: i for i, category in enumerate(feature["categories"])}
    values = texts(name, column_of(table, name)).to_pylist()
    return np.array([len(known) + 1 if v is None else known.get(v, len(known)) for v in values], dtype=np.intp)


def by_share(
    learn: npt.NDArray[np.intp], judge: npt.NDArray[np.intp], learn_labels: Labels, judge_labels: Labels, count: int
) -> float:
    """AUC of the share of positives in each group, learned from some rows and judged on others."""
    rows = np.bincount(learn, minlength=count)
    positives = np.bincount(learn, weights=learn_labels, minlength=count)
    # A group of no rows is as the whole; one of a few is drawn towards it.
    shares = (positives + learn_labels.mean()) / (rows + 1)
    return auc(judge_labels, shares[judge])
