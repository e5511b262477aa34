"""A lake whose tables have one key of any type, built both day by day and in a single run."""

import datetime
import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine.readers.types import arrow_type
from engine.session import Session
from engine.tables import Tables
from tests.small_lake import SmallLake
from tests.sources import source_of

#: Type -> texts of keys; some texts are the same key in SQL. None is a missing key.
KEYS: dict[str, list[str | None]] = {
    "string": ["a", " a", "a  ", "a\t", "\u00a0a", "a\n", "A", "", "  ", "\u2003", "null", "=", "NaN", None],
    "boolean": ["true", "false", None],
    "int": ["0", "-1", "2147483647", "-2147483648", None],
    "bigint": ["0", "1", "9007199254740993", "9007199254740992", "-9223372036854775808", "9223372036854775807", None],
    "double": ["0.0", "-0.0", "nan", "inf", "-inf", "1e300", "5e-324", "0.1", "0.30000000000000004", "0.3", None],
    "date": ["1970-01-01", "0001-01-01", "9999-12-31", "1582-10-10", "2024-02-29", None],
    "timestamp": [
        *("1970-01-01T00:00:00", "1969-12-31T23:59:59.999999", "2024-03-31T02:30:00", "9999-12-31T23:59:59.999999"),
        *("2024-03-31T02:30:00.000001", "0001-01-01T00:00:00", None),
    ],
}

#: The files of a day by name, with rows of (index of a key, value). The value `bad` breaks a rule, `null` the contract.
Row = tuple[int, str]
Day = Mapping[str, Sequence[Row]]


def value_of(text: str | None, type: str) -> Any:
    match type:
        case _ if text is None:
            return None
        case "boolean":
            return text == "true"
        case "int" | "bigint":
            return int(text)
        case "double":
            return float(text)
        case "date":
            return datetime.date.fromisoformat(text)
        case "timestamp":
            return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)
        case _ if type.startswith("decimal"):
            return Decimal(text)
        case _:
            return text


def plan_of(type: str) -> dict[str, Any]:
    """`clean` has one row per key and `sums` the row count per key, both from the source `events`; `joined` reads both."""

    def column(name: str, type: str, nullable: bool) -> dict[str, Any]:
        return {"name": name, "type": type, "nullable": nullable}

    def read(table: str, use: str, quarantine: str | None = None) -> dict[str, Any]:
        rules = [] if quarantine is None else [{"name": "rule", "sql": quarantine}]
        return {"table": table, "use": use, "scope": {"affected": "k"}, "keep": [], "quarantine": rules}

    def transform(name: str, sql: str, reads: list[dict[str, Any]], more: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            **{"kind": "transform", "name": name, "layer": "silver", "sqlFile": f"{name}.sql", "sql": sql},
            **{"reads": reads, "upstream": [r["table"] for r in reads], "columns": [column("k", type, False), *more]},
            **{"key": ["k"], "latestBy": [], "partitionBy": [], "expect": [], "parameters": [], "stage": "build"},
            # A day may have no valid row.
            "bounds": {"quarantined": {"error": 1}},
        }

    k = "trim(k)" if type == "string" else "k"
    source = {
        **{
            "kind": "ingest",
            "name": "events",
            "layer": "bronze",
            "source": source_of("parquet"),
            "path": "events/*.parquet",
        },
        **{"optional": False, "upstream": [], "stage": "build"},
        "columns": [column("k", type, True), column("v", "string", True)],
    }
    clean = transform(
        "clean",
        f"SELECT _row, {k} AS k, nullif(v, 'null') AS v FROM events",
        [read("events", "rows", "v <> 'bad'")],
        [column("v", "string", False)],
    )
    sums = transform(
        "sums",
        f"SELECT {k} AS k, count(*) AS n, count(*) AS _rows_events FROM events GROUP BY {k}",
        [read("events", "aggregate", "k IS NOT NULL")],
        [column("n", "bigint", False)],
    )
    joined = transform(
        "joined",
        "SELECT c._row, c.k, c.v, s.n, coalesce(s.one, 0) AS _rows_sums FROM clean c "
        "LEFT JOIN (SELECT k, max(n) AS n, count(*) AS one FROM sums GROUP BY k) s ON s.k = c.k",
        [
            read("clean", "rows"),
            {**read("sums", "aggregate"), "keep": [{"name": "known", "column": "k", "isIn": "clean"}]},
        ],
        [column("v", "string", False), column("n", "bigint", True)],
    )
    return {"parameters": [], "tasks": [source, clean, sums, joined]}


TABLES = ["clean", "sums", "joined"]


def write_day(folder: Path, day: Day, type: str) -> list[Path]:
    files = []
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in day.items():
        keys = [value_of(KEYS[type][index % len(KEYS[type])], type) for index, _ in rows]
        table = pa.table({"k": pa.array(keys, arrow_type(type)), "v": pa.array([v for _, v in rows], pa.string())})
        files.append(folder / f"{name}.parquet")
        pq.write_table(table, files[-1])
    return files


def day_by_day_and_at_once(
    session: Session, tables: Tables, type: str, days: Sequence[Day], names: Sequence[str] = TABLES
) -> tuple[Any, Any]:
    """The tables and rejects of two lakes: one ran once per day, the other once over all files at the end."""
    with tempfile.TemporaryDirectory(prefix="millrace-test-") as place:
        folder, plan = Path(place) / "events", plan_of(type)
        step = SmallLake(Path(place) / "step", session, tables, plan)
        seen: set[str] = set()
        for day in days:
            step.begin()
            step.ingest("events", write_day(folder, day, type), replace=any(name in seen for name in day))
            seen |= set(day)
            for name in names:
                step.transform(name)
        whole = SmallLake(Path(place) / "whole", session, tables, plan)
        whole.begin()
        whole.ingest("events", sorted(folder.glob("*.parquet")))
        for name in names:
            whole.transform(name)
        return contents(step, names), contents(whole, names)


def contents(lake: SmallLake, names: Sequence[str]) -> dict[str, list[str]]:
    kept = {name: [repr(row) for row in lake.rows(name)] for name in names}
    return {**kept, **{f"rejects of {name}": rejects(lake, name) for name in names}}


def rejects(lake: SmallLake, name: str) -> list[str]:
    path = lake.lake.quarantine(name)
    rows = lake.session.arrow(lake.tables.frame(path)).to_pylist() if lake.tables.exists(path) else []
    return sorted(repr([row[c] for c in ("_table", "_key", "_rule", "_row", "_source_file")]) for row in rows)
