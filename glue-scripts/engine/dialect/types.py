"""The type that a part of a SQL text has where it stands, as the laptop's engine sees it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.session import Session

#: What Arrow's types are called here; `nested` are arrays, maps and structs.
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

#: The engine names the type of a struct that is no number. It is analysed where it stands: under a grouping, a window, a lambda.
ASK = "(named_struct('p', {}) + 1)"
TOLD = re.compile(r'arithmetic expression Struct\("p": (.*)\) \+ Int32 to valid types', re.DOTALL)


def asked(session: Session, args: Mapping[str, Any], whole: Callable[[str], str], part: str) -> str:
    """Arrow's name of the type of `part`, where `whole` puts a text in its place; empty where it can't be found."""
    return told(session, args, whole(ASK.format(part))) or ""


def told(session: Session, args: Mapping[str, Any], text: str) -> str | None:
    """The type that a query with an `ASK` in it tells of; empty where it has none.

    None where the query says nothing of it, as a name in it is not known there, or two aggregates have one name to the engine.
    """
    try:
        _ = session.sql(text, args).schema
    except Exception as failure:
        if (found := TOLD.search(str(failure))) is not None:
            return found[1].removeprefix("non-null ")
        return "" if "Cannot coerce" in str(failure) else None
    return ""


def kind_of(arrow_name: str) -> str:
    """`int`, `double`, `decimal`, `text`, `date`, ...; empty for one that is not known."""
    return next((kind for prefix, kind in KINDS if arrow_name.startswith(prefix)), "")
