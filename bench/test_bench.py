"""The harness itself: what it measures and what it says of it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from answers import Answer, differences
from measure import Measured, measure
from table import Entry, exponent, lines

PRODUCT = Entry("millrace", Measured(10.0, 500.0, 0, "", ""), 0.86)


def printed(name: str, seconds: float | None, limit: float | None = None) -> str:
    return lines(PRODUCT, [Entry(name, Measured(seconds, 900.0, 0, "", "", limit), 0.86)])[-1]


def test_a_peer_is_printed_as_a_ratio_with_its_goal() -> None:
    assert "3.50" in printed("tuned", 35.0) and printed("tuned", 35.0).endswith("met")
    assert "2.90" in printed("tuned", 29.0) and printed("tuned", 29.0).endswith("MISSED")
    assert printed("duckdb", 5.0).endswith("at most 2 times its time: met")
    assert printed("duckdb", 4.9).endswith("MISSED")


def test_a_peer_that_was_stopped_is_a_bound_and_never_a_time() -> None:
    line = printed("tutorial", None, limit=600)
    assert "did not finish in 600" in line and "> 60.00" in line and line.endswith("not shown")
    assert printed("tutorial", None, limit=1000).endswith("met")


def test_answers_that_differ_are_named() -> None:
    product = Answer("millrace", 100_000, 0.860)
    assert differences(product, [Answer("duckdb", 100_000, 0.8615)]) == []
    assert "99,999" in differences(product, [Answer("duckdb", 99_999, 0.86)])[0]
    assert "0.9000" in differences(product, [Answer("duckdb", 100_000, 0.90)])[0]


def test_growth_is_linear_where_ten_times_the_size_takes_ten_times_as_long() -> None:
    assert exponent(2.0, 20.0, 10) == 1.0


def test_memory_is_that_of_the_whole_process_tree() -> None:
    child = "import time; b = bytearray(60_000_000); b[::4096] = b'x' * len(b[::4096]); time.sleep(0.6)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    measured = measure([sys.executable, "-c", parent])
    assert measured.returncode == 0 and measured.seconds is not None and measured.seconds > 0.5
    assert 60 < measured.peak_megabytes < 200


def test_a_command_is_stopped_at_its_limit() -> None:
    measured = measure([sys.executable, "-c", "import time; time.sleep(60)"], limit=0.3)
    assert measured.seconds is None and measured.limit == 0.3
