"""Classifies errors of Spark, Sail, Delta and the system by their text. No other module parses such texts."""

import re

#: Spark's name of an error and its message: `[CAST_INVALID_INPUT] The value ...`.
NAMED = re.compile(r"\[[A-Z][A-Z0-9_.]+\] [^\n]*")


def first_line(failure: Exception) -> str:
    text = str(failure).strip()
    if text.startswith("An error occurred while calling") and (named := NAMED.search(text)):
        # The first line of a JVM error only says which call failed.
        text = named[0]
    return text.split("\n")[0][:300]


def is_full_disk(failure: Exception) -> bool:
    return (isinstance(failure, OSError) and failure.errno == 28) or "No space left" in str(failure)


def is_too_large(failure: Exception) -> bool:
    """Whether Spark refused to collect rows because they are larger than the driver accepts."""
    return "spark.driver.maxResultSize" in str(failure)


def repeats_a_key(failure: Exception) -> bool:
    """Whether a merge failed because a key occurs twice among its rows."""
    return "multiple source rows" in str(failure)


def only_spark_reads(failure: Exception) -> bool:
    """Whether SQL that `dialect` rewrote for Sail refused a value. Its `raise_error` begins with MR330."""
    return "MR330" in first_line(failure)
