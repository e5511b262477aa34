"""Generates the data of the churn pipeline: customers, new customers, interactions and regions, with a known best AUC.

DATA.md describes them. The same arguments give the same bytes.
"""

import argparse
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from generator import folder, lines
from generator.contacts import AFTER_SHARE, Numbers, draw_after, draw_before, draw_temper
from generator.dirt import Counts, contact_lines, customer_lines, soil_contacts, soil_customers
from generator.population import Rows, draw_customers, draw_regions
from generator.signal import COEFFICIENTS, bayes_auc, churn_probability, look

PART_ROWS = 250_000
REGIONS_FILE = "regions/regions.parquet"
TRUTH_FILE = "new_customers_truth.csv"


@dataclass(frozen=True)
class Order:
    """What to generate: `customers` with a label, `new_customers` without one, and contacts of both."""

    customers: int
    seed: int
    out: Path
    interactions_per_customer: int
    new_customers: int
    snapshot: date


@dataclass(frozen=True)
class World:
    """All rows as they are written, including dirt, and the truth about them."""

    regions: pa.Table
    customers: Rows
    new_customers: Rows
    contacts: Rows
    probability: Numbers  # of each customer, the new ones last
    cancelled: int
    dirt: dict[str, Counts]
    lines: dict[str, Counts]


def make_world(order: Order) -> World:
    """Draw everything. Takes a few hundred bytes per customer, so that a million fits easily."""
    people = order.customers + order.new_customers
    # Separate random streams, so that for example more dirt does not change the customers.
    draws = [np.random.default_rng(seed) for seed in np.random.SeedSequence(order.seed).spawn(4)]
    regions = draw_regions(draws[0])
    everyone = draw_customers(draws[0], people, regions)
    rate, trouble = draw_temper(draws[1], people)
    total = people * order.interactions_per_customer
    after_total = round(total * AFTER_SHARE)
    before = draw_before(draws[1], everyone, total - after_total, rate, trouble)
    probability = churn_probability(everyone, regions, look(before, people))
    everyone["cancelled"] = draws[2].random(people) < probability
    contacts = np.concatenate([before, draw_after(draws[2], everyone, after_total, rate, trouble)])

    known, unknown = everyone[: order.customers], everyone[order.customers :]
    customers, customer_dirt = soil_customers(draws[3], known, labelled=True)
    new_customers, new_dirt = soil_customers(draws[3], unknown, labelled=False)
    contacts, contact_dirt = soil_contacts(draws[3], contacts, people)
    quarantined = np.concatenate([rows["number"][rows["bad_number"] > 0] for rows in (customers, new_customers)])
    return World(
        regions=regions,
        customers=customers,
        new_customers=new_customers,
        contacts=contacts,
        probability=probability,
        cancelled=int(known["cancelled"].sum()),
        dirt={"customers": customer_dirt, "new_customers": new_dirt, "interactions": contact_dirt},
        lines={
            "customers": customer_lines(customers, customer_dirt),
            "new_customers": customer_lines(new_customers, new_dirt),
            "interactions": contact_lines(contacts, quarantined, people),
        },
    )


def write_world(order: Order, world: World, tell: Callable[[str], None]) -> dict[str, Any]:
    """Write all files below `order.out` and return the content of generator.json. Raises ForeignFolder."""
    calendar = lines.Calendar(order.snapshot)
    parts = {
        "customers/part-{:05d}.csv": list(split(world.customers)),
        "new_customers/part-{:05d}.csv": list(split(world.new_customers)),
        "interactions/part-{:05d}.json": list(split(world.contacts)),
    }
    files = [name.format(i) for name, rows in parts.items() for i in range(len(rows))] + [REGIONS_FILE]
    folder.claim(order.out, files)
    for name, chunks in parts.items():
        for i, rows in enumerate(chunks):
            path = name.format(i)
            folder.write(order.out / path, *part(path, rows, calendar))
            tell(f"wrote {path} ({len(rows):,} lines)")
    folder.write(order.out / REGIONS_FILE, parquet(world.regions))
    folder.write(order.out / TRUTH_FILE, truth(order.customers, world.probability).encode())
    folder.remove_others(order.out, files)
    document = describe(order, world, files)
    folder.write_mark(order.out, document)
    return document


