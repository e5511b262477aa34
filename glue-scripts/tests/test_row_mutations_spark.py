"""Mutates rows at the seams of Spark's tables, as `test_row_mutations` does at those of the engine on a laptop.

Rows pass from the reader on an executor through Spark's batches, its cache, Delta's files and change feed, and merges. A mutation at
any of them must fail the run with a code. `pytest -s` prints the seam, the mutation and the code. Each run costs Spark a second or
two, so by default one mutation is tried at each seam, and all with `MILLRACE_ALL=1`, as in CI.
"""

import copy
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import engine.read_account
import engine.reads
from engine import tables_spark
from engine.faults import Fault
from engine.session import Session
from engine.session_spark import unglobbed
from engine.tables import Tables
from engine.tables_spark import SparkTables
from engine.training import features_of
from tests.deep_lake import deep_plan, write_deep_people
from tests.mutated_rows import CELLS, MUTATIONS, PEOPLE, mutated, mutated_batch
from tests.prepared import Stage, lake_at
from tests.small_lake import SmallLake, write_towns, write_visits

pytestmark = pytest.mark.on_engines("spark")

ALL = any(os.environ.get(name) == "1" for name in ("MILLRACE_ALL", "MILLRACE_LONG"))

#: People that a rule of `people_clean` quarantines.
STOPPED = [("y", "stopped", "1992-01-01"), ("z", "stopped", "1993-01-01")]


def plan_with_a_rule() -> dict[str, Any]:
    plan = copy.deepcopy(deep_plan())
    clean = next(task for task in plan["tasks"] if task["name"] == "people_clean")
    clean["reads"][0]["quarantine"] = [{"name": "not_stopped", "sql": "town <> 'stopped'"}]
    return plan


def nothing(lake: SmallLake, data: Path) -> None:
    lake.root.mkdir()


def ingested(lake: SmallLake, data: Path) -> None:
    data.mkdir()
    lake.begin()
    lake.ingest("people", [write_deep_people(data / "people.json", [*PEOPLE, *STOPPED])])
    lake.ingest("visits", [write_visits(data / "v.json", [("a", "2024-12-01T00:00:00", 1.0)])])
    lake.ingest("towns", [write_towns(data / "t.parquet", {"X": 7, "Y": 8})])


def built(lake: SmallLake, data: Path) -> None:
    lake.begin()
    for task in ("people_clean", "visits_clean", "people_features"):
        lake.transform(task)


def grown(lake: SmallLake, data: Path) -> None:
    lake.begin()
    more = [("a", "X", "1999-01-01"), ("b", "Q", "1999-01-01"), ("y", "stopped", "1999-01-01"), STOPPED[1]]
    lake.ingest("people", [write_deep_people(data / "more.json", more)])
    visits = [("a", "2024-12-02T00:00:00", 1.0), ("b", "2024-12-02T00:00:00", 2.0)]
    lake.ingest("visits", [write_visits(data / "more-visits.json", visits)])


EMPTY = Stage("people with a rule, empty", nothing, plan=plan_with_a_rule)
INGESTED = Stage("people with a rule, ingested", ingested, plan=plan_with_a_rule)
BUILT = Stage("people with a rule, built", built, INGESTED)
GROWN = Stage("people with a rule, grown", grown, BUILT)


def is_at(path: str, place: str) -> bool:
    """Whether a table is at this place. The quarantine of a table has the table's name in another folder."""
    return place in path and ("quarantine" in path) is ("quarantine" in place)


