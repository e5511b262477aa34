"""Draws the customers and their regions, before any dirt."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Rows = npt.NDArray[np.void]
Generator = np.random.Generator

STATUSES = ("active", "cancelled")
PLANS = ("basic", "standard", "premium", "family")
LIST_PRICES = np.array([29.99, 49.99, 79.99, 99.99])
DEVICES = ("mobile", "tablet", "desktop", "tv")
CONTRACTS = ("month-to-month", "one-year", "two-year")
PAYMENTS = ("credit-card", "bank-transfer", "electronic-check", "mailed-check")
REGIONS = tuple(f"R-{number:02d}" for number in range(1, 41))

DAY = 86_400
LONGEST_TENURE_DAYS = 3_650
# Monthly charges as a share of the list price, by contract, before each customer's individual deal.
CONTRACT_DISCOUNT = np.array([1.0, 0.95, 0.88])

# One row of customers/*.csv. Names are codes (indices into the tuples above), charges are in cents, times in seconds
# before the snapshot. The last four fields describe the row's dirt.
CUSTOMER = np.dtype(
    [
        ("number", "i4"),
        ("cancelled", "?"),
        ("tenure_days", "i4"),
        ("updated_before", "i8"),
        ("plan", "i1"),
        ("device", "i1"),
        ("contract", "i1"),
        ("payment", "i1"),
        ("age", "i1"),
        ("monthly_cents", "i4"),
        ("total_cents", "i4"),
        ("region", "i1"),
        ("missing", "i1"),
        ("bad_number", "i1"),
        ("padded", "i1"),
        ("malformed", "i1"),
    ]
)


def draw_regions(rng: Generator) -> pa.Table:
    """40 regions: region_id string, population bigint, average_income double (per year), competitors int32."""
    count = len(REGIONS)
    return pa.table(
        {
            "region_id": pa.array(REGIONS, pa.string()),
            "population": pa.array(np.round(np.exp(rng.normal(12.6, 0.8, count))).astype("i8")),
            "average_income": pa.array(np.round(np.clip(rng.normal(48_000, 9_000, count), 25_000, 80_000), 2)),
            "competitors": pa.array(rng.integers(0, 9, count).astype("i4")),
        }
    )


def draw_customers(rng: Generator, count: int, regions: pa.Table) -> Rows:
    """`count` rows of CUSTOMER, numbered from 1. `cancelled` is false for all, because it also depends on the contacts."""
    rows = np.zeros(count, CUSTOMER)
    rows["number"] = np.arange(1, count + 1)
    rows["contract"] = rng.choice(len(CONTRACTS), count, p=[0.52, 0.28, 0.20])
    # Customers with long contracts have a longer tenure.
    tenure = rng.gamma(1.3, 420.0 * (1 + 0.45 * rows["contract"]))
    rows["tenure_days"] = np.clip(tenure, 1, LONGEST_TENURE_DAYS)
    rows["plan"] = rng.choice(len(PLANS), count, p=[0.35, 0.30, 0.20, 0.15])
    rows["device"] = rng.choice(len(DEVICES), count, p=[0.5, 0.15, 0.25, 0.1])
    rows["payment"] = rng.choice(len(PAYMENTS), count, p=[0.4, 0.25, 0.25, 0.1])
    rows["age"] = np.clip(np.round(rng.normal(45, 15, count)), 18, 95)
    deal = CONTRACT_DISCOUNT[rows["contract"]] * np.exp(rng.normal(0, 0.18, count))
    rows["monthly_cents"] = np.round(LIST_PRICES[rows["plan"]] * deal * 100)
    months = rows["tenure_days"] / 30.4
    rows["total_cents"] = np.round(rows["monthly_cents"] * months * rng.uniform(0.9, 1.05, count))
    share = np.sqrt(regions["population"].to_numpy())
    rows["region"] = rng.choice(len(REGIONS), count, p=share / share.sum())
    span = np.minimum(rows["tenure_days"], 60) * DAY
    rows["updated_before"] = 1 + np.floor(rng.random(count) * (span - 1))
    return rows
