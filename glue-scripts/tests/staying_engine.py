"""The engine in a process that stays: `staying_engine.py [sail|spark]`, one request per line on stdin, one answer per line on stdout.

Runs the real stages, one after another, on many lakes, because a session takes longer to start than a small stage takes. Requests:

    {"do": "stage", "plan", "work", "stage", "root", "check", "die"}  -> {"done", "issues"} or {"dead": true}
    {"do": "parquet", "path", "columns", "rows"}                      -> {}
    {"do": "lake", "root", "plan"}                                    -> {"tables": {name: {"rows": [...], "stamps": [...]}}}

`die` is the number of the seam at which the engine dies. Seams are the start of a task, and the points before and after each commit
and each saved outcome. A dead engine does nothing more; the process only reports it.
"""

import datetime
import io
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from engine import session_spark, stage, tables_laptop, tables_spark
from engine.arrow_types import arrow_schema
from engine.events import Events
from engine.lake import Lake
from engine.table_rows import rows_of
from engine.task_kinds import table_of
from tests.jvm import BRIEF


class Dead(BaseException):
    """The engine was killed. Not an Exception, so that no handler in the engine catches it."""


class Seams:
    """Counts the seams that the engine passes, and kills it at the requested one."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._left: int | None = None

    def arm(self, die: int | None) -> None:
        self._left = die

    def passed(self) -> None:
        with self._turn:
            if self._left is None:
                return
            self._left -= 1
            if self._left <= 0:
                raise Dead

    def around(self, owner: Any, name: str) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        def outer(*args: Any, **kwargs: Any) -> Any:
            self.passed()
            result = inner(*args, **kwargs)
            self.passed()
            return result

        setattr(owner, name, outer)


seams = Seams()


def main(engine: str) -> None:
    # Keep stdout for the answers: libraries print to stderr instead.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    seams.around(stage, "dispatch")
    seams.around(stage, "write_text")
    for owner in (tables_laptop.LaptopTables, tables_spark.SparkTables):
        seams.around(owner, "_write")
        seams.around(owner, "_merge")
    if engine == "spark":
        keep_the_jvm(compiled=False)
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line), engine)) + "\n")
        answers.flush()


def answer(request: dict[str, Any], engine: str) -> dict[str, Any]:
    try:
        match request["do"]:
            case "stage":
                return run(request, engine)
            case "parquet":
                return write_parquet(Path(request["path"]), request["columns"], request["rows"])
            case "lake":
                return {"tables": lake(request["root"], request["plan"])}
            case other:
                raise ValueError(f"no such request: {other}")
    except Exception:
        return {"error": traceback.format_exc()}


def run(request: dict[str, Any], engine: str) -> dict[str, Any]:
    events = Events(out=io.StringIO())
    seams.arm(request.get("die"))
    try:
        done = stage.run_stage(
            request["plan"], request["work"], request["stage"], request["root"], engine, events, check=request["check"]
        )
        return {"done": done, "issues": events.issues}
    except Dead:
        return {"dead": True}
    except Exception as failure:
        # A failure without a code is a bug in the engine, whatever the story did.
        where = traceback.format_exc()
        return {"done": False, "issues": [{"code": "none", "path": "", "message": f"{failure} {where}"}]}
    finally:
        seams.arm(None)


def keep_the_jvm(compiled: bool = True) -> None:
    """At the end of a stage, remove the session's views and caches, but keep the JVM for the next one.

    Without `compiled`, Spark interprets every expression. New queries then cost a quarter less, but errors have other texts.
    """

    def stop(self: Any) -> None:
        self.spark.catalog.clearCache()
        # Through the JVM, because Spark's own list of views needs compiled code.
        self.spark._jsparkSession.sessionState().catalog().clearTempTables()

    session_spark.SparkSession.stop = stop  # type: ignore[method-assign]
    here = session_spark.on_this_machine

    def on_few_rows(builder: Any) -> Any:
        """Turn off what only pays off with many rows: partitions, adaptive plans, code generation."""
        return (
            here(builder)
            .master("local[2]")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.adaptive.enabled", "false")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.codegen.wholeStage", "false")
            .config("spark.sql.codegen.factoryMode", "FALLBACK" if compiled else "NO_CODEGEN")
            # By default 100 compiled expressions are kept, fewer than one transform has. Most tests run the same transforms.
            .config("spark.sql.codegen.cache.maxEntries", "10000")
            .config("spark.sql.ui.explainMode", "simple")
            # By default C1 alone has a code cache of 48 MB, which a few stories fill: then code is compiled again and again.
            .config(
                "spark.driver.extraJavaOptions",
                f"{BRIEF} -XX:ReservedCodeCacheSize=256m -Xms1g -Xmn512m",
            )
        )

    session_spark.on_this_machine = on_few_rows


def write_parquet(path: Path, columns: list[dict[str, str]], rows: list[list[Any]]) -> dict[str, Any]:
    schema = arrow_schema(columns)
    arrays = [
        pa.array([value(row[i], column["type"]) for row in rows], schema.field(i).type)
        for i, column in enumerate(columns)
    ]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)
    return {}


def value(cell: Any, type_: str) -> Any:
    """The value for a cell in JSON."""
    if cell is None:
        return None
    match type_:
        case "int" | "bigint":
            return int(cell)
        case "double":
            return float(cell)
        case "date":
            return datetime.date.fromisoformat(cell)
        case "timestamp":
            return datetime.datetime.fromisoformat(cell)
        case _:
            return cell


#: Columns that differ between two lakes only because they were built at different times.
PASSING = {"_run_id", "_ingested_at", "_rejected_at"}


def lake(root: str, plan: dict[str, Any]) -> dict[str, list[str]]:
    """Table -> its rows as sorted text; quarantine tables as `quarantine/<task>`. A missing table has no entry."""
    found: dict[str, list[str]] = {}
    places = Lake(root, plan["pipeline"])
    for task in plan["tasks"]:
        table = table_of(task)
        if table is None:
            continue
        if not table.columns:
            found[task["name"]] = predictions(places.of(table))
            continue
        names = [column["name"] for column in task["columns"]]
        extra = ["_source_file"] if table.stamped else []
        for name, path, columns in (
            (task["name"], places.of(table), [*names, *extra]),
            (f"quarantine/{task['name']}", places.quarantine(task["name"]), None),
        ):
            if DeltaTable.is_deltatable(path):
                found[name] = sorted(text(row) for row in rows_of(path, columns).to_pylist())
    return found


def predictions(path: str) -> list[str]:
    """The predictions without the model version, which a killed run may have used up although the model is the same."""
    if not DeltaTable.is_deltatable(path):
        return []
    return sorted(text({k: v for k, v in row.items() if k != "model_version"}) for row in rows_of(path).to_pylist())


def text(row: dict[str, Any]) -> str:
    if "_raw" in row:
        row = {**row, "_raw": without_stamps(row["_raw"])}
        row.pop("_row")
    return json.dumps({name: shown(cell) for name, cell in row.items() if name not in PASSING}, ensure_ascii=False)


def without_stamps(raw: str) -> Any:
    try:
        parsed = json.loads(raw)
    except ValueError:
        return raw
    return json.dumps({k: v for k, v in parsed.items() if k not in PASSING}) if isinstance(parsed, dict) else raw


def shown(cell: Any) -> Any:
    if cell is None or isinstance(cell, str | bool):
        return cell
    return f"{type(cell).__name__} {cell!s}"


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sail")
