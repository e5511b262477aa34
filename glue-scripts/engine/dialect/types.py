"""Asks Sail for the type of a part of a SQL text, in the place where the part is."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.session import Session

#: Prefix of Arrow's type name -> kind. `nested` are arrays, maps and structs.
KINDS = (
    ("Int", "int"),
    ("UInt", "int"),
    ("Float", "double"),
    ("Decimal", "decimal"),
    ("Utf8", "text"),
    ("LargeUtf8", "text"),
    ("Date", "date"),
    ("Timestamp", "timestamp"),
    ("Boolean", "boolean"),
    ("Null", "null"),
    ("Interval", "interval"),
    ("Duration", "interval"),
    ("List", "nested"),
    ("LargeList", "nested"),
    ("Map", "nested"),
    ("Struct", "nested"),
)

#: An expression that Sail refuses with an error that names the type of its part. It works inside a grouping, a window or a lambda.
TYPE_PROBE = "(named_struct('p', {}) + 1)"
PROBE_ERROR = re.compile(r'arithmetic expression Struct\("p": (.*)\) \+ Int32 to valid types', re.DOTALL)


def type_of_part(session: Session, args: Mapping[str, Any], whole: Callable[[str], str], part: str) -> str:
    """Arrow's name of the type of `part`; empty if it cannot be found. `whole` returns the query with a text in the part's place."""
    return probed_type(session, args, whole(TYPE_PROBE.format(part))) or ""


def probed_type(session: Session, args: Mapping[str, Any], text: str) -> str | None:
    """The type in the error of a query that contains a `TYPE_PROBE`; empty if the part has no type.

    None if the error is another one, because a name is unknown in that place, or because two aggregates have the same name.
    """
    try:
        _ = session.sql(text, args).schema
    except Exception as failure:
        if (found := PROBE_ERROR.search(str(failure))) is not None:
            return found[1].removeprefix("non-null ")
        return "" if "Cannot coerce" in str(failure) else None
    return ""


def kind_of(arrow_name: str) -> str:
    """The kind of an Arrow type: `int`, `double`, `decimal`, `text`, `date`, ...; empty if the type is not known."""
    return next((kind for prefix, kind in KINDS if arrow_name.startswith(prefix)), "")
