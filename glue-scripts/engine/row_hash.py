"""SQL for the hash of a row over cells of every type. Sail, Spark and `cell_hash` compute the same hash.

It is Spark's `hash`, which takes no map on Spark, and no decimal, array or struct on Sail. So a decimal is hashed as text with all
digits of its scale, a struct like a row, an array and a map by the hashes of their elements.
"""

from collections.abc import Sequence

from engine.plan_types import Field
from engine.readers.types import fields_of, inner_types, kind_of

#: How many columns share one number of null flags.
FLAGS = 30

#: The text for a null among the hashes of an array or a map.
NOTHING = "n"


def row_hash(columns: Sequence[Field], numbered: bool) -> str:
    """SQL, of type INT, for the hash of a row: its number, if it has one, and its cells.

    `hash` skips nulls. So the null flags are hashed as well, which reveals a value that moved to the next column.
    """
    cells = hashed([(f"`{column['name']}`", column["type"]) for column in columns], 0)
    return f"hash({', '.join([*(['_row'] if numbered else []), *cells])})"


def hashed(cells: Sequence[tuple[str, str]], depth: int) -> list[str]:
    """The arguments of `hash` for some cells. `cells`: SQL and type of each."""
    parts = []
    for first in range(0, len(cells), FLAGS):
        group = cells[first : first + FLAGS]
        parts += [hashable(value, type, depth) for value, type in group]
        parts.append(
            " + ".join(f"CAST({value} IS NULL AS INT) * {1 << place}" for place, (value, _) in enumerate(group))
        )
    return parts


def hashable(value: str, type: str, depth: int) -> str:
    """SQL for a value that `hash` accepts in place of this one; null if it is null. `depth`: how many lambdas are around it."""
    match kind_of(type):
        case "string":
            # Internally Sail has a second string type, which its `hash` refuses.
            return f"CAST({value} AS BINARY)"
        case "decimal":
            return f"CAST(CAST({value} AS STRING) AS BINARY)"
        case "array":
            [element] = inner_types(type)
            return f"CAST(array_join(transform({value}, e{depth} -> {text(f'e{depth}', element, depth + 1)}), ',') AS BINARY)"
        case "map":
            # Sorted, because the order of entries is not part of a map's value.
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
