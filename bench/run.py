"""Compares Millrace with its peers on the same data, grid and folds, each in a cold process: `run.py --customers N`."""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from answers import AUC_TOLERANCE, Answer, differences
from measure import Measured, typical
from more_runs import growth, incremental
from programs import PEERS, generated, product, product_answer, run_peer, split_of
from table import Entry, lines, ratio


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Compare Millrace with its peers, as ratios in one run.")
    parser.add_argument("--customers", type=at_least_one, default=100_000)
    parser.add_argument("--peers", type=peers, default=",".join(PEERS), help=f"some of {','.join(PEERS)}, or ''")
    parser.add_argument("--limit", type=float, default=600, help="seconds after which a peer is stopped")
    parser.add_argument(
        "--repeat", type=at_least_one, default=1, help="runs of each program, in turns; the median counts"
    )
    parser.add_argument("--growth", action="store_true", help="also ten times the customers")
    parser.add_argument(
        "--incremental", action="store_true", help="also a run with nothing new, and with 1 %% new customers"
    )
    parser.add_argument("--work", type=Path, help="folder for data and outputs; data of the same size are reused")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args(argv)
    if arguments.work:
        work = arguments.work.resolve()
        work.mkdir(parents=True, exist_ok=True)
        return bench(arguments, work)
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as work:
        return bench(arguments, Path(work))


def at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
    return value


def peers(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"unknown peer {name!r} (known: {', '.join(PEERS)})")
    return names


def bench(arguments: argparse.Namespace, work: Path) -> int:
    data = generated(work, arguments.customers)
    product_runs: list[Measured] = []
    peer_runs: dict[str, list[Measured]] = {name: [] for name in arguments.peers}
    product_answers: list[Answer] = []
    peer_answers: dict[str, Answer] = {}
    for _ in range(arguments.repeat):
        shutil.rmtree(work / "lake", ignore_errors=True)
        measured, document = product(data, work / "lake")
        product_runs.append(measured)
        product_answers.append(product_answer(document))
        split = split_of(document, work / "lake", work / "split.parquet")
        for name, runs in peer_runs.items():
            if runs and runs[-1].seconds is None:
                continue  # it was stopped at the limit, and would be again
            measured, answer = run_peer(name, data, split, work / name, arguments.limit)
            runs.append(measured)
            if answer is not None:
                peer_answers[name] = answer
    worst = min(product_answers, key=lambda answer: answer.auc)
    print(f"\n{arguments.customers:,} customers, {worst.customers:,} of them labelled and clean enough to learn from")
    found = differences(worst, list(peer_answers.values()))
    if found:
        print("ANSWERS DIFFER: " + "; ".join(found))
        return 1
    print(answered(len(peer_answers)))
    entry = Entry("millrace", typical(product_runs), worst.auc)
    entries = [
        Entry(name, typical(runs), peer_answers[name].auc if name in peer_answers else None)
        for name, runs in peer_runs.items()
    ]
    print("\n".join(lines(entry, entries)))
    print("\nmillrace by phase, in its last run" if arguments.repeat > 1 else "\nmillrace by phase")
    for phase in document["phases"]:
        print(f"  {phase['name']:<24} {phase['seconds']:6.2f} s")
    for task in document["tasks"]:
        print(f"    {task['task']:<22} {task['seconds']:6.2f} s")
    figures: dict[str, Any] = {"customers": arguments.customers, "rows": worst.customers}
    figures["millrace"] = figure(entry, product_runs) | {"phases": document["phases"]}
    figures["peers"] = {peer.name: figure(peer, peer_runs[peer.name]) | against(entry, peer) for peer in entries}
    if arguments.incremental:
        figures["again"] = incremental(data, work, entry.measured, product, generated)
    if arguments.growth:
        figures["exponent"] = growth(arguments.customers, work, entry.measured, product, generated)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def answered(compared: int) -> str:
    if compared == 0:
        return "no peer answered, so the answer cannot be compared\n"
    return (
        f"answers agree: all model the same customers, and millrace's AUC is at most {AUC_TOLERANCE} below a peer's\n"
    )


def figure(entry: Entry, runs: list[Measured]) -> dict[str, Any]:
    measured = entry.measured
    every = [run.seconds for run in runs]
    shown = {"seconds": measured.seconds, "runs": every, "peak_megabytes": measured.peak_megabytes, "auc": entry.auc}
    return shown if measured.seconds is not None else shown | {"stopped_at": measured.limit}


def against(product: Entry, peer: Entry) -> dict[str, Any]:
    value, is_bound = ratio(product.measured, peer.measured)
    return {"ratio": value, "ratio_is_lower_bound": is_bound}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
