"""Compares the answers of the programs before any time is printed, so that no program wins with a wrong answer."""

from collections.abc import Sequence
from dataclasses import dataclass

#: How far Millrace's AUC may be below a peer's on the same hold-out.
AUC_TOLERANCE = 0.002


@dataclass(frozen=True)
class Answer:
    name: str
    customers: int
    auc: float


def differences(product: Answer, peers: Sequence[Answer]) -> list[str]:
    """A sentence for each answer of a peer that Millrace's answer does not match."""
    found = []
    for peer in peers:
        if peer.customers != product.customers:
            found.append(f"{peer.name} modelled {peer.customers:,} customers, millrace {product.customers:,}")
        if product.auc < peer.auc - AUC_TOLERANCE:
            found.append(
                f"the AUC of {peer.name} is {peer.auc:.4f}, that of millrace {product.auc:.4f}: lower by more than {AUC_TOLERANCE}"
            )
    return found
