"""The session adapter. Together with `tables.py` the only place that knows which engine computes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa

from engine.plan_types import Field

#: A stage as Spark's REST interface has it.
StageWork = Mapping[str, Any]


def spark_type(type_: str) -> str:
    """A type of the contract as Spark's SQL writes it: ``STRUCT<`a`:INT,`b`:DECIMAL(10,2)>``."""
    return re.sub(r"(\w+)(:?)", lambda word: f"`{word[1]}`:" if word[2] else word[1].upper(), type_)


class Session(Protocol):
    """A Spark session, whichever engine computes. Frames are Spark DataFrames."""

    engine: str
    spark: Any

    def sql(self, text: str, args: Mapping[str, Any]) -> Any:
        """The frame of a query, whose `:name` are `args`. What is wrong with it may show only when the frame is used."""

    def arrow(self, frame: Any) -> pa.Table:
        """All rows of a frame, on the driver."""

    def view(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table visible to SQL under a name."""

    def stages(self, after: int = -1) -> list[StageWork] | None:
        """The stages that ran since the one of that number; None where the engine tells nothing of them."""

    def stop(self) -> None: ...


def last_stage(session: Session) -> int | None:
    """The number of the last stage so far, -1 where there is none; None where the engine tells nothing."""
    stages = session.stages()
    return None if stages is None else max((stage["stageId"] for stage in stages), default=-1)


def open_session(engine: str) -> Session:
    """`sail` (default on a laptop) or `spark` (local JVM Spark; on AWS the one that Glue or EMR brings)."""
    if engine == "sail":
        from engine.session_sail import SailSession

        return SailSession()
    from engine.session_spark import SparkSession

    return SparkSession()


def settled(builder: Any) -> Any:
    """What every engine must agree on. ANSI mode: a bad cast is an error to be dealt with, not a null that nobody sees."""
    return builder.config("spark.sql.session.timeZone", "UTC").config("spark.sql.ansi.enabled", "true")


def empty_view(session: Session, name: str, columns: Sequence[Field]) -> None:
    """A table without rows of the declared types, for analysing SQL before any data is read."""
    fields = ", ".join(f"CAST(NULL AS {spark_type(c['type'])}) AS `{c['name']}`" for c in columns)
    # As a file: of a query that has no row in any case the engine plans nothing, and what it cannot plan would not show.
    session.view(name, session.arrow(session.spark.sql(f"SELECT * FROM (SELECT {fields}) WHERE 1 = 0")))
