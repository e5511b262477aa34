"""Keys as text: the rows of one key have the same text in every table."""

from collections.abc import Sequence

from engine.plan_types import Field


def key_text(value: str, type: str) -> str:
    """SQL for the text of a key. Keys that SQL takes for equal have the same text, so that no affected row is missed.

    `value` is SQL for a column of the contract type `type`. Strings are trimmed as `trim` does it: a bronze key may still have
    the blanks that the SQL of its table removes. Null is a separate key, whose text differs from that of every value.
    """
    texts = {
        "string": f"trim({value})",
        # How a date or time is written depends on the session; its number does not.
        "date": f"CAST(unix_date({value}) AS STRING)",
        "timestamp": f"CAST(unix_micros({value}) AS STRING)",
        # -0.0 + 0.0 is 0.0, and every NaN becomes the same text.
        "double": joined_by(value, "double"),
    }
    return f"coalesce(concat('=', {texts.get(type, f'CAST({value} AS STRING)')}), 'null')"


def joined_by(value: str, type: str) -> str:
    """SQL for the value by which a column is joined: the text of a double, because Sail's joins do not match NaN. Null stays null."""
    return f"CASE WHEN isnan({value}) THEN 'NaN' ELSE CAST({value} + 0.0D AS STRING) END" if type == "double" else value


def without_sign_of_zero(value: str, type: str) -> str:
    """SQL for a value of a key column, with -0.0 as 0.0: GROUP BY takes them for one key on one engine, for two on the other."""
    return f"{value} + 0.0D" if type == "double" else value


def type_of(columns: Sequence[Field], name: str) -> str:
    return next(column["type"] for column in columns if column["name"] == name)
