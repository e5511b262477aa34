"""Mutates rows at the seams of the engine: drops, doubles, swaps or alters them. The run must then fail with a code.

The tests wrap real functions; the engine has no hook for this. `pytest -s` prints the seam, the mutation and the code.
"""

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import engine.read_account
import engine.reads
import engine.tables_laptop as laptop
from engine.faults import Fault
from engine.session import Session
from engine.tables import Tables
from engine.training import features_of
from tests.deep_lake import deep_plan, write_deep_people
from tests.mutated_rows import CELLS, MUTATIONS, PEOPLE, mutated, mutated_batch
from tests.small_lake import SmallLake, write_towns, write_visits


class Seam:
    """A lake to which two more people will be added, and the mutation to apply. `cell` is the column to mutate."""

    def __init__(self, lake: SmallLake, data: Path, mutation: str, cell: str) -> None:
        self.lake = lake
        self.data = data
        self.mutation = mutation
        self.cell = cell
        self.hit = 0

    def mutate(self, table: pa.Table, cell: str | None = None) -> pa.Table:
        self.hit += 1
        return mutated(table, self.mutation, cell or self.cell)

    def chunks(self, chunks: Iterator[Any]) -> Iterator[Any]:
        for chunk in chunks:
            self.hit += 1
            yield type(chunk)(mutated_batch(chunk.good, self.mutation, self.cell), chunk.rejected)

    def all_ingested(self) -> None:
        self.lake.ingest("people", [write_deep_people(self.data / "people.json", PEOPLE)])
        self.lake.ingest("visits", [write_visits(self.data / "v.json", [("a", "2024-12-01T00:00:00", 1.0)])])
        self.lake.ingest("towns", [write_towns(self.data / "t.parquet", {"X": 7, "Y": 8})])

    def more_people(self) -> None:
        self.lake.begin()
        more = [("a", "X", "1999-01-01"), ("b", "Q", "1999-01-01")]
        self.lake.ingest("people", [write_deep_people(self.data / "more.json", more)])

    def written(self, cell: str | None = None, only: str = "") -> AbstractContextManager[Any]:
        real = laptop.write_deltalake

        def write(path: str, rows: Any, **options: Any) -> None:
            real(path, self.mutate(rows, cell) if only in path else rows, **options)

        return patch.object(laptop, "write_deltalake", write)


def between_reader_and_batch(seam: Seam) -> None:
    real = laptop.checked_chunks
    with patch.object(laptop, "checked_chunks", lambda *given: seam.chunks(real(*given))):
        seam.lake.ingest("people", [write_deep_people(seam.data / "people.json", PEOPLE)])


def rejects_of_an_ingest(seam: Seam) -> None:
    real = laptop.rejected_rows
    broken = seam.data / "broken.json"
    broken.write_text('{"id":"a","town":"X"}\n{"id":"b"\n[]\n')
    with patch.object(laptop, "rejected_rows", lambda *given: seam.mutate(real(*given), "_raw")):
        seam.lake.ingest("people", [broken])


def write_of_bronze(seam: Seam) -> None:
    with seam.written():
        seam.lake.ingest("people", [write_deep_people(seam.data / "people.json", PEOPLE)])


def view_of(table: str, task: str) -> Callable[[Seam], None]:
    def view(seam: Seam) -> None:
        seam.all_ingested()
        if table != "people":
            seam.lake.transform("people_clean")
            seam.lake.transform("visits_clean")
        tables: Any = seam.lake.tables
        real = tables.frame

        def frame(path: str) -> Any:
            if not path.endswith(f"/{table}"):
                return real(path)
            return tables._stored(seam.mutate(seam.lake.session.arrow(real(path))))

        with patch.object(tables, "frame", frame):
            seam.lake.transform(task)

    return view


def rows_in_scope(seam: Seam) -> None:
    seam.all_ingested()
    seam.lake.transform("people_clean")
    seam.more_people()
    real = engine.reads.in_scope
    tables: Any = seam.lake.tables

    def in_scope(job: Any, read: Any) -> Any:
        frame = real(job, read)
        if read["table"] != "people":
            return frame
        return tables._stored(seam.mutate(seam.lake.session.arrow(frame)))

    with patch.object(engine.reads, "in_scope", in_scope):
        seam.lake.transform("people_clean")


