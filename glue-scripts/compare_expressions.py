"""Evaluates the expressions of a file on one engine: `compare_expressions.py --engine sail|spark [FILE]`.

Prints one JSON document {expression: {"type", "rows"} or {"fails"}}. `scripts/expressions.ts` runs it on both engines and compares.
"""

import argparse
import json
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.check_plan import unplanned
from engine.dialect.differences import differences
from engine.dialect.sail import for_sail
from engine.foreign_errors import first_line
from engine.session import Session, open_session

ONE = (
    "SELECT CAST('2147483647' AS INT) AS imax, CAST('-2147483648' AS INT) AS imin, 9223372036854775807L AS lmax, "
    "CAST('-9223372036854775808' AS BIGINT) AS lmin, 1999999 AS cents, 2000 AS qty, 1 AS one, 0 AS zero, 'word' AS word, "
    '\'{"a":1,"b":[1,2],"c":{"d":"x"},"n":null,"f":1.50,"t":true,"u":"\\\\u00e9"}\' AS js'
)
MANY = (
    "SELECT k, g, i, l, CAST(big AS BIGINT) AS big, d, CAST(dec AS DECIMAL(10,2)) AS dec, s, b, CAST(dt AS DATE) AS dt, "
    "CAST(ts AS TIMESTAMP) AS ts, CAST(n AS INT) AS n, CAST(nan AS DOUBLE) AS nan, "
    "CAST(zeros AS DOUBLE) AS zeros, 1 AS one FROM (VALUES "
    "(1, 'x', 1, 10L, '9223372036854775807', 1.25D, '1.10', 'a', true, '2024-01-31', '2024-01-31 10:00:00', NULL, '1', '0.0'), "
    "(2, 'x', 2, 20L, '1', 2.5D, '2.25', 'B', false, '2024-02-29', '2024-01-31 22:00:00', 7, 'NaN', '-0.0'), "
    "(3, 'y', 2, -5L, '5', NULL, '-3.35', NULL, NULL, NULL, '2024-02-29 00:00:00', NULL, 'NaN', '0.0'), "
    "(4, 'y', 4, 7L, '0', -1e7D, NULL, 'é ', true, '1960-12-31', '1960-12-31 23:59:59.5', 3, NULL, '1')) "
    "AS t(k, g, i, l, big, d, dec, s, b, dt, ts, n, nan, zeros)"
)
QUICK = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    # Arrow's file statistics ignore NaN; Spark writes no statistics for columns with NaN.
    "spark.sql.parquet.filterPushdown": "false",
    "spark.sql.shuffle.partitions": "1",
}
#: In place of a table name: the line is a whole query of these tables.
QUERY = "query"
TABLES = {"one": "one", "many": "many", "rows": "many ORDER BY k"}


