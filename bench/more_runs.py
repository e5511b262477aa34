"""Measures the cost of a second run, and how time grows with size."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import Measured
from table import exponent

Product = Callable[[Path, Path], tuple[Measured, dict[str, Any]]]
Generated = Callable[..., Path]


def incremental(data: Path, work: Path, first: Measured, product: Product, generated: Generated) -> dict[str, float]:
    """Seconds of a run with nothing new, and of a run with 1 % new customers and their interactions, on the lake `work/lake`."""
    assert first.seconds is not None
    idle, document = product(data, work / "lake")
    assert document["status"] == "nothing to do", document["status"]
    customers = json.loads((data / "generator.json").read_text())["customers"]
    # Copied, because `data` is reused by later benchmarks. Bookmarks know a file by its path below the folder and by its content, so
    # a copy is the same input.
    shutil.rmtree(work / "data-grown", ignore_errors=True)
    grown = shutil.copytree(data, work / "data-grown")
    add_customers(grown, generated(work, max(1, customers // 100), seed=43))
    more, document = product(grown, work / "lake")
    rows_read = {task["task"]: task["read"] for task in document["tasks"]}
    assert idle.seconds is not None and more.seconds is not None
    print("\na second run on the same lake")
    print(f"  nothing new        {idle.seconds:6.2f} s, {idle.seconds / first.seconds:.3f} of the first")
    print(f"  1 % new customers  {more.seconds:6.2f} s, {more.seconds / first.seconds:.3f} of the first", end="")
    print(f" ({rows_read.get('customers', 0):,} customers and {rows_read.get('interactions', 0):,} interactions read)")
    return {"nothing_new": idle.seconds, "one_percent_new": more.seconds}


def add_customers(data: Path, more: Path) -> None:
    """Add the files of another generation, with its customers renamed, so that they are new customers."""
    for source in sorted((more / "customers").glob("*.csv")):
        text = source.read_text().replace("C-", "D-")
        (data / "customers" / f"more-{source.name}").write_text(text)
    for source in sorted((more / "interactions").glob("*.json")):
        text = re.sub(r'("customer_id": ?"\s*)C-', r"\1D-", source.read_text())
        (data / "interactions" / f"more-{source.name}").write_text(text)


def growth(customers: int, work: Path, first: Measured, product: Product, generated: Generated) -> float:
    """The exponent with which time grows from this size to ten times as many customers."""
    assert first.seconds is not None
    shutil.rmtree(work / "large", ignore_errors=True)
    large, _ = product(generated(work, customers * 10), work / "large")
    assert large.seconds is not None
    value = exponent(first.seconds, large.seconds, 10)
    print(f"\n{customers * 10:,} customers: {large.seconds:.1f} s, {large.peak_megabytes:,.0f} MB")
    print(f"time grows as size to the power {value:.2f}")
    return value
