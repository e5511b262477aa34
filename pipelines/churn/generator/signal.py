"""The signal: how likely a customer is to leave, given what is known on the snapshot date."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from generator.contacts import COMPLAINT, Numbers, sigmoid
from generator.population import CONTRACTS, DAY, DEVICES, LIST_PRICES, Rows

# Log-odds per unit of each term of `churn_probability`. DATA.md describes the terms.
COEFFICIENTS: dict[str, float] = {
    "intercept": -2.75,
    "month_to_month": 1.0,
    "two_year": -1.2,
    "log_tenure_years": -1.2,
    "first_90_days": 0.5,
    "price_over_list": 2.4,
    "price_over_list_month_to_month": 1.2,
    "complaints_30d": 0.65,
    "complaints_90d": 0.4,
    "mean_sentiment_90d": -1.5,
    "unresolved_90d": 0.6,
    "unresolved_and_complained_90d": 0.7,
    "silent_90d": 0.4,
    "months_since_last": 0.25,
    "competitors": 0.1,
    "competitors_month_to_month": 0.1,
    "income_10k": -0.2,
    "device_mobile": 0.08,
    "age_decades": -0.04,
}


@dataclass(frozen=True)
class Seen:
    """What 90 days of contacts show about each customer, counted as in feature/churn_features.sql. One entry per customer.

    Without contacts `mean_sentiment` and `unresolved` are 0 and `days_since_last` is 90.
    """

    contacts: Numbers
    complaints_30d: Numbers
    complaints_90d: Numbers
    mean_sentiment: Numbers
    unresolved: Numbers
    days_since_last: Numbers


def look(contacts: Rows, customers: int) -> Seen:
    """The `Seen` of customers 1..`customers` from rows of CONTACT. Ignores contacts after the snapshot."""
    recent = contacts[(contacts["at"] < 0) & (contacts["at"] >= -90 * DAY)]
    owner = recent["owner"] - 1
    complaint = recent["type"] == COMPLAINT

    def total(weight: Numbers | None = None) -> Numbers:
        return np.bincount(owner, weight, customers).astype("f8")

    count = total()
    at_least_one = np.maximum(count, 1)
    last = np.full(customers, -90 * DAY, "i4")
    np.maximum.at(last, owner, recent["at"])
    return Seen(
        contacts=count,
        complaints_30d=total(1.0 * (complaint & (recent["at"] >= -30 * DAY))),
        complaints_90d=total(1.0 * complaint),
        mean_sentiment=total(recent["sentiment"] / 1000) / at_least_one,
        unresolved=total(1.0 * ~recent["resolved"]) / at_least_one,
        days_since_last=np.ceil(-last / DAY),
    )


def churn_probability(customers: Rows, regions: pa.Table, seen: Seen) -> Numbers:
    """The true probability of each customer: the sigmoid of the sum of COEFFICIENTS times terms."""
    monthly = customers["contract"] == CONTRACTS.index("month-to-month")
    price = np.clip(customers["monthly_cents"] / 100 / LIST_PRICES[customers["plan"]] - 1, -0.5, 0.5)
    competitors = regions["competitors"].to_numpy()[customers["region"]] - 4.0
    income = (regions["average_income"].to_numpy()[customers["region"]] - 48_000) / 10_000
    terms: dict[str, Numbers] = {
        "intercept": np.ones(len(customers)),
        "month_to_month": 1.0 * monthly,
        "two_year": 1.0 * (customers["contract"] == CONTRACTS.index("two-year")),
        "log_tenure_years": np.log1p(customers["tenure_days"] / 365) - 0.7,
        "first_90_days": 1.0 * (customers["tenure_days"] < 90),
        "price_over_list": price,
        "price_over_list_month_to_month": price * monthly,
        "complaints_30d": np.minimum(seen.complaints_30d, 3),
        "complaints_90d": np.minimum(seen.complaints_90d, 5),
        "mean_sentiment_90d": seen.mean_sentiment,
        "unresolved_90d": seen.unresolved,
        "unresolved_and_complained_90d": seen.unresolved * (seen.complaints_90d > 0),
        "silent_90d": 1.0 * (seen.contacts == 0),
        "months_since_last": seen.days_since_last / 30,
        "competitors": competitors,
        "competitors_month_to_month": competitors * monthly,
        "income_10k": income,
        "device_mobile": 1.0 * (customers["device"] == DEVICES.index("mobile")),
        "age_decades": (customers["age"] - 45) / 10,
    }
    assert terms.keys() == COEFFICIENTS.keys()
    logit = np.zeros(len(customers))
    for name, term in terms.items():
        logit += COEFFICIENTS[name] * term
    return sigmoid(logit)


def bayes_auc(probability: Numbers) -> float | None:
    """The expected AUC of the true probabilities, which a model can only exceed by chance. None for a single customer.

    Each ordered pair i != j has the weight p_i (1 - p_j), the probability that i left and j stayed. The AUC is the weighted share of
    pairs with p_i > p_j, where ties count half. After sorting, the pairs below i are one running sum of 1 - p, so it takes O(n log n).
    """
    # The rank of each distinct probability, in ascending order.
    place = np.unique(probability, return_inverse=True)[1]
    leave = np.bincount(place, probability)
    stay = np.bincount(place, 1 - probability)
    itself = np.bincount(place, probability * (1 - probability))
    below = np.cumsum(stay) - stay
    right = leave @ below + 0.5 * (leave @ stay - itself.sum())
    pairs = leave.sum() * stay.sum() - itself.sum()
    return float(right / pairs) if len(probability) > 1 else None
