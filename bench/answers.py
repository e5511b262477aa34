"""Answers are compared before any time is printed: a fast wrong answer is no answer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: By so much the product's AUC may lie below a peer's.
AUC_TOLERANCE = 0.002


@dataclass(frozen=True)
class Answer:
    name: str
    customers: int
    auc: float


#: From this size on the tolerance is the one asked for.
LARGE = 50_000


def tolerance(customers: int) -> float:
    """Each peer draws its own hold-out. In a small one chance alone moves an AUC by more than the tolerance: 3 standard errors."""
    if customers >= LARGE:
        return AUC_TOLERANCE
    held_out = customers * 0.2
    return 3 * math.sqrt(2) * 0.45 / math.sqrt(held_out)


def differences(product: Answer, peers: Sequence[Answer]) -> list[str]:
    found = []
    for peer in peers:
        if peer.customers != product.customers:
            found.append(f"{peer.name} modelled {peer.customers:,} customers, millrace {product.customers:,}")
        allowed = tolerance(product.customers)
        if product.auc < peer.auc - allowed:
            found.append(
                f"AUC of {peer.name} is {peer.auc:.4f}, of millrace {product.auc:.4f}: lower by more than {allowed:.4f}"
            )
    return found
