"""Formats the results of the benchmark: a ratio for each peer, including those that Millrace loses."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from measure import Measured

#: Peer -> the goal for Millrace: how many times faster than the peer it should be.
GOALS = {"tutorial": 100.0, "tuned": 3.0, "duckdb": 0.5}

TIMES = "\N{MULTIPLICATION SIGN}"

HEADINGS = ("", "seconds", "peer / millrace", "peak memory", "AUC", "goal")


@dataclass(frozen=True)
class Entry:
    name: str
    measured: Measured
    auc: float | None


def ratio(product: Measured, peer: Measured) -> tuple[float, bool]:
    """The peer's time divided by the product's, and whether that is only a lower bound because the peer was stopped."""
    assert product.seconds is not None
    if peer.seconds is None:
        assert peer.limit is not None
        return peer.limit / product.seconds, True
    return peer.seconds / product.seconds, False


def verdict(name: str, value: float, is_bound: bool) -> str:
    goal = GOALS[name]
    goal_text = f"{goal:g} times faster" if goal >= 1 else f"at most {1 / goal:g} times its time"
    if value >= goal:
        return f"{goal_text}: met"
    # A peer that was stopped early might have been slow enough for the goal; that is not known.
    return f"{goal_text}: not shown" if is_bound else f"{goal_text}: MISSED"


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
    """The p in time ~ size^p; 1 is linear growth."""
    return math.log(large / small) / math.log(factor)
