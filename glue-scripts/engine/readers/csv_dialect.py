"""How a CSV file is written: what the definition says of it."""

from dataclasses import dataclass, fields
from typing import Any

from engine.plan_types import IngestTask

#: Plan name of an option -> the name here, where they differ.
PLAN_NAMES = {"trailingDelimiter": "trailing_delimiter"}


@dataclass(frozen=True)
class Dialect:
    """`delimiter`, `quote`, `escape` and `comment` are one ASCII character each."""

    delimiter: str = ","
    #: The definition names no delimiter, so that a line `sep=X` may.
    default_delimiter: bool = True
    quote: str = '"'
    #: It and the character after it are that character alone, which then has no other meaning.
    escape: str | None = None
    #: `strict`: after a closing quote only a delimiter or a line end; `lenient`: text may follow; `none`: quotes are text.
    quoting: str = "strict"
    #: A line that begins with it is no record.
    comment: str | None = None
    encoding: str = "utf-8"
    #: Lines before the header, which are not read.
    skip: int = 0
    #: Header records. The names are in the first; without one, columns are found by their place.
    header: int = 1
    #: Each record ends with a delimiter that ends its last field, where the header may not.
    trailing_delimiter: bool = False
    #: The sign before the fraction of a number, and the one between groups of three digits.
    decimal: str = "."
    thousands: str | None = None

    @property
    def quoted(self) -> bool:
        return self.quoting != "none"


def dialect_of(task: IngestTask) -> Dialect:
    """The dialect of an ingest task: `delimiter` and the options in `dialect`, defaults for the rest."""
    known = {field.name for field in fields(Dialect)}
    given: dict[str, Any] = {PLAN_NAMES.get(name, name): value for name, value in task.get("dialect", {}).items()}
    if task.get("delimiter"):
        given |= {"delimiter": task["delimiter"], "default_delimiter": False}
    return Dialect(**{name: value for name, value in given.items() if name in known})
