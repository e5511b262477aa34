"""Answers are compared before any time is printed: a fast wrong answer is no answer."""

from collections.abc import Sequence
from dataclasses import dataclass

#: By so much the product's AUC may lie below a peer's, on the same rows held out.
AUC_TOLERANCE = 0.002


@dataclass(frozen=True)
class Answer:
    name: str
    customers: int
    auc: float


def differences(product: Answer, peers: Sequence[Answer]) -> list[str]:
    found = []
    for peer in peers:
        if peer.customers != product.customers:
            found.append(f"{peer.name} modelled {peer.customers:,} customers, millrace {product.customers:,}")
        if product.auc < peer.auc - AUC_TOLERANCE:
            found.append(
                f"AUC of {peer.name} is {peer.auc:.4f}, of millrace {product.auc:.4f}: lower by more than {AUC_TOLERANCE}"
            )
    return found
