import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from engine.model.objectives import binary_metrics as metrics

scored = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5000001, 0.9, 1.0])), min_size=4, max_size=60
).filter(lambda rows: 0 < sum(label for label, _ in rows) < len(rows))


@given(scored)
def test_metrics_equal_those_of_scikit_learn_including_ties(rows: list[tuple[bool, float]]) -> None:
    labels = np.array([label for label, _ in rows], dtype=np.int8)
    scores = np.array([score for _, score in rows])
    found = metrics.summary(labels, scores, 0.5)
    assert found["auc"] == pytest.approx(reference.roc_auc_score(labels, scores))
    assert found["pr_auc"] == pytest.approx(reference.average_precision_score(labels, scores))
    assert found["brier"] == pytest.approx(reference.brier_score_loss(labels, scores))
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(labels, scores >= 0.5))
    assert found["log_loss"] == pytest.approx(
        reference.log_loss(labels, np.clip(scores, 1e-15, 1 - 1e-15), labels=[0, 1]), abs=1e-9
    )
    assert list(found["confusion"].values()) == [
        int(n) for n in (reference.confusion_matrix(labels, scores >= 0.5).ravel()[[3, 1, 0, 2]])
    ]


@given(scored)
def test_no_threshold_gives_a_greater_f1_than_the_one_chosen(rows: list[tuple[bool, float]]) -> None:
    labels = np.array([label for label, _ in rows], dtype=np.int8)
    scores = np.array([score for _, score in rows])
    best = reference.f1_score(labels, scores >= metrics.best_f1_threshold(labels, scores))
    assert all(best >= reference.f1_score(labels, scores >= t) - 1e-12 for t in np.unique(scores))


def test_a_long_curve_is_thinned_but_keeps_its_area_and_its_ends() -> None:
    rng = np.random.default_rng(1)
    labels = (rng.random(20_000) < 0.3).astype(np.int8)
    scores = np.clip(rng.normal(0.3 + 0.2 * labels, 0.2), 0, 1)
    points = metrics.roc_points(labels, scores)
    assert len(points) <= metrics.MAX_POINTS and points[0] == [0.0, 0.0] and points[-1] == [1.0, 1.0]
    x, y = np.array(points).T
    assert float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2)) == pytest.approx(metrics.auc(labels, scores), abs=1e-3)


def test_calibration_bins_hold_every_row_once() -> None:
    labels = np.array([0, 1] * 55, dtype=np.int8)
    bins = metrics.calibration(labels, np.linspace(0, 1, 110))
    assert len(bins) == 10 and sum(b["rows"] for b in bins) == 110
