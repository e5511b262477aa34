"""Prints rows of a Delta table by key as JSON lines: `lookup.py --table PATH --column NAME VALUE [VALUE ...]`."""

import argparse
import json
import sys
from typing import Any

import pyarrow.compute as pc

from engine.tables_laptop import rows_of


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Look rows of a Delta table up by key.")
    parser.add_argument("--table", required=True)
    parser.add_argument("--column", required=True)
    parser.add_argument("values", nargs="+")
    arguments = parser.parse_args(argv)
    rows = rows_of(arguments.table, where=pc.field(arguments.column).isin(arguments.values))
    for row in rows.to_pylist():
        print(json.dumps(row, default=iso))
    return 0


def iso(value: Any) -> str:
    return str(value.isoformat())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