class Seam:
    """A lake and the mutation to apply. `cell` is the column to mutate."""

    def __init__(self, lake: SmallLake, data: Path, mutation: str, cell: str) -> None:
        self.lake = lake
        self.data = data
        self.mutation = mutation
        self.cell = cell
        # Counts on executors as well.
        self.hits = lake.session.spark.sparkContext.accumulator(0)

    def mutate(self, table: pa.Table, cell: str | None = None) -> pa.Table:
        self.hits.add(1)
        return mutated(table, self.mutation, cell or self.cell)

    def frame(self, frame: Any, cell: str | None = None) -> Any:
        """The frame with mutated rows, read back from a file."""
        return self.stored(self.mutate(self.lake.session.arrow(frame), cell), frame.schema)

    def stored(self, rows: pa.Table, schema: Any) -> Any:
        _, path = tempfile.mkstemp(suffix=".parquet", dir=self.data)
        pq.write_table(rows, path)
        return self.lake.session.spark.read.schema(schema).parquet(unglobbed(path))

    def batches(self, chosen: Callable[[str | None], bool], cell: str) -> Any:
        """Patches what an executor sends: the batches whose first `_rule` is the chosen kind."""
        real, hits, mutation = tables_spark.reader_of, self.hits, self.mutation

        def reader_of(*given: Any) -> Any:
            read = real(*given)

            def reading(files: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
                for batch in read(files):
                    if chosen(batch.column("_rule")[0].as_py()):
                        hits.add(1)
                        yield mutated_batch(batch, mutation, cell)
                    else:
                        yield batch

            return reading

        return patch.object(tables_spark, "reader_of", reader_of)

    def written(self, cell: str | None = None, *, only: str) -> Any:
        real = SparkTables._write

        def write(tables: SparkTables, path: str, frame: Any, commit: Any) -> None:
            real(tables, path, self.frame(frame, cell) if is_at(path, only) else frame, commit)

        return patch.object(SparkTables, "_write", write)

    def merged(self, cell: str | None = None, *, only: str) -> Any:
        real = SparkTables._merge

        def merge(tables: SparkTables, path: str, frame: Any, commit: Any) -> None:
            real(tables, path, self.frame(frame, cell) if is_at(path, only) else frame, commit)

        return patch.object(SparkTables, "_merge", merge)

    def of_tables(self, method: str, cell: str | None = None, only: str = "") -> Any:
        """Patches a method of the tables that takes a path and returns a frame."""
        real: Any = getattr(SparkTables, method)

        def returned(tables: SparkTables, path: str, *more: Any) -> Any:
            frame = real(tables, path, *more)
            return self.frame(frame, cell) if path.endswith(only) else frame

        return patch.object(SparkTables, method, returned)

    def people(self, name: str = "people.json") -> Path:
        return write_deep_people(self.data / name, PEOPLE)

    def broken(self) -> Path:
        path = self.data / "broken.json"
        path.write_text('{"id":"a","town":"X"}\n{"id":"b"\n[]\n')
        return path


def output_of_the_reader(seam: Seam) -> None:
    real, hits, mutation, cell = tables_spark.reader_of, seam.hits, seam.mutation, seam.cell

    def reader_of(*given: Any) -> Any:
        read = real(*given)

        def reading(files: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            here = engine.read_account.read_file

            def chunks(*given: Any, **named: Any) -> Iterator[Any]:
                for chunk in here(*given, **named):
                    hits.add(1)
                    yield type(chunk)(mutated_batch(chunk.good, mutation, cell), chunk.rejected)

            with patch.object(engine.read_account, "read_file", chunks):
                yield from read(files)

        return reading

    with patch.object(tables_spark, "reader_of", reader_of):
        seam.lake.ingest("people", [seam.people()])


def between_reader_and_spark(seam: Seam) -> None:
    with seam.batches(lambda rule: rule is None, seam.cell):
        seam.lake.ingest("people", [seam.people()])


def rejects_between_reader_and_spark(seam: Seam) -> None:
    with seam.batches(lambda rule: rule not in (None, tables_spark.ACCOUNT), "_raw"):
        seam.lake.ingest("people", [seam.broken()])


def accounts_of_the_files(seam: Seam) -> None:
    real = tables_spark.first_fault

    def collected(action: Any) -> Any:
        seam.hits.add(1)
        first, *rest = [row.asDict() for row in real(action)]
        match seam.mutation:
            case "drop":
                return rest
            case "double":
                return [*rest, rest[-1]]
            case "alter":
                account = json.loads(first["_raw"])
                account["accepted"]["cells"] += 1
                return [{"_raw": json.dumps(account)}, *rest]
        return [first, *rest]

    files = [seam.people("1.json"), write_deep_people(seam.data / "2.json", STOPPED)]
    with patch.object(tables_spark, "first_fault", collected):
        seam.lake.ingest("people", files)


def write_of_bronze(seam: Seam) -> None:
    with seam.written(only="/people"):
        seam.lake.ingest("people", [seam.people()])


def replaced_file_of_bronze(seam: Seam) -> None:
    with seam.written(only="/people"):
        seam.lake.ingest("people", [seam.people()], replace=True)


def write_of_rejects(seam: Seam) -> None:
    with seam.written("_raw", only="quarantine"):
        seam.lake.ingest("people", [seam.broken()])


def view_of_bronze(seam: Seam) -> None:
    with seam.of_tables("frame", only="/people"):
        seam.lake.transform("people_clean")


def view_of_silver(seam: Seam) -> None:
    with seam.of_tables("frame", only="/people_clean"):
        seam.lake.transform("people_features", full=True)


def new_rows(seam: Seam) -> None:
    with seam.of_tables("appended", "id", only="/visits"):
        seam.lake.transform("visits_clean")


def changed_keys(seam: Seam) -> None:
    with seam.of_tables("changes", "id", only="/people"):
        seam.lake.transform("people_clean")


def rows_in_scope(seam: Seam) -> None:
    real = engine.reads.in_scope

    def in_scope(job: Any, read: Any) -> Any:
        frame = real(job, read)
        return seam.frame(frame) if read["table"] == "people" else frame

    with patch.object(engine.reads, "in_scope", in_scope):
        seam.lake.transform("people_clean")


def cached_batch(seam: Seam) -> None:
    real = SparkTables.materialise

    def materialise(tables: SparkTables, frame: Any) -> Any:
        stored = real(tables, frame)
        return type(stored)(seam.frame(stored.frame)) if "_rank" in frame.columns else stored

    with patch.object(SparkTables, "materialise", materialise):
        seam.lake.transform("people_clean")


def write_of_silver(seam: Seam) -> None:
    with seam.written(only="/people_clean"):
        seam.lake.transform("people_clean")


def append_to_silver(seam: Seam) -> None:
    with seam.written("id", only="/visits_clean"):
        seam.lake.transform("visits_clean")


def merge_of_silver(seam: Seam) -> None:
    with seam.merged(only="/people_clean"):
        seam.lake.transform("people_clean")


def write_of_a_quarantine(seam: Seam) -> None:
    with seam.written("_raw", only="quarantine"):
        seam.lake.transform("people_clean")


def merge_of_a_quarantine(seam: Seam) -> None:
    with seam.merged("_raw", only="quarantine"):
        seam.lake.transform("people_clean")


def rows_to_train_on(seam: Seam) -> None:
    job = seam.lake.job("train_stays", {})
    real: Any = SparkTables.rows_here

    def rows_here(tables: SparkTables, frame: Any) -> pa.Table:
        rows = real(tables, frame)
        # Rows with and without a label are collected one after the other, and town is not among their columns.
        return seam.mutate(rows, "id") if rows.num_rows > 0 else rows

    with patch.object(SparkTables, "rows_here", rows_here):
        features_of(job)


#: Seam -> the stage of the lake at which it is passed, and what passes it.
SEAMS: dict[str, tuple[Stage, Callable[[Seam], None]]] = {
    "output of the reader": (EMPTY, output_of_the_reader),
    "between reader and Spark": (EMPTY, between_reader_and_spark),
    "rejects from reader to Spark": (EMPTY, rejects_between_reader_and_spark),
    "accounts of the files": (EMPTY, accounts_of_the_files),
    "write of bronze": (EMPTY, write_of_bronze),
    "replaced file of bronze": (INGESTED, replaced_file_of_bronze),
    "write of rejects": (EMPTY, write_of_rejects),
    "view of bronze": (INGESTED, view_of_bronze),
    "view of silver": (BUILT, view_of_silver),
    "new rows": (GROWN, new_rows),
    "changed keys": (GROWN, changed_keys),
    "rows in scope": (GROWN, rows_in_scope),
    "cached batch": (INGESTED, cached_batch),
    "write of silver": (INGESTED, write_of_silver),
    "append to silver": (GROWN, append_to_silver),
    "merge of silver": (GROWN, merge_of_silver),
    "write of a quarantine": (INGESTED, write_of_a_quarantine),
    "merge of a quarantine": (GROWN, merge_of_a_quarantine),
    "rows to train on": (BUILT, rows_to_train_on),
}
#: Mutations that cannot be found, or that change nothing.
UNSEEN = {
    # Cells are hashed right after the reader, and before that only the bytes of the file exist.
    ("output of the reader", "swap"),
    ("output of the reader", "alter"),
    # Sums and sets, so their order does not matter.
    ("accounts of the files", "swap"),
    ("changed keys", "swap"),
}
#: Seams at which the cells of people pass through Spark or Delta: there decimals and nested cells are swapped and altered as well.
ALL_KINDS = {"between reader and Spark", "view of bronze", "merge of silver"}


def cases_of(seam: str) -> list[tuple[str, str]]:
    """The mutations to try and the kinds of cells. `none` shows that the run fails only because of a mutation."""
    kinds = list(CELLS) if seam in ALL_KINDS else ["text"]
    cases = [
        (mutation, kind)
        for mutation in MUTATIONS
        for kind in (kinds if mutation in ("swap", "alter") else ["text"])
        if (seam, mutation) not in UNSEEN
    ]
    if ALL:
        return [("none", "text"), *cases]
    return [cases[list(SEAMS).index(seam) % len(cases)]]


@pytest.mark.parametrize("seam", SEAMS)
def test_a_mutated_row_fails_the_run(seam: str, tmp_path: Path, on_engine: tuple[Session, Tables]) -> None:
    stage, pass_it = SEAMS[seam]
    wrong = []
    for number, (mutation, kind) in enumerate(cases_of(seam)):
        lake = lake_at(stage, tmp_path / str(number), *on_engine)
        lake.begin()
        data = tmp_path / f"{number}-data"
        data.mkdir()
        tried = Seam(lake, data, mutation, CELLS[kind])
        try:
            pass_it(tried)
            found = "succeeded"
            # After a fault on an executor, Spark drops what that task counted.
            assert tried.hits.value > 0, "no row passed this seam"
        except Fault as fault:
            found = fault.code
        print(f"\n{seam:28} {mutation:7} {kind:8} {found}", end="")
        if (found == "succeeded") is not (mutation == "none"):
            wrong.append(f"{mutation} of {kind} {found}")
    assert not wrong
