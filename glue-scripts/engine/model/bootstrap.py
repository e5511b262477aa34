"""What chance does to a difference of two versions: the rows are drawn again and again, both versions judged on the same ones."""

from collections.abc import Callable

import numpy as np

#: How often rows are drawn: enough for an interval of 95 %, and never more than some seconds of work.
DRAWS, LEAST_DRAWS, DRAWN_ROWS = 1000, 200, 20_000_000


def percentiles(difference: Callable[[np.random.Generator], float], rows: int, seed: int) -> tuple[float, float]:
    """95 % interval. `difference` draws as many rows as there are and gives the one version's figure less the other's."""
    rng = np.random.default_rng(seed)
    draws = max(LEAST_DRAWS, min(DRAWS, DRAWN_ROWS // rows))
    low, high = np.quantile([difference(rng) for _ in range(draws)], [0.025, 0.975])
    return float(low), float(high)
