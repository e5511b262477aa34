"""Prints the rows of tables as one JSON document: `show.py [--rows N] [--version V] [--where SQL] PATH [PATH ...]`.

{tables: [{path, version, total, columns: [{name, type}], rows: [{column: value}], places: [{file, record} | null]}]}. `total` counts
the rows that match `--where`, and `rows` are the first N of them. Standard input lists the ingested files, {name: etag}; from it
`places` gives the source file of each row with a `_row`, and its record number, from 1. Values are written as in `lookup.py`.
"""

import argparse
import json
import sys
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError

from engine.faults import Fault
from engine.readers.chunk import FileRows
from engine.readers.types import type_name
from engine.table_damage import damage_of
from engine.table_rows import dataset_of, plain
from lookup import written

#: More records than any file has.
MOST_RECORDS = 1 << 40


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Print rows of Delta tables.")
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--version", type=int)
    parser.add_argument("--where")
    parser.add_argument("paths", nargs="+")
    arguments = parser.parse_args(argv)
    files = json.loads(sys.stdin.read() or "{}")
    tables = []
    for path in arguments.paths:
        try:
            tables.append(shown(path, arguments.rows, arguments.version, arguments.where, files))
        except Exception as failure:
            fault = failure if isinstance(failure, Fault) else damage_of(Path(path).name, path)
            if fault is None:
                raise
            print(json.dumps(fault.as_issue()), file=sys.stderr)
            return 1
    print(json.dumps({"tables": tables}, allow_nan=False))
    return 0


def shown(path: str, limit: int, version: int | None, where: str | None, files: Mapping[str, str]) -> dict[str, Any]:
    """One table of the document. Raises MR162 for a version that does not exist, or for an invalid condition."""
    table = table_at(path, version)
    schema = pa.schema(table.schema().to_arrow())
    if where is None:
        # With Arrow's own file system, as in `rows_of`.
        dataset = dataset_of(path, table.version())
        total, rows = dataset.count_rows(), plain(dataset.head(limit))
    else:
        total, rows = having(table, where, limit)
    return {
        "path": path,
        "version": table.version(),
        "total": total,
        "columns": [{"name": field.name, "type": type_name(field.type)} for field in schema],
        "rows": [{name: written(value) for name, value in row.items()} for row in rows.to_pylist()],
        "places": places(rows["_row"].to_pylist(), files) if "_row" in schema.names else [None] * rows.num_rows,
    }


def table_at(path: str, version: int | None) -> DeltaTable:
    newest = DeltaTable(path)
    if version is None or version == newest.version():
        return newest
    hint = f"its newest version is {newest.version()}"
    if version > newest.version():
        raise Fault("MR162", path, f"the table has no version {version}", hint)
    try:
        return DeltaTable(path, version=version)
    except DeltaError:
        message = f"version {version} of the table no longer exists"
        raise Fault("MR162", path, message, hint) from None


def having(table: DeltaTable, where: str, limit: int) -> tuple[int, pa.Table]:
    """How many rows match a condition, and the first of them. Raises MR162 if the condition is invalid."""
    query = QueryBuilder().register("rows", table)
    # Column names are case-sensitive.
    query.execute("SET datafusion.sql_parser.enable_ident_normalization = false")
    try:
        # The bracket is on a new line, because the condition may end with a comment.
        total = pa.table(query.execute(f"SELECT count(*) AS n FROM rows WHERE ({where}\n)").read_all())
        found = pa.table(query.execute(f"SELECT * FROM rows WHERE ({where}\n) LIMIT {limit}").read_all())
    except Exception as failure:
        reason = str(failure).strip().split("\n")[0].replace("'rows.", "'")[:200]
        names = ", ".join(field.name for field in table.schema().fields)
        hint = f"write it as \"status = 'open' AND amount > 10\"; columns: {names}"
        raise Fault("MR162", "--where", f"the condition is invalid: {reason}", hint) from None
    return int(total["n"][0].as_py()), plain(found)


def places(numbers: Sequence[int | None], files: Mapping[str, str]) -> list[dict[str, Any] | None]:
    """The source file and record of each row number: the file with the greatest base that is not above the number."""
    bases = sorted((FileRows(name, etag).base, name) for name, etag in files.items())
    starts = [base for base, _ in bases]

    def place(number: int | None) -> dict[str, Any] | None:
        at = -1 if number is None else bisect_right(starts, number) - 1
        if number is None or at < 0 or number - starts[at] >= MOST_RECORDS:
            return None
        return {"file": bases[at][1], "record": number - starts[at] + 1}

    return [place(number) for number in numbers]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
