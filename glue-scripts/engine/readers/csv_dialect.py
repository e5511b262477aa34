"""The dialect of a CSV file, as in the definition."""

from dataclasses import dataclass

from engine.plan_types import CsvSource


@dataclass(frozen=True)
class Dialect:
    """`delimiter`, `quote`, `escape` and `comment` are one ASCII character each."""

    delimiter: str
    #: Whether the definition sets no delimiter. Then a line `sep=X` may set it.
    default_delimiter: bool
    quote: str
    #: An escape character and the character after it mean the latter literally.
    escape: str | None
    #: `strict`: only a delimiter or a line end may follow a closing quote; `lenient`: text may follow; `none`: quotes are text.
    quoting: str
    #: A line that begins with this character is not a record.
    comment: str | None
    encoding: str
    #: The number of lines to skip before the header.
    skip: int
    #: The number of header records. The first one has the names; without a header, columns are found by position.
    header: int
    #: Whether each record ends with a delimiter after its last field. The header may end without one.
    trailing_delimiter: bool
    #: The decimal separator and the thousands separator of numbers.
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
