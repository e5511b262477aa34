"""Tests of the generator, which read its files independently."""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import generate
import numpy as np
import pyarrow.parquet as pq
import pytest
from generator.population import draw_customers, draw_regions
from generator.signal import bayes_auc

SNAPSHOT = datetime(2025, 6, 30)
COLUMNS = [
    *("customer_id", "status", "join_date", "updated_at", "plan_type", "device_type", "contract_type"),
    *("payment_method", "age", "monthly_charges", "total_charges", "region_id"),
]


def make(out: Path, customers: int, seed: int = 7, *more: str) -> Path:
    assert generate.main(["--customers", str(customers), "--seed", str(seed), "--out", str(out), *more]) == 0
    return out


def mark(data: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((data / "generator.json").read_text())
    return document


def digests(data: Path) -> dict[str, str]:
    files = sorted(path for path in data.rglob("*") if path.is_file())
    return {str(path.relative_to(data)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def records(data: Path, source: str) -> tuple[list[dict[str, str]], Counter[str]]:
    """The well-formed records of a customers source, and how many lines are malformed in each way."""
    whole, malformed = [], Counter[str]()
    for path in sorted((data / source).glob("*.csv")):
        header, *lines = csv.reader(path.read_text().splitlines())
        assert header == [name for name in COLUMNS if name != "status" or source == "customers"]
        for line in lines:
            if len(line) == len(header):
                whole.append(dict(zip(header, line, strict=True)))
            else:
                malformed["too_few_fields" if len(line) < len(header) else "too_many_fields"] += 1
    return whole, malformed


def contacts(data: Path) -> tuple[list[dict[str, Any]], Counter[str]]:
    """The well-formed objects of the interactions, and how many lines are malformed in each way."""
    whole, malformed = [], Counter[str]()
    for path in sorted((data / "interactions").glob("*.json")):
        for line in path.read_text().splitlines():
            try:
                value = json.loads(line)
            except json.JSONDecodeError as fault:
                malformed["bad_escape" if "escape" in fault.msg else "truncated"] += 1
                continue
            if isinstance(value, dict):
                whole.append(value)
            else:
                malformed["not_an_object"] += 1
    return whole, malformed


def bad_number(record: dict[str, str]) -> bool:
    return any(record[column] and not is_number(record[column]) for column in ("monthly_charges", "total_charges"))


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def blank(texts: Iterator[Any]) -> bool:
    return any(isinstance(text, str) and text != text.strip() for text in texts)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("churn"), 20_000)


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    assert digests(make(tmp_path / "one", 1_500)) == digests(make(tmp_path / "two", 1_500))


def test_another_seed_gives_other_data(tmp_path: Path) -> None:
    one, two = digests(make(tmp_path / "one", 300, 1)), digests(make(tmp_path / "two", 300, 2))
    assert one.keys() == two.keys()
    assert not set(one.values()) & set(two.values())


@pytest.mark.parametrize("source", ["customers", "new_customers"])
def test_the_counted_dirt_of_customers_is_what_a_reader_finds(data: Path, source: str) -> None:
    whole, malformed = records(data, source)
    regions = set(pq.read_table(data / "regions/regions.parquet")["region_id"].to_pylist())
    by_id: dict[str, list[dict[str, str]]] = {}
    for record in whole:
        by_id.setdefault(record["customer_id"].strip(), []).append(record)
    pairs = [versions for versions in by_id.values() if len(versions) == 2]
    found = {
        "too_few_fields": malformed["too_few_fields"],
        "too_many_fields": malformed["too_many_fields"],
        "older_version": sum(a["updated_at"] != b["updated_at"] for a, b in pairs),
        "exact_duplicate": sum(a == b for a, b in pairs),
        "bad_number": sum(map(bad_number, whole)),
        "unknown_region": sum(record["region_id"].strip() not in regions for record in whole),
        **{
            f"missing_{column}": sum(record[column] == "" for record in whole)
            for column in ("age", "total_charges", "payment_method", "device_type")
        },
        "blanks": sum(blank(iter(record.values())) for record in whole),
    }
    assert found == mark(data)["dirt"][source]
    assert len(by_id) == mark(data)[source]
    lines = mark(data)["lines"][source]
    assert lines.pop("lines") == sum(lines.values()) == len(whole) + malformed.total()
    assert lines["kept"] == len(by_id) - found["bad_number"]


def test_an_older_version_differs_in_charges_and_is_never_cancelled(data: Path) -> None:
    versions: dict[str, list[dict[str, str]]] = {}
    for record in records(data, "customers")[0]:
        versions.setdefault(record["customer_id"].strip(), []).append(record)
    pairs = [sorted(two, key=lambda record: record["updated_at"]) for two in versions.values() if len(two) == 2]
    changed = [(old, new) for old, new in pairs if old != new]
    assert all(old["monthly_charges"] != new["monthly_charges"] for old, new in changed)
    assert all(old["status"].strip() == "active" for old, _ in changed)
    assert any(new["status"].strip() == "cancelled" for _, new in changed)
    assert not any(bad_number(record) for pair in pairs for record in pair)


def test_the_counted_dirt_of_interactions_is_what_a_reader_finds(data: Path) -> None:
    whole, malformed = contacts(data)
    known = {r["customer_id"].strip() for source in ("customers", "new_customers") for r in records(data, source)[0]}
    found = {
        **malformed,
        "unknown_customer": sum(contact["customer_id"].strip() not in known for contact in whole),
        "duration_as_string": sum(isinstance(contact["duration"], str) for contact in whole),
        "blanks": sum(blank(contact[name] for name in ("customer_id", "channel", "type")) for contact in whole),
    }
    assert found == mark(data)["dirt"]["interactions"]
    assert len(whole) + malformed.total() == mark(data)["interactions"]


def test_lines_of_interactions_end_up_where_generator_json_says(data: Path) -> None:
    whole, malformed = contacts(data)
    customers = [r for source in ("customers", "new_customers") for r in records(data, source)[0]]
    known = {record["customer_id"].strip() for record in customers if not bad_number(record)}
    found = Counter[str](malformed=malformed.total())
    for contact in whole:
        at = datetime.fromisoformat(contact["ts"])
        if isinstance(contact["duration"], str):
            found["duration_as_string"] += 1
        elif at >= SNAPSHOT:
            found["after_snapshot"] += 1
        elif at < SNAPSHOT - timedelta(days=90):
            found["older_than_90_days"] += 1
        else:
            found["kept" if contact["customer_id"].strip() in known else "unknown_customer"] += 1
    lines = mark(data)["lines"]["interactions"]
    assert lines.pop("lines") == found.total()
    assert lines == found


def test_values_are_valid_for_their_columns(data: Path) -> None:
    joined = {}
    for record in records(data, "customers")[0]:
        joined[record["customer_id"].strip()] = record["join_date"]
        assert record["status"].strip() in {"active", "cancelled"}
        assert record["join_date"] < "2025-06-30"
        assert record["join_date"] <= record["updated_at"] < "2025-06-30"
        assert record["contract_type"].strip() in {"month-to-month", "one-year", "two-year"}
        assert record["plan_type"].strip() in {"basic", "standard", "premium", "family"}
    for contact in contacts(data)[0]:
        assert "2025-01-01" <= contact["ts"] < "2025-07-30"
        assert joined.get(contact["customer_id"].strip(), "") <= contact["ts"]
        assert contact["type"].strip() in {"complaint", "billing", "support", "upgrade", "info"}
        assert -1 <= contact["sentiment"] <= 1
        assert isinstance(contact["resolved"], bool)


def test_every_kind_of_dirt_occurs_with_1000_customers(tmp_path: Path) -> None:
    dirt = mark(make(tmp_path, 1_000))["dirt"]
    assert all(dirt["customers"].values())
    assert all(dirt["interactions"].values())


def test_bayes_auc_equals_the_count_over_all_pairs() -> None:
    p = np.round(np.random.default_rng(1).beta(1, 3, 60), 2)  # rounded, so that there are ties
    right = pairs = 0.0
    for i in range(len(p)):
        for j in range(len(p)):
            if i != j:
                weight = p[i] * (1 - p[j])
                pairs += weight
                right += weight * (1.0 if p[i] > p[j] else 0.5 if p[i] == p[j] else 0.0)
    assert bayes_auc(p) == pytest.approx(right / pairs, abs=1e-12)


def test_bayes_auc_needs_two_customers() -> None:
    assert bayes_auc(np.array([0.3])) is None
    assert bayes_auc(np.array([0.3, 0.3])) == 0.5


def test_the_true_probabilities_reach_the_bayes_auc_on_the_labels() -> None:
    order = generate.parse(["--customers", "20000", "--seed", "11", "--out", "unused"])
    world = generate.make_world(order)
    p = world.probability[: order.customers]
    last = np.sort(world.customers[world.customers["malformed"] == 0], order=["number", "updated_before"])
    label = last[np.unique(last["number"], return_index=True)[1]]["cancelled"]
    assert label.sum() == world.cancelled
    rank = np.empty(len(p))
    rank[np.argsort(p)] = np.arange(1, len(p) + 1)
    positive = label.sum()
    auc = (rank[label].sum() - positive * (positive + 1) / 2) / (positive * (len(p) - positive))
    assert auc == pytest.approx(bayes_auc(p), abs=0.012)  # its standard error is 0.003
    assert 0.85 <= auc <= 0.89
    assert 0.20 <= p.mean() <= 0.27


def test_customers_who_cancelled_complain_more_after_the_snapshot(data: Path) -> None:
    status = {record["customer_id"].strip(): record["status"].strip() for record in records(data, "customers")[0]}
    late = [contact for contact in contacts(data)[0] if datetime.fromisoformat(contact["ts"]) >= SNAPSHOT]
    complaints = Counter(status.get(c["customer_id"].strip()) for c in late if c["type"].strip() == "complaint")
    people = Counter(status.values())
    assert complaints["cancelled"] / people["cancelled"] > 4 * complaints["active"] / people["active"]


def test_new_customers_have_a_true_probability_and_contacts(data: Path) -> None:
    truth = list(csv.DictReader(io.StringIO((data / "new_customers_truth.csv").read_text())))
    ids = {record["customer_id"].strip() for record in records(data, "new_customers")[0]}
    assert {row["customer_id"] for row in truth} == ids == {f"C-{n}" for n in range(20_001, 20_401)}
    assert all(0 < float(row["probability"]) < 1 for row in truth)
    assert ids & {contact["customer_id"] for contact in contacts(data)[0]}


@pytest.mark.parametrize(
    "more",
    [
        ["--customers", "1"],
        ["--customers", "10"],
        ["--customers", "1", "--new-customers", "0", "--interactions-per-customer", "0"],
    ],
)
def test_few_customers_are_enough(tmp_path: Path, more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main([*more, "--seed", "1", "--out", str(tmp_path)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["customers"] == int(more[1])
    assert len(records(tmp_path, "customers")[0]) >= shown["customers"]
    assert all((tmp_path / name).is_file() for name in shown["files"])


def test_rows_are_split_into_parts_and_no_row_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "PART_ROWS", 500)
    make(tmp_path, 1_200)
    assert len(list((tmp_path / "customers").iterdir())) == 2
    assert len(records(tmp_path, "customers")[0]) == 1_212
    first = [json.loads(p.read_text().splitlines()[0])["ts"] for p in sorted((tmp_path / "interactions").iterdir())]
    assert first == sorted(first)
    assert len(first) == 12  # 6,138 lines


def test_a_foreign_folder_is_not_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    (tmp_path / "generator.json").write_text('{"made_by": "someone else", "files": []}')
    before = digests(tmp_path)
    assert generate.main(["--customers", "5", "--seed", "1", "--out", str(tmp_path)]) == 1
    assert digests(tmp_path) == before
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "did not make" in printed.err


def test_files_of_an_earlier_run_are_replaced_and_other_files_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "PART_ROWS", 100)
    make(tmp_path / "ours", 500)
    late = tmp_path / "ours/customers/late.csv"
    late.write_text("delivered later")
    make(tmp_path / "ours", 200)
    assert late.read_text() == "delivered later"
    late.unlink()
    assert digests(tmp_path / "ours") == digests(make(tmp_path / "fresh", 200))


def test_a_killed_run_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(generate.folder, "remove_others", killed)
        make(tmp_path / "out", 50)
    assert not mark(tmp_path / "out")["complete"]
    assert digests(make(tmp_path / "out", 50)) == digests(make(tmp_path / "fresh", 50))


@pytest.mark.parametrize("wrong", [["--customers", "0"], ["--new-customers", "-1"], ["--snapshot", "June"]])
def test_invalid_arguments_are_refused(tmp_path: Path, wrong: list[str]) -> None:
    given = ["--customers", "5", "--seed", "1", "--out", str(tmp_path / "none"), *wrong]
    with pytest.raises(SystemExit) as stopped:
        generate.main(given)
    assert stopped.value.code == 2
    assert not (tmp_path / "none").exists()


def test_every_customer_joined_before_the_snapshot_and_pays() -> None:
    rng = np.random.default_rng(0)
    rows = draw_customers(rng, 50_000, draw_regions(rng))
    assert rows["monthly_cents"].min() > 0
    assert rows["tenure_days"].min() >= 1
    assert rows["total_cents"].min() >= 0
