"""Adds the partition columns of a file, whose values are in its path, such as `dt=2024-01-01/`, to the columns in the file."""

import datetime
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from engine.plan_types import Column, IngestTask
from engine.readers.chunk import REJECTED, Chunk
from engine.readers.types import arrow_type

WHOLE = {"int": pa.int32(), "bigint": pa.int64()}
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
Columns = Sequence[Column]


class NotOfType(ValueError):
    """The text is not a valid value of the type."""


def partitioned(task: IngestTask, values: Mapping[str, str | None]) -> tuple[IngestTask, Callable[[Chunk], Chunk]]:
    """The task with only the columns in its files, and a function that adds the partition columns of one file to its chunks."""
    named = task.get("partitions", [])
    if not named:
        return task, lambda chunk: chunk
    in_file = [column for column in task["columns"] if column["name"] not in named]
    partition = Partition([column for column in task["columns"] if column["name"] in named], values)
    return {**task, "columns": in_file}, partition.added


class Partition:
    """The partition columns of one file. An invalid value rejects every row of the file."""

    def __init__(self, columns: Columns, values: Mapping[str, str | None]) -> None:
        """`values`: column -> its text in the file's path; None for a null, absent if no folder names the column."""
        self._scalars: dict[str, pa.Scalar] = {}
        self._wrong: tuple[str, str] | None = None
        for column in columns:
            name, type_ = column["name"], column["type"]
            try:
                self._scalars[name] = pa.scalar(_value(column, values), arrow_type(type_))
            except NotOfType as e:
                self._wrong = self._wrong or (f"partition:{name}", str(e))
                self._scalars[name] = pa.scalar(None, arrow_type(type_))

    def added(self, chunk: Chunk) -> Chunk:
        """The chunk with the partition columns. If a value is invalid, all rows are rejected, with their cells as JSON."""
        good = chunk.good
        for name, scalar in self._scalars.items():
            good = good.append_column(name, pa.repeat(scalar, good.num_rows))
        if self._wrong is None or good.num_rows == 0:
            return Chunk(good, chunk.rejected)
        rule, reason = self._wrong
        cells = [name for name in chunk.good.schema.names if name not in ("_row", "_source_file")]
        texts = [json.dumps(row, default=str, ensure_ascii=False) for row in chunk.good.select(cells).to_pylist()]
        rejected = pa.RecordBatch.from_arrays(
            [
                pa.repeat(pa.scalar(rule), good.num_rows),
                pa.repeat(pa.scalar(reason), good.num_rows),
                pa.array(texts, pa.string()),
                good.column("_source_file"),
                good.column("_row"),
            ],
            schema=REJECTED,
        )
        both = pa.Table.from_batches([chunk.rejected, rejected]).combine_chunks().to_batches()
        return Chunk(good.slice(0, 0), both[0])


def _value(column: Column, values: Mapping[str, str | None]) -> Any:
    name, type_ = column["name"], column["type"]
    text = values.get(name)
    if text is None:
        if column["nullable"]:
            return None
        raise NotOfType(
            f"the file's path has null for {name}" if name in values else f"the file's path has no folder {name}=..."
        )
    try:
        return _parsed(text, type_)
    except (ValueError, OverflowError, pa.ArrowInvalid):
        raise NotOfType(f"the value in folder {name}={text} is not a valid {type_}") from None


def _parsed(text: str, type_: str) -> Any:
    match type_:
        case "string":
            return text
        case "boolean":
            return {"true": True, "false": False}[text.lower()] if text.lower() in ("true", "false") else _refused(text)
        case "int" | "bigint":
            if not re.fullmatch(r"[+-]?[0-9]+", text):
                _refused(text)
            return pa.scalar(int(text), WHOLE[type_]).as_py()
        case "double":
            return float(text) if NUMBER.fullmatch(text) else _refused(text)
        case "date":
            return (
                datetime.date.fromisoformat(text)
                if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII)
                else _refused(text)
            )
        case "timestamp":
            at = datetime.datetime.fromisoformat(text)
            return at.replace(tzinfo=datetime.UTC) if at.tzinfo is None else at.astimezone(datetime.UTC)
        case other:
            raise NotImplementedError(other)


def _refused(text: str) -> Any:
    raise ValueError(text)
