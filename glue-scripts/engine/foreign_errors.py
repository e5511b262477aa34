"""Errors of Spark, Sail, Delta and the system, of which only their text says what they are. Nothing else looks into such texts."""

import re

#: What Spark names an error by, and says of it: `[CAST_INVALID_INPUT] The value ...`.
NAMED = re.compile(r"\[[A-Z][A-Z0-9_.]+\] [^\n]*")


def first_line(failure: Exception) -> str:
    text = str(failure).strip()
    if text.startswith("An error occurred while calling") and (named := NAMED.search(text)):
        # Of an error in the JVM the first line says only from where it was called.
        text = named[0]
    return text.split("\n")[0][:300]


def is_full_disk(failure: Exception) -> bool:
    return (isinstance(failure, OSError) and failure.errno == 28) or "No space left" in str(failure)


def repeats_a_key(failure: Exception) -> bool:
    """Whether a merge found a key twice among the rows to merge."""
    return "multiple source rows" in str(failure)


def only_spark_reads(failure: Exception) -> bool:
    """Whether SQL that `dialect` wrote for Sail refused a value: what `raise_error` is given comes back as text."""
    return "MR330" in first_line(failure)
