"""SQL for the hash of a row, from every cell of whatever type, which Sail, Spark and `cell_hash` compute alike.

It is Spark's `hash`. That takes no map on Spark, and no decimal, array or struct on Sail. A decimal is hashed by its text, with all
digits of its scale; a struct as a row is; an array and a map by the hashes of what they hold.
"""

from collections.abc import Sequence

from engine.plan_types import Field
from engine.readers.types import fields_of, inner_types, kind_of

#: How many columns share a number of flags, one for each null.
FLAGS = 30

#: Stands for a null among the hashes of an array or a map.
NOTHING = "n"


def row_hash(columns: Sequence[Field], numbered: bool) -> str:
    """SQL for the hash of a row: its number, where it has one, and its cells. An INT.

    A null leaves a hash as it is; so which cells are null is hashed as well, and a value that moves to the next column is found.
    """
    cells = hashed([(f"`{column['name']}`", column["type"]) for column in columns], 0)
    return f"hash({', '.join([*(['_row'] if numbered else []), *cells])})"


def hashed(cells: Sequence[tuple[str, str]], depth: int) -> list[str]:
    """What `hash` is given for some cells: `cells` are SQL and type of each."""
    parts = []
    for first in range(0, len(cells), FLAGS):
        group = cells[first : first + FLAGS]
        parts += [hashable(value, type, depth) for value, type in group]
        parts.append(
            " + ".join(f"CAST({value} IS NULL AS INT) * {1 << place}" for place, (value, _) in enumerate(group))
        )
    return parts


def hashable(value: str, type: str, depth: int) -> str:
    """SQL for a value that `hash` takes in place of this one; null where it is null. `depth`: in how many lambdas it stands."""
    match kind_of(type):
        case "string":
            # Sail has a second kind of strings inside, which its `hash` refuses.
            return f"CAST({value} AS BINARY)"
        case "decimal":
            return f"CAST(CAST({value} AS STRING) AS BINARY)"
        case "array":
            [element] = inner_types(type)
            return f"CAST(array_join(transform({value}, e{depth} -> {text(f'e{depth}', element, depth + 1)}), ',') AS BINARY)"
        case "map":
            # The order of entries is no part of a map.
            key, item = (text(f"e{depth}.{side}", of, depth + 1) for side, of in pairs(type))
            entries = f"transform(map_entries({value}), e{depth} -> concat({key}, '=', {item}))"
            return f"CAST(array_join(array_sort({entries}), ',') AS BINARY)"
        case "struct":
            fields = [(f"{value}.`{name}`", of) for name, of in fields_of(type)]
            return f"CASE WHEN {value} IS NOT NULL THEN hash({', '.join(hashed(fields, depth))}) END"
        case _:
            return value


def pairs(type: str) -> list[tuple[str, str]]:
    return list(zip(("key", "value"), inner_types(type), strict=True))


def text(value: str, type: str, depth: int) -> str:
    return f"CASE WHEN {value} IS NULL THEN '{NOTHING}' ELSE CAST(hash({hashable(value, type, depth)}) AS STRING) END"
