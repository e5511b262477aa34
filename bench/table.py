"""What the benchmark prints: ratios against each peer, losses included."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from measure import Measured

#: How the product is to stand against each peer: times faster than it, as a factor of the peer's time.
GOALS = {"tutorial": 100.0, "tuned": 3.0, "duckdb": 0.5}

TIMES = "\N{MULTIPLICATION SIGN}"

HEADINGS = ("", "seconds", "peer / millrace", "peak memory", "AUC", "goal")


@dataclass(frozen=True)
class Entry:
    name: str
    measured: Measured
    auc: float | None


def ratio(product: Measured, peer: Measured) -> tuple[float, bool]:
    """Peer's time over the product's, and whether that is only a lower bound, the peer having been stopped."""
    assert product.seconds is not None
    if peer.seconds is None:
        assert peer.limit is not None
        return peer.limit / product.seconds, True
    return peer.seconds / product.seconds, False


def verdict(name: str, value: float, is_bound: bool) -> str:
    goal = GOALS[name]
    asked = f"{goal:g} times faster" if goal >= 1 else f"at most {1 / goal:g} times its time"
    if value >= goal:
        return f"{asked}: met"
    # A peer that was stopped early may still be as slow as the goal asks; that is not known.
    return f"{asked}: not shown" if is_bound else f"{asked}: MISSED"


def lines(product: Entry, peers: Sequence[Entry]) -> list[str]:
    rows = [HEADINGS, row(product, "", "")]
    for peer in peers:
        value, is_bound = ratio(product.measured, peer.measured)
        rows.append(row(peer, f"{'> ' if is_bound else ''}{value:.2f}{TIMES}", verdict(peer.name, value, is_bound)))
    widths = [max(len(r[i]) for r in rows) for i in range(len(HEADINGS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(r, widths, strict=True)).rstrip() for r in rows]


def row(entry: Entry, against: str, goal: str) -> tuple[str, ...]:
    measured = entry.measured
    seconds = f"{measured.seconds:.1f}" if measured.seconds is not None else f"did not finish in {measured.limit:g} s"
    auc = "" if entry.auc is None else f"{entry.auc:.4f}"
    return (entry.name, seconds, against, f"{measured.peak_megabytes:,.0f} MB", auc, goal)


def exponent(small: float, large: float, factor: float) -> float:
    """p of time ~ size^p: 1 is linear growth."""
    return math.log(large / small) / math.log(factor)
