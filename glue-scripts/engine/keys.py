"""Keys as text: by which text the rows of one key are found, whichever table they lie in."""

from collections.abc import Sequence

from engine.plan_types import Field


def key_text(value: str, type: str) -> str:
    """SQL for the text of a key. Keys that SQL takes for equal have one text, so what is touched is never too little.

    `value` is SQL for a column of the contract type `type`. Strings are trimmed as `trim` does it: a bronze key may still have
    the blanks that its table's SQL removes. Null is a key of its own, which no text of a value is.
    """
    texts = {
        "string": f"trim({value})",
        # Time zones and formats are settings of a session; the number behind is not.
        "date": f"CAST(unix_date({value}) AS STRING)",
        "timestamp": f"CAST(unix_micros({value}) AS STRING)",
        # -0.0 + 0.0 is 0.0, and every NaN is one NaN.
        "double": joined_by(value, "double"),
    }
    return f"coalesce(concat('=', {texts.get(type, f'CAST({value} AS STRING)')}), 'null')"


def joined_by(value: str, type: str) -> str:
    """SQL for what a column is joined by: of a double its text, as Sail's joins find no NaN. Null stays null."""
    return f"CASE WHEN isnan({value}) THEN 'NaN' ELSE CAST({value} + 0.0D AS STRING) END" if type == "double" else value


def without_sign_of_zero(value: str, type: str) -> str:
    """SQL for a value of a key column: -0.0 and 0.0 are one key to one engine's GROUP BY, and two to the other's."""
    return f"{value} + 0.0D" if type == "double" else value


def type_of(columns: Sequence[Field], name: str) -> str:
    return next(column["type"] for column in columns if column["name"] == name)
