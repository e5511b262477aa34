"""Paired bootstrap: how much the difference of two versions varies by chance, with both judged on the same resampled rows."""

from collections.abc import Callable

import numpy as np

#: Number of resamples: enough for a 95 % interval, within a few seconds.
DRAWS, LEAST_DRAWS, DRAWN_ROWS = 1000, 200, 20_000_000


def percentiles(difference: Callable[[np.random.Generator], float], rows: int, seed: int) -> tuple[float, float]:
    """95 % interval. `difference` resamples the rows and returns one version's metric minus the other's."""
    rng = np.random.default_rng(seed)
    draws = max(LEAST_DRAWS, min(DRAWS, DRAWN_ROWS // rows))
    low, high = np.quantile([difference(rng) for _ in range(draws)], [0.025, 0.975])
    return float(low), float(high)
