"""Prints what a small lake holds whose root and files have odd names. Run by a test, in the Python that has the engine.

usage: python -m tests.places_on_engine sail|spark, with JSON on stdin: {root, names}
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.small_lake import SmallLake, golden_plan, opened, write_people, write_towns


def main() -> None:
    given = json.load(sys.stdin)
    root = Path(given["root"])
    session, tables = opened(sys.argv[1])
    plan = golden_plan("small")
    next(task for task in plan["tasks"] if task["name"] == "people_clean")["partitionBy"] = ["town"]
    lake = SmallLake(root / "lake", session, tables, plan)
    tables.settle_in(str(root / "lake"))
    people = root / "data" / "people"
    files = [write_people(people / name, [(str(i), "X", "1990-01-01")]) for i, name in enumerate(given["names"])]
    towns = write_towns(root / "data" / "towns" / "1.parquet", {})
    found: list[Any] = []
    lake.begin()
    lake.ingest("people", files)
    lake.ingest("towns", [towns])
    lake.transform("people_clean")
    found.append([row[0] for row in lake.rows("people_clean")])
    # Each file once more, with another row: one row of each is left, whatever its name is taken for.
    lake.begin()
    again = [write_people(file, [(f"new {i}", "X", "1990-01-01")]) for i, file in enumerate(files)]
    lake.ingest("people", again, replace=True)
    lake.transform("people_clean")
    found.append([row[0] for row in lake.rows("people_clean")])
    bronze = session.arrow(tables.frame(lake.lake.of(lake.task("people"))))
    session.stop()
    print("\nFOUND" + json.dumps([*found, sorted(bronze["_source_file"].to_pylist())]))


if __name__ == "__main__":
    main()