def expressions(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of table and expression, in the order of the file."""
    table = "one"
    for line in text.splitlines():
        if line.startswith("from "):
            table = line.removeprefix("from ").strip()
        elif line.startswith("each "):
            values, _, form = line.removeprefix("each ").rpartition(" : ")
            for value in re.split(r" \| ", values):
                yield table, form.replace("?", value.strip().replace("\\|", "|"))
        elif line.startswith("query "):
            yield QUERY, line.removeprefix("query ")
        elif line and not line.startswith("#"):
            yield table, line


def evaluated(
    session: Session, written: dict[tuple[str, str], str], todo: list[tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """Name -> the result of an expression. `written`: its text for the engine. A query that fails is split into smaller ones."""
    if not todo:
        return {}
    table = todo[0][0]
    columns = ", ".join(f"{written[pair]} AS c{i}" for i, pair in enumerate(todo))
    try:
        frame = session.spark.sql(f"SELECT {columns} FROM {TABLES[table]}")
        types = [field.dataType.simpleString() for field in frame.schema.fields]
        rows = session.arrow(frame).to_pydict()
        return {
            name_of(*pair): {"type": types[i], "rows": [plain(value) for value in rows[f"c{i}"]]}
            for i, pair in enumerate(todo)
        }
    except Exception as failure:
        if len(todo) == 1:
            return {name_of(*todo[0]): {"fails": first_line(failure)}}
    half = len(todo) // 2
    return evaluated(session, written, todo[:half]) | evaluated(session, written, todo[half:])


def result_of(session: Session, sql: str) -> dict[str, Any]:
    """The result of a query. Rows without an ORDER BY are sorted by their texts."""
    try:
        frame = session.spark.sql(sql)
        types = [field.dataType.simpleString() for field in frame.schema.fields]
        found = [[plain(value) for value in row.values()] for row in session.arrow(frame).to_pylist()]
        return {"type": ", ".join(types), "rows": found if "ORDER BY" in sql else sorted(found, key=json.dumps)}
    except Exception as failure:
        return {"fails": first_line(failure)}


def as_written(session: Session, table: str, expression: str) -> str:
    """The text of the expression for the engine."""
    if table == QUERY:
        return for_sail(session, expression, {})
    before, after = "SELECT ", f" AS r FROM {TABLES[table]}"
    return for_sail(session, f"{before}{expression}{after}", {}).removeprefix(before).removesuffix(after)


def refusal(session: Session, table: str, expression: str) -> str | None:
    """The first issue that `millrace check` finds in an expression; None if it accepts it."""
    sql = expression if table == QUERY else f"SELECT {expression} AS r FROM {TABLES[table]}"
    issues = [f"{each.code} {each.at} {each.message}" for each in differences(session, sql, {})]
    try:
        _ = session.spark.sql(sql).schema
    except Exception as failure:
        issues.append(f"MR301 {failure}")
    if not issues and (why := unplanned(session, sql, {})):
        issues.append(f"MR301 {why}")
    return issues[0] if issues else None


def name_of(table: str, expression: str) -> str:
    return f"{table}: {expression}"


def plain(value: Any) -> Any:
    """The value in a form that stays distinct in JSON, also for NaN, -0.0, dates and bytes."""
    if isinstance(value, float):
        return repr(0.0 if value == 0 and math.copysign(1, value) > 0 else value)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value if value is None or isinstance(value, bool | int | str) else f"{type(value).__name__} {value}"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Evaluate expressions on one engine.")
    parser.add_argument("--engine", choices=["sail", "spark"], required=True)
    parser.add_argument(
        "--refusals", help="a JSON list of expressions: print the issue of `check` for each, null if it accepts it"
    )
    parser.add_argument("--alone", help="a JSON list of expressions to evaluate one by one, because they probably fail")
    parser.add_argument("file", nargs="?", default=str(Path(__file__).parent / "parity" / "expressions.txt"))
    arguments = parser.parse_args(argv)
    session = open_session(arguments.engine)
    if arguments.engine == "spark":
        # With few rows and many queries, interpreting a query is far faster than compiling it.
        session.spark.sparkContext.setLogLevel("OFF")
        for name, value in QUICK.items():
            session.spark.conf.set(name, value)
    for name, sql in (("one", ONE), ("many", MANY)):
        # Stored as a file, so that the engine cannot evaluate expressions while it plans.
        session.view(name, session.arrow(session.spark.sql(sql)))
    listed = list(dict.fromkeys(expressions(Path(arguments.file).read_text())))
    found: dict[str, Any] = {}
    if arguments.refusals:
        names = json.loads(Path(arguments.refusals).read_text())
        found = {name_of(*pair): refusal(session, *pair) for pair in listed if name_of(*pair) in names}
    else:
        alone = set(json.loads(Path(arguments.alone).read_text())) if arguments.alone else set()
        written = {pair: as_written(session, *pair) for pair in listed}
        found |= {name_of(*pair): result_of(session, sql) for pair, sql in written.items() if pair[0] == QUERY}
        for table in TABLES:
            of = [pair for pair in listed if pair[0] == table]
            together = [pair for pair in of if name_of(*pair) not in alone]
            batches = [together[start : start + 48] for start in range(0, len(together), 48)]
            for batch in [*batches, *([pair] for pair in of if name_of(*pair) in alone)]:
                found |= evaluated(session, written, batch)
    print(json.dumps(found))
    session.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
