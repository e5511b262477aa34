"""Compares two lakes table by table, ignoring the order of rows: `compare_lakes.py --plan P ROOT_A ROOT_B`.

Prints one JSON document {tables: [{table, rows: [a, b], equal}], equal}. Exit status 0 if all tables are equal, else 1.
"""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from engine.arrow_types import arrow_schema
from engine.lake import Lake
from engine.plan_types import TransformTask
from engine.schema import plan_of
from engine.table_rows import rows_of


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Compare the silver, gold and feature tables of two lakes.")
    parser.add_argument("--plan", required=True)
    parser.add_argument("roots", nargs=2)
    arguments = parser.parse_args(argv)
    plan = plan_of(json.loads(Path(arguments.plan).read_text()), arguments.plan)
    tables = []
    for task in plan["tasks"]:
        if "sql" not in task:
            continue
        rows, hashes = zip(*(content(Lake(root, plan["pipeline"]), task) for root in arguments.roots), strict=True)
        tables.append(
            {"table": task["name"], "rows": list(rows), "equal": rows[0] == rows[1] and hashes[0] == hashes[1]}
        )
    equal = all(table["equal"] for table in tables)
    print(json.dumps({"tables": tables, "equal": equal}))
    return 0 if equal else 1


def content(lake: Lake, task: TransformTask) -> tuple[int, int]:
    """The number of rows, and a sum of row hashes, which does not depend on the order of rows."""
    schema = arrow_schema(task["columns"])
    table = rows_of(lake.table(task["layer"], task["name"]), schema.names).cast(schema)
    hashes = pd.util.hash_pandas_object(table.to_pandas(), index=False)
    return table.num_rows, int(hashes.sum())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
