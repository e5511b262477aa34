"""Makes column names from a header."""

import re


def column_names(headers: list[str]) -> list[str]:
    """Names that a definition accepts, such as `customer_ID` for `customer ID`. No two are equal, whatever their case."""
    names: list[str] = []
    for i, header in enumerate(headers):
        plain = re.sub(r"[^A-Za-z0-9]+", "_", header.strip()).strip("_")
        name = plain if re.match(r"[A-Za-z]", plain) else f"c_{plain or i + 1}"
        taken = {other.lower() for other in names}
        names.append(name if name.lower() not in taken else f"{name}_{i + 1}")
    return names