def stored_batch(seam: Seam) -> None:
    seam.all_ingested()
    tables: Any = seam.lake.tables
    real = tables.materialise

    def materialise(frame: Any) -> Any:
        stored = real(frame)
        if "_rank" in stored.frame.columns:
            rows = seam.mutate(pq.read_table(stored.folder))
            shutil.rmtree(stored.folder)
            Path(stored.folder).mkdir()
            pq.write_table(rows, f"{stored.folder}/part.parquet")
        return stored

    with patch.object(tables, "materialise", materialise):
        seam.lake.transform("people_clean")


def write_of_silver(seam: Seam) -> None:
    seam.all_ingested()
    with seam.written():
        seam.lake.transform("people_clean")


def merge_of_silver(seam: Seam) -> None:
    seam.all_ingested()
    seam.lake.transform("people_clean")
    seam.more_people()
    real = laptop.LaptopTables._merge

    def merge(self: Any, path: str, rows: pa.Table, commit: Any) -> None:
        real(self, path, seam.mutate(rows), commit)

    with patch.object(laptop.LaptopTables, "_merge", merge):
        seam.lake.transform("people_clean")


def quarantine_of_a_transform(seam: Seam) -> None:
    seam.all_ingested()
    seam.lake.plan = copy.deepcopy(seam.lake.plan)
    clean = next(task for task in seam.lake.plan["tasks"] if task["name"] == "people_clean")
    clean["reads"][0]["quarantine"] = [{"name": "of_x", "sql": "town = 'X'"}]
    with seam.written("_raw", only="quarantine"):
        seam.lake.transform("people_clean")


def rows_to_train_on(seam: Seam) -> None:
    seam.all_ingested()
    for task in ("people_clean", "visits_clean", "people_features"):
        seam.lake.transform(task)
    job = seam.lake.job("train_stays", {})
    tables: Any = seam.lake.tables
    real = tables.batches
    with patch.object(tables, "batches", lambda dataset: [seam.mutate(pa.concat_tables(real(dataset)))]):
        features_of(job)


def output_of_the_reader(seam: Seam) -> None:
    real = engine.read_account.read_file
    with patch.object(engine.read_account, "read_file", lambda *given, **named: seam.chunks(real(*given, **named))):
        seam.lake.ingest("people", [write_deep_people(seam.data / "people.json", PEOPLE)])


SEAMS: dict[str, Callable[[Seam], None]] = {
    "output of the reader": output_of_the_reader,
    "between reader and batch": between_reader_and_batch,
    "rejects of an ingest": rejects_of_an_ingest,
    "write of bronze": write_of_bronze,
    "view of bronze": view_of("people", "people_clean"),
    "view of silver": view_of("people_clean", "people_features"),
    "rows in scope": rows_in_scope,
    "stored batch": stored_batch,
    "write of silver": write_of_silver,
    "merge of silver": merge_of_silver,
    "quarantine of a transform": quarantine_of_a_transform,
    "rows to train on": rows_to_train_on,
}
#: Mutations that cannot be found: cells are hashed right after the reader, and before that only the bytes of the file exist.
UNSEEN = {("output of the reader", "swap"), ("output of the reader", "alter")}
#: Seams at which all cells are text.
TEXT_ALONE = {"rejects of an ingest", "quarantine of a transform"}
TRIED = [
    (seam, mutation, kind)
    for seam in SEAMS
    for mutation in MUTATIONS
    for kind in CELLS
    if (seam, mutation) not in UNSEEN and (kind == "text" or (mutation in ("swap", "alter") and seam not in TEXT_ALONE))
]


@pytest.mark.parametrize(("seam", "mutation", "kind"), TRIED, ids=[": ".join(each) for each in TRIED])
def test_a_mutated_row_fails_the_run(
    seam: str, mutation: str, kind: str, tmp_path: Path, sail: tuple[Session, Tables]
) -> None:
    lake = SmallLake(tmp_path / "root", *sail, deep_plan())
    lake.begin()
    tried = Seam(lake, tmp_path, mutation, CELLS[kind])
    with pytest.raises(Fault) as caught:
        SEAMS[seam](tried)
    assert tried.hit > 0
    print(f"\n{seam:28} {mutation:7} {kind:8} {caught.value.code}", end="")


def test_without_a_mutation_the_run_succeeds_at_every_seam(tmp_path: Path, sail: tuple[Session, Tables]) -> None:
    for place, seam in enumerate(SEAMS.values()):
        folder = tmp_path / str(place)
        folder.mkdir()
        lake = SmallLake(folder / "root", *sail, deep_plan())
        lake.begin()
        tried = Seam(lake, folder, "none", "town")
        seam(tried)
        assert tried.hit > 0
