"""The session adapter. Only `session*.py` and `tables*.py` depend on the engine."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, get_args

import pyarrow as pa

from engine.arrow_types import arrow_schema
from engine.plan_types import Compute, Field

#: What computes: Sail or Spark of this machine, or the Spark of a service, by its compute kind.
Engine = Literal["sail", "spark"] | Compute
ENGINES: tuple[Engine, ...] = ("sail", "spark", *get_args(Compute))

#: A stage as Spark's REST interface has it.
StageWork = Mapping[str, Any]


def spark_type(type_: str) -> str:
    """A contract type as Spark's SQL writes it, such as ``STRUCT<`a`:INT,`b`:DECIMAL(10,2)>``."""
    return re.sub(r"(\w+)(:?)", lambda word: f"`{word[1]}`:" if word[2] else word[1].upper(), type_)


class Session(Protocol):
    """A Spark session, whichever engine computes. Frames are Spark DataFrames."""

    engine: str
    spark: Any

    def sql(self, text: str, args: Mapping[str, Any]) -> Any:
        """The frame of a query with the named parameters `args`. An error in it may be raised only when the frame is used."""

    def arrow(self, frame: Any) -> pa.Table:
        """All rows of a frame, on the driver."""

    def view(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table visible to SQL under a name."""

    def stages(self, after: int = -1) -> list[StageWork] | None:
        """The stages that ran after the stage with number `after`; None if the engine does not report stages."""

    def stop(self) -> None: ...


def last_stage(session: Session) -> int | None:
    """The number of the last stage so far, -1 if there is none; None if the engine does not report stages."""
    stages = session.stages()
    return None if stages is None else max((stage["stageId"] for stage in stages), default=-1)


def open_session(engine: Engine) -> Session:
    """A session of Sail or Spark on this machine, or of the Spark that a service provides."""
    if engine == "sail":
        from engine.session_sail import SailSession

        return SailSession()
    from engine.session_spark import SparkSession

    return SparkSession(on_service=engine != "spark")


def with_common_settings(builder: Any) -> Any:
    """The settings shared by all engines. In ANSI mode a bad cast is an error, not a null that nobody notices."""
    return builder.config("spark.sql.session.timeZone", "UTC").config("spark.sql.ansi.enabled", "true")


def empty_view(session: Session, name: str, columns: Sequence[Field]) -> None:
    """Make a view without rows, with the declared types, for analysing SQL before any data is read."""
    # Stored as a file: the engine would not plan a query that can never return rows, and would miss what it cannot plan.
    session.view(name, arrow_schema(columns).empty_table())
