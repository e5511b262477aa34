"""Adds the dirt of real files: broken lines, repeated rows, missing values. Counts every piece of it."""

import numpy as np
import numpy.typing as npt

from generator.population import DAY, REGIONS, Generator, Rows

# Shares of the rows of a source. Broken lines, repeats and unknown customers are extra rows.
CUSTOMER_SHARES = {
    "too_few_fields": 0.0005,
    "too_many_fields": 0.0005,
    "older_version": 0.007,
    "exact_duplicate": 0.003,
    "bad_number": 0.002,
    "unknown_region": 0.005,
    "missing_age": 0.02,
    "missing_total_charges": 0.02,
    "missing_payment_method": 0.02,
    "missing_device_type": 0.02,
    "blanks": 0.01,
}
CONTACT_SHARES = {
    "truncated": 0.0004,
    "not_an_object": 0.0003,
    "bad_escape": 0.0003,
    "unknown_customer": 0.002,
    "duration_as_string": 0.0005,
    "blanks": 0.01,
}
# In a source with at least this many rows, each kind occurs at least once.
EVERY_KIND_FROM = 1_000

MALFORMED_CSV = ("too_few_fields", "too_many_fields")
MALFORMED_JSON = ("truncated", "not_an_object", "bad_escape")
# Bits of CUSTOMER's `missing`.
MISSING = {"age": 1, "total_charges": 2, "payment_method": 4, "device_type": 8}
# `bad_number` is 0, or 1 + 3 * (index of the column) + (index of the text); `padded` likewise, with the columns below.
BAD_COLUMNS = ("monthly_charges", "total_charges")
BAD_TEXTS = ("n/a", "abc", '"12,5"')
PADDED_CUSTOMER = ("customer_id", "plan_type", "contract_type", "region_id", "status")
PADDED_CONTACT = ("customer_id", "channel", "type")
PADDINGS = (" {}", "{} ", "  {} ")
UNKNOWN_REGIONS = tuple(f"R-{number}" for number in range(90, 100))

Indices = npt.NDArray[np.intp]
Counts = dict[str, int]


def how_many(shares: dict[str, float], rows: int) -> Counts:
    """The number of rows with each kind of dirt in a source of `rows` rows."""
    least = 1 if rows >= EVERY_KIND_FROM else 0
    return {kind: max(least, round(share * rows)) for kind, share in shares.items()}


def soil_customers(rng: Generator, customers: Rows, labelled: bool) -> tuple[Rows, Counts]:
    """The rows of CUSTOMER with dirt, in file order, and how many rows have each kind of it (well-formed lines only).

    A repeated row repeats the dirt of the row that it copies. A customer with a bad number has no other row.
    """
    n = how_many(CUSTOMER_SHARES, len(customers))
    rows = customers.copy()
    _leave_holes(rng, rows, n)
    older, twins, bad = _disjoint(rng, len(rows), n["older_version"], n["exact_duplicate"], n["bad_number"])
    _spoil_numbers(rng, rows, bad)
    _pad(rng, rows, n["blanks"], len(PADDED_CUSTOMER) - (not labelled))
    # A repeated row never has blanks around its id, so that finding the same customer does not depend on trimming.
    repeated = np.concatenate([older, twins])
    blank_id = repeated[(rows["padded"][repeated] > 0) & (rows["padded"][repeated] <= len(PADDINGS))]
    rows["padded"][blank_id] += len(PADDINGS)
    broken = _broken(rng, rows[rows["bad_number"] == 0], [n[kind] for kind in MALFORMED_CSV])
    extra = np.concatenate([_older_version(rng, rows[older]), rows[twins], broken])
    place = np.concatenate([np.arange(len(rows)), rng.random(len(extra)) * len(rows)])
    written = np.concatenate([rows, extra])[np.argsort(place, kind="stable")]
    return written, _count_customers(written) | {"older_version": len(older), "exact_duplicate": len(twins)}


def soil_contacts(rng: Generator, contacts: Rows, customers: int) -> tuple[Rows, Counts]:
    """The rows of CONTACT with dirt, ordered by time, and how many rows have each kind of it (well-formed lines only)."""
    n = how_many(CONTACT_SHARES, len(contacts))
    unknown = contacts[_some(rng, len(contacts), n["unknown_customer"])]
    unknown["owner"] = customers + 1 + rng.integers(0, 1_000, len(unknown))
    rows = np.concatenate([contacts, unknown])
    texts = _some(rng, len(rows), n["duration_as_string"])
    rows["duration_text"][texts] = 1 + rng.integers(0, 2, len(texts))
    _pad(rng, rows, n["blanks"], len(PADDED_CONTACT))
    written = np.concatenate([rows, _broken(rng, rows, [n[kind] for kind in MALFORMED_JSON])])
    written = written[np.argsort(written["at"], kind="stable")]
    whole = written["malformed"] == 0
    return written, _count_malformed(written, MALFORMED_JSON) | {
        "unknown_customer": len(unknown),
        "duration_as_string": _count(whole & (written["duration_text"] > 0)),
        "blanks": _count(whole & (written["padded"] > 0)),
    }


