"""Memory of a training: the peak of the process at sizes that each are ten times the last, as bytes a row.

    .venv/bin/python bench/training_memory.py                                     # on Sail
    .venv-spark/bin/python bench/training_memory.py --engine spark --rows 20000,200000

The table has churn's feature columns and is drawn directly, without the stages before. Each size runs the training task of the golden
plan in a separate process, from the table on disk to the model's files. The peak is Linux's own counter of that process: on Spark
the Python process of the driver, without the JVM. `answer` is a hash of model.json and dossier.json: two versions of the engine that
print the same have trained the same model.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "glue-scripts"))

from engine.arrow_types import arrow_schema
from engine.cell_hash import contents_of
from engine.contents import NOTED
from engine.lake import Lake
from engine.meter import measured
from engine.open_tables import open_tables
from engine.session import open_session
from engine.tables import Commit
from engine.task_kinds import job_of, table_of
from engine.training import run_train

PLAN = json.loads((Path(__file__).resolve().parent.parent / "contracts" / "golden" / "churn.plan.json").read_text())
TASKS = {task["name"]: task for task in PLAN["tasks"]}
#: With few trees: they take seconds, not memory.
TRAIN = TASKS["train_churn"]
TRAIN["algorithm"]["grid"]["rounds"] = [5, 10]
FEATURES = TASKS[TRAIN["features"]]

#: Values of the text columns besides the key. Regions are as many as the generator of churn makes.
TEXTS = {
    "region_id": [f"R-{number:02d}" for number in range(60)],
    "plan_type": ["basic", "family", "premium"],
    "device_type": ["android", "ios", "other"],
    "contract_type": ["monthly", "one year", "two years"],
    "payment_method": ["card", "invoice", "debit", "wallet"],
}
#: One row in so many has no label.
UNLABELLED = 20


def drawn(rows: int) -> pa.Table:
    """Rows of churn's feature table. The label follows two of the columns, with noise."""
    rng = np.random.default_rng(7)
    columns: dict[str, Any] = {}
    for column in FEATURES["columns"]:
        name, kind = column["name"], column["type"].rstrip("?")
        mask = rng.random(rows) < 0.05 if column.get("nullable") else None
        if name in TRAIN["key"]:
            columns[name] = pa.array(np.char.add("C-", np.char.zfill(np.arange(rows).astype(str), 9)))
        elif name == TRAIN["label"]:
            columns[name] = None  # drawn below, from the others; it keeps its place
        elif kind == "string":
            codes = rng.integers(0, len(TEXTS[name]), rows).astype(np.int32)
            columns[name] = pa.DictionaryArray.from_arrays(pa.array(codes, mask=mask), TEXTS[name]).cast(pa.string())
        elif kind == "double":
            columns[name] = pa.array(rng.gamma(4.0, 20.0, rows), mask=mask)
        else:
            columns[name] = pa.array(rng.poisson(20, rows), mask=mask)
    margin = (np.nan_to_num(columns["monthly_charges"].to_numpy(zero_copy_only=False), nan=60.0) - 80) / 30
    margin += (columns["tenure_days"].to_numpy() - 20) / -5 - 0.5
    label = (rng.random(rows) < 1 / (1 + np.exp(-margin))).astype(np.int32)
    columns[TRAIN["label"]] = pa.array(label, mask=np.arange(rows) % UNLABELLED == 0)
    schema = arrow_schema([{"name": "_row", "type": "bigint"}, *FEATURES["columns"]])
    table = pa.table({"_row": np.arange(rows), **columns})
    return table.select(schema.names).cast(schema)


def write(lake: Lake, rows: int) -> None:
    from engine.tables_laptop import LaptopTables

    table = drawn(rows)
    note = {NOTED: contents_of(table, FEATURES["columns"]).as_note()}
    tables: Any = LaptopTables(None)  # type: ignore[arg-type]  # writing Arrow needs no session
    tables.write(lake.of(table_of(FEATURES)), table, Commit("overwrite", "bench", 1, note=note))


def train(lake: Lake, engine: str) -> dict[str, Any]:
    session = open_session(engine)
    tables = open_tables(session)
    work = {"run": "r1", "pipeline": "churn", "sequence": 1, "startedAt": "2025-02-01T00:00:00.000+00:00"}
    work["parameters"] = {}
    item = {"task": TRAIN["name"], "mode": "full", "why": "never built", "modelVersion": 1}
    job = job_of(session, tables, lake, TRAIN, TASKS, item, work, {})
    # What every training needs, whatever its rows.
    import xgboost  # noqa: F401

    before = resident()
    started = time.monotonic()
    with measured() as meter:
        account = run_train(job)
    seconds = time.monotonic() - started
    session.stop()
    model, dossier = ((Path(account["model"]["folder"]) / name).read_bytes() for name in ("model.json", "dossier.json"))
    auc, digest = json.loads(model)["metrics"]["auc"], hashlib.sha256(model + dossier).hexdigest()[:12]
    return {"before": before, "peak": meter.peak, "seconds": seconds, "auc": auc, "hash": digest}


def resident() -> int:
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * 4096


def arrow_bytes(lake: Lake) -> int:
    """The size in Arrow of what a training reads of the table: key, inputs and label of the labelled rows."""
    import pyarrow.compute as pc

    from engine.table_rows import rows_of

    columns = [*TRAIN["key"], *(each["name"] for each in TRAIN["inputs"]), TRAIN["label"]]
    return rows_of(lake.of(table_of(FEATURES)), columns, pc.field(TRAIN["label"]).is_valid()).nbytes


def child(*arguments: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, check=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Peak memory of a training in bytes a row.")
    parser.add_argument("--rows", default="20000,200000,2000000")
    parser.add_argument("--engine", choices=["sail", "spark"], default="sail")
    parser.add_argument("--step", choices=["write", "train"], help=argparse.SUPPRESS)
    parser.add_argument("--root", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.step is not None:
        lake = Lake(arguments.root, "churn")
        if arguments.step == "write":
            write(lake, int(arguments.rows))
            print(json.dumps({"table": arrow_bytes(lake)}))
        else:
            print(json.dumps(train(lake, arguments.engine)))
        return 0
    print("rows       peak MB  bytes a row  of the table  beyond it  more a row  seconds  AUC     answer")
    last: tuple[int, int] | None = None
    for rows in [int(text) for text in arguments.rows.split(",")]:
        with tempfile.TemporaryDirectory(prefix="millrace-memory-") as root:
            given = ("--rows", str(rows), "--root", root, "--engine", arguments.engine)
            table = child(*given, "--step", "write")["table"]
            found = child(*given, "--step", "train")
        labelled, peak = rows - -(-rows // UNLABELLED), found["peak"]
        grown, share = (peak - found["before"]) / labelled, table / labelled
        # Against the size before, so that what every training needs does not count.
        more = "" if last is None else f"{(peak - last[1]) / (labelled - last[0]):,.0f}"
        last = labelled, peak
        print(
            f"{labelled:<9,} {peak / 1e6:8,.0f} {grown:12,.0f} {share:13,.0f} {grown - share:10,.0f} {more:>11} "
            f"{found['seconds']:8.1f}  {found['auc']:.4f}  {found['hash']}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
