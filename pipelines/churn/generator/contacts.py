"""Draws the interactions, before any dirt."""

import numpy as np
import numpy.typing as npt

from generator.population import DAY, Generator, Rows

CHANNELS = ("phone", "chat", "email", "store", "app")
TYPES = ("complaint", "billing", "support", "upgrade", "info")
COMPLAINT = TYPES.index("complaint")
OTHER_TYPES = np.array([0.25, 0.40, 0.10, 0.25])

BEFORE_DAYS = 180
AFTER_DAYS = 30
AFTER_SHARE = 0.12
# Contacts are denser near the snapshot: age = span * u ** CROWDING.
CROWDING = 1.5
# The leak that a feature reading past the snapshot would see: customers who cancelled have this many times the contacts
# afterwards, and this much more trouble.
AFTERMATH_RATE = 3.0
AFTERMATH_TROUBLE = 1.5

# One row of interactions/*.json. `at` is in seconds from the snapshot, negative before it; `duration` is in tenths of
# a second, `sentiment` in thousandths. The last three fields describe the row's dirt.
CONTACT = np.dtype(
    [
        ("owner", "i4"),
        ("at", "i4"),
        ("channel", "i1"),
        ("type", "i1"),
        ("duration", "i4"),
        ("sentiment", "i2"),
        ("resolved", "?"),
        ("duration_text", "i1"),
        ("padded", "i1"),
        ("malformed", "i1"),
    ]
)

Numbers = npt.NDArray[np.float64]


def sigmoid(x: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-x)))


def draw_temper(rng: Generator, count: int) -> tuple[Numbers, Numbers]:
    """For each customer, how often they call (mean 1) and how much trouble they have (standard normal). Neither is in the data."""
    return rng.gamma(2.0, 0.5, count), rng.normal(0, 1, count)


def draw_before(rng: Generator, customers: Rows, total: int, rate: Numbers, trouble: Numbers) -> Rows:
    """`total` rows of CONTACT from the 180 days before the snapshot, none before its customer joined; ordered by owner."""
    days = np.minimum(customers["tenure_days"], BEFORE_DAYS)
    contacts = _draw(rng, total, rate * days, trouble)
    span = days[contacts["owner"] - 1] * DAY
    contacts["at"] = -1 - np.floor(span * rng.random(total) ** CROWDING)
    return contacts


def draw_after(rng: Generator, customers: Rows, total: int, rate: Numbers, trouble: Numbers) -> Rows:
    """`total` rows of CONTACT from the 30 days after the snapshot, which reveal who cancelled; ordered by owner."""
    cancelled = customers["cancelled"]
    weight = rate * np.where(cancelled, AFTERMATH_RATE, 1.0)
    contacts = _draw(rng, total, weight, trouble + AFTERMATH_TROUBLE * cancelled)
    contacts["at"] = np.floor(rng.random(total) * AFTER_DAYS * DAY)
    return contacts


def _draw(rng: Generator, total: int, weight: Numbers, trouble: Numbers) -> Rows:
    counts = rng.multinomial(total, weight / weight.sum())
    contacts = np.zeros(total, CONTACT)
    contacts["owner"] = np.repeat(np.arange(1, len(weight) + 1, dtype="i4"), counts)
    mood = np.repeat(trouble, counts)
    complains = rng.random(total) < sigmoid(mood - 1.5)
    other = 1 + np.searchsorted(np.cumsum(OTHER_TYPES)[:-1], rng.random(total))
    contacts["type"] = np.where(complains, COMPLAINT, other)
    contacts["channel"] = rng.integers(0, len(CHANNELS), total)
    contacts["duration"] = np.clip(np.round(np.exp(rng.normal(5.3, 0.8, total)) * 10), 50, 36_000)
    sentiment = 0.25 - 0.3 * mood - 0.35 * complains + rng.normal(0, 0.35, total)
    contacts["sentiment"] = np.round(np.clip(sentiment, -1, 1) * 1000)
    contacts["resolved"] = rng.random(total) < sigmoid(1.3 - 0.7 * mood - 0.5 * complains)
    return contacts
