"""How a CSV file is written: what the definition says of it."""

from dataclasses import dataclass

from engine.plan_types import CsvSource


@dataclass(frozen=True)
class Dialect:
    """`delimiter`, `quote`, `escape` and `comment` are one ASCII character each."""

    delimiter: str
    #: The definition names no delimiter, so that a line `sep=X` may.
    default_delimiter: bool
    quote: str
    #: It and the character after it are that character alone, which then has no other meaning.
    escape: str | None
    #: `strict`: after a closing quote only a delimiter or a line end; `lenient`: text may follow; `none`: quotes are text.
    quoting: str
    #: A line that begins with it is no record.
    comment: str | None
    encoding: str
    #: Lines before the header, which are not read.
    skip: int
    #: Header records. The names are in the first; without one, columns are found by their place.
    header: int
    #: Each record ends with a delimiter that ends its last field, where the header may not.
    trailing_delimiter: bool
    #: The sign before the fraction of a number, and the one between groups of three digits.
    decimal: str
    thousands: str | None

    @property
    def quoted(self) -> bool:
        return self.quoting != "none"


def dialect_of(source: CsvSource) -> Dialect:
    return Dialect(
        delimiter=source.get("delimiter", ","),
        default_delimiter="delimiter" not in source,
        quote=source["quote"],
        escape=source.get("escape"),
        quoting=source["quoting"],
        comment=source.get("comment"),
        encoding=source["encoding"],
        skip=source["skip"],
        header=source["header"],
        trailing_delimiter=source["trailingDelimiter"],
        decimal=source["decimal"],
        thousands=source.get("thousands"),
    )