def describe(order: Order, world: World, files: list[str]) -> dict[str, Any]:
    """The content of generator.json. It depends only on the arguments, so that it is the same each time."""
    known = world.probability[: order.customers]
    return {
        "complete": True,
        "seed": order.seed,
        "snapshot": order.snapshot.isoformat(),
        "interactions_per_customer": order.interactions_per_customer,
        "customers": order.customers,
        "new_customers": order.new_customers,
        "interactions": world.lines["interactions"]["lines"],
        "regions": world.regions.num_rows,
        "cancelled": world.cancelled,
        "mean_probability": float(known.mean()),
        "best_possible": bayes_auc(known),
        "dirt": world.dirt,
        "lines": world.lines,
        "coefficients": COEFFICIENTS,
        "files": [*files, TRUTH_FILE],
    }


def split(rows: Rows) -> Iterator[Rows]:
    """Equal parts of about PART_ROWS rows; one empty part if there are no rows."""
    yield from np.array_split(rows, max(1, round(len(rows) / PART_ROWS)))


def part(path: str, rows: Rows, calendar: lines.Calendar) -> list[bytes | memoryview]:
    """The text of one part file, in pieces."""
    if path.startswith("interactions/"):
        return [lines.text(lines.contact_lines(rows, calendar))]
    labelled = path.startswith("customers/")
    return [lines.header(labelled).encode(), lines.text(lines.customer_lines(rows, calendar, labelled))]


def truth(customers: int, probability: Numbers) -> str:
    """The CSV file with `customer_id,probability` of the new customers."""
    rows = [f"C-{i + 1},{probability[i]:.9f}\n" for i in range(customers, len(probability))]
    return "customer_id,probability\n" + "".join(rows)


def parquet(table: pa.Table) -> bytes:
    """The bytes of a Parquet file with the table."""
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def parse(arguments: list[str] | None) -> Order:
    """The Order for these command-line arguments."""
    parser = argparse.ArgumentParser(prog="generate.py", description=__doc__)
    parser.add_argument("--customers", type=int, required=True, help="customers with a label, at least 1")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="an empty or new folder, or one made by an earlier run")
    parser.add_argument("--interactions-per-customer", type=int, default=5)
    parser.add_argument("--new-customers", type=int, help="customers to score; default: one per 50, at least 20")
    parser.add_argument("--snapshot", type=date.fromisoformat, default=date(2025, 6, 30), help="default 2025-06-30")
    given = parser.parse_args(arguments)
    if given.new_customers is None:
        given.new_customers = max(20, given.customers // 50)
    for name, least in {"customers": 1, "seed": 0, "interactions_per_customer": 0, "new_customers": 0}.items():
        if getattr(given, name) < least:
            parser.error(f"--{name.replace('_', '-')} must be at least {least}, got {getattr(given, name)}")
    return Order(**vars(given))


def main(arguments: list[str] | None = None) -> int:
    """Generate, with progress on stderr and one JSON document on stdout. Returns the exit code."""
    order = parse(arguments)
    start = time.monotonic()

    def tell(message: str) -> None:
        print(f"{time.monotonic() - start:6.1f} s  {message}", file=sys.stderr, flush=True)

    try:
        folder.check(order.out)
        tell(f"drawing {order.customers:,} customers and {order.new_customers:,} new ones")
        document = write_world(order, make_world(order), tell)
    except (folder.ForeignFolder, OSError) as fault:
        print(f"generate.py: {fault}", file=sys.stderr)
        return 1
    shown = ("customers", "new_customers", "interactions", "regions", "best_possible", "dirt", "lines", "files")
    summary = {"out": str(order.out), "seconds": round(time.monotonic() - start, 2)}
    print(json.dumps(summary | {name: document[name] for name in shown}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