def customer_lines(rows: Rows, dirt: Counts) -> Counts:
    """How many lines of a customers source end up where. The entries after `lines` add up to it."""
    malformed = _count(rows["malformed"] > 0)
    superseded = dirt["older_version"] + dirt["exact_duplicate"]
    kept = len(rows) - malformed - dirt["bad_number"] - superseded
    entries = {"malformed": malformed, "bad_number": dirt["bad_number"], "superseded": superseded, "kept": kept}
    return {"lines": len(rows)} | entries


def contact_lines(rows: Rows, quarantined: npt.NDArray[np.int32], customers: int) -> Counts:
    """How many lines of the interactions end up where, by the first reason that applies. The entries after `lines` add up to it.

    quarantined: the numbers of the customers whose only row has a bad number, so that they are unknown.
    """
    unknown = (rows["owner"] > customers) | np.isin(rows["owner"], quarantined)
    left = np.ones(len(rows), bool)
    lines = {"lines": len(rows)}
    for reason, holds in {
        "malformed": rows["malformed"] > 0,
        "duration_as_string": rows["duration_text"] > 0,
        "after_snapshot": rows["at"] >= 0,
        "older_than_90_days": rows["at"] < -90 * DAY,
        "unknown_customer": unknown,
    }.items():
        lines[reason] = _count(left & holds)
        left &= ~holds
    return lines | {"kept": _count(left)}


def _leave_holes(rng: Generator, rows: Rows, n: Counts) -> None:
    for column, bit in MISSING.items():
        rows["missing"][_some(rng, len(rows), n[f"missing_{column}"])] |= bit
    lost = _some(rng, len(rows), n["unknown_region"])
    rows["region"][lost] = len(REGIONS) + rng.integers(0, len(UNKNOWN_REGIONS), len(lost))


def _spoil_numbers(rng: Generator, rows: Rows, bad: Indices) -> None:
    # A missing total cannot also be a bad number.
    column = rng.integers(0, 2, len(bad)) * (rows["missing"][bad] & MISSING["total_charges"] == 0)
    rows["bad_number"][bad] = 1 + len(BAD_TEXTS) * column + rng.integers(0, len(BAD_TEXTS), len(bad))


def _older_version(rng: Generator, rows: Rows) -> Rows:
    """The same customers at an earlier time: not cancelled, with other charges."""
    since_joining = rows["tenure_days"] * DAY
    room = since_joining - rows["updated_before"] - 1
    rows["updated_before"] += 1 + np.floor(rng.random(len(rows)) * room).astype("i8")
    rows["cancelled"] = False
    change = rng.uniform(0.8, 0.95, len(rows))
    rows["monthly_cents"] = np.round(rows["monthly_cents"] * change)
    rows["total_cents"] = np.round(rows["total_cents"] * change * (1 - rows["updated_before"] / (since_joining + 1)))
    return rows


def _broken(rng: Generator, rows: Rows, counts: list[int]) -> Rows:
    """Copies of random rows, marked to be written as broken lines: `counts[i]` of them broken in way i + 1."""
    copies = rows[_some(rng, len(rows), sum(counts))]
    copies["malformed"] = np.repeat(np.arange(1, len(counts) + 1), counts)
    return copies


def _pad(rng: Generator, rows: Rows, count: int, columns: int) -> None:
    at = _some(rng, len(rows), count)
    rows["padded"][at] = 1 + rng.integers(0, columns * len(PADDINGS), len(at))


def _some(rng: Generator, rows: int, count: int) -> Indices:
    return rng.choice(rows, count, replace=False, shuffle=False) if count else np.zeros(0, np.intp)


def _disjoint(rng: Generator, rows: int, *counts: int) -> list[Indices]:
    order = rng.permutation(rows)
    return [order[end - count : end] for count, end in zip(counts, np.cumsum(counts), strict=True)]


def _count(mask: npt.NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(mask))


def _count_malformed(rows: Rows, kinds: tuple[str, ...]) -> Counts:
    return {kind: _count(rows["malformed"] == way) for way, kind in enumerate(kinds, 1)}


def _count_customers(rows: Rows) -> Counts:
    whole = rows[rows["malformed"] == 0]
    holes = {f"missing_{column}": _count(whole["missing"] & bit > 0) for column, bit in MISSING.items()}
    return _count_malformed(rows, MALFORMED_CSV) | {
        "older_version": 0,
        "exact_duplicate": 0,
        "bad_number": _count(whole["bad_number"] > 0),
        "unknown_region": _count(whole["region"] >= len(REGIONS)),
        **holes,
        "blanks": _count(whole["padded"] > 0),
    }
