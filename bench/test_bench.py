"""Tests of the harness: what it measures and what it prints."""

import json
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

sys.path.insert(0, str(Path(__file__).parent))

from answers import Answer, differences
from measure import Measured, measure, typical
from more_runs import add_customers
from process_tree import kill, tree
from programs import generated
from run import at_least_one, peers
from split import write_split
from table import TIMES, Entry, exponent, lines

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
    assert "did not finish in 600 s" in line and f"> 60.00{TIMES}" in line and line.endswith("not shown")
    assert printed("tutorial", None, limit=1000).endswith("met")


def test_answers_that_differ_are_named() -> None:
    product = Answer("millrace", 100_000, 0.860)
    assert differences(product, [Answer("duckdb", 100_000, 0.8615)]) == []
    assert "99,999" in differences(product, [Answer("duckdb", 99_999, 0.86)])[0]
    assert "0.9000" in differences(product, [Answer("duckdb", 100_000, 0.90)])[0]


def test_growth_is_linear_if_ten_times_the_size_takes_ten_times_as_long() -> None:
    assert exponent(2.0, 20.0, 10) == 1.0


def test_memory_is_measured_over_the_whole_process_tree() -> None:
    child = "import time; b = bytearray(60_000_000); b[::4096] = b'x' * len(b[::4096]); time.sleep(0.6)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    measured = measure([sys.executable, "-c", parent])
    assert measured.returncode == 0 and measured.seconds is not None and measured.seconds > 0.5
    assert 60 < measured.peak_megabytes < 200


def test_a_command_is_stopped_at_its_limit() -> None:
    measured = measure([sys.executable, "-c", "import time; time.sleep(60)"], limit=0.3)
    assert measured.seconds is None and measured.limit == 0.3


def test_stopping_a_command_stops_its_children() -> None:
    parent = "import subprocess, sys; subprocess.run(['sleep', '47.11'])"
    started = time.monotonic()
    measure([sys.executable, "-c", parent], limit=0.5)
    # measure reads the output to the end, which would wait for the child if it were still running.
    assert time.monotonic() - started < 5


def test_a_child_whose_parent_has_ended_still_belongs_to_the_tree() -> None:
    process = subprocess.Popen(["sh", "-c", "(sleep 30 & echo $!); exec sleep 30"], stdout=-1, start_new_session=True)
    assert process.stdout is not None
    orphan = int(process.stdout.readline())
    assert {process.pid, orphan} <= set(tree(process.pid))
    kill(tree(process.pid))
    process.wait()
    process.stdout.close()


def test_several_runs_count_with_the_median_time_and_the_greatest_memory() -> None:
    runs = [Measured(seconds, memory, 0, "", "") for seconds, memory in ((9.0, 100.0), (3.0, 300.0), (5.0, 200.0))]
    assert (typical(runs).seconds, typical(runs).peak_megabytes) == (5.0, 300.0)
    assert typical([*runs, Measured(None, 50.0, -9, "", "", 600)]).seconds is None


def test_added_customers_are_new_and_have_their_own_interactions(tmp_path: Path) -> None:
    for name in ("first", "more"):
        (tmp_path / name / "customers").mkdir(parents=True)
        (tmp_path / name / "interactions").mkdir()
    (tmp_path / "more" / "customers" / "part-0.csv").write_text("customer_id,payment_method\n C-1,credit-card\n")
    (tmp_path / "more" / "interactions" / "part-0.json").write_text('{"customer_id":"  C-1"}\n')
    add_customers(tmp_path / "first", tmp_path / "more")
    assert "\n D-1,credit-card\n" in (tmp_path / "first" / "customers" / "more-part-0.csv").read_text()
    assert '"  D-1"' in (tmp_path / "first" / "interactions" / "more-part-0.json").read_text()


def test_complete_data_are_not_generated_again(tmp_path: Path) -> None:
    made = tmp_path / "data-100-7"
    made.mkdir()
    (made / "generator.json").write_text(json.dumps({"complete": True}))
    assert generated(tmp_path, 100, seed=7) == made
    assert [path.name for path in made.iterdir()] == ["generator.json"]


def test_an_unknown_peer_and_zero_runs_are_refused() -> None:
    assert peers("duckdb,tuned") == ["duckdb", "tuned"] and peers("") == []
    with pytest.raises(ArgumentTypeError, match="known: tutorial"):
        peers("pandas")
    with pytest.raises(ArgumentTypeError):
        at_least_one("0")


def test_a_split_that_does_not_match_the_model_is_refused(tmp_path: Path) -> None:
    ids = [f"C-{i}" for i in range(60)]
    labels = [i % 4 == 0 for i in range(58)]
    rows = pa.table({"id": ids, "gone": pa.array([*map(int, labels), None, None], pa.int32())})
    write_deltalake(tmp_path / "lake", rows)
    learned = {"key": ["id"], "label": "gone", "seed": 42, "test_share": 0.2, "folds": 3}
    counts = {"train": 45, "test": 13, "train_positive": 11, "test_positive": 4}
    (tmp_path / "model.json").write_text(json.dumps({**learned, "rows": counts}))
    assert write_split(tmp_path / "lake", tmp_path / "model.json", tmp_path / "split.parquet") == 58
    split = pq.read_table(tmp_path / "split.parquet").to_pydict()
    assert sorted(split["id"]) == sorted(ids[:58])
    assert [split["part"].count(part) for part in (-1, 0, 1, 2)] == [13, 16, 15, 14]
    (tmp_path / "model.json").write_text(json.dumps({**learned, "rows": {**counts, "test": 11}}))
    with pytest.raises(SystemExit, match="not the model's"):
        write_split(tmp_path / "lake", tmp_path / "model.json", tmp_path / "split.parquet")
