"""Rewrites Java's regular expressions for Sail, where for example `\\d` matches every Unicode digit."""

import re

CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": " \\t\\n\\x0B\\f\\r"}
LINE_ENDS = "\\n\\r\\u0085\\u2028\\u2029"

#: What Sail's regular expressions lack or read differently.
REFUSED = (
    (r"\(\?(=|!|<=|<!|>)", "lookaround"),
    (r"\\[1-9]", "a reference to a group"),
    (r"[*+?}]\+", "a possessive quantifier"),
    (r"\\[bBGZQEXRhHvVkpP]", "a class or boundary that Java reads differently"),
    (r"\(\?[a-zA-Z-]", "a flag such as (?i)"),
    (r"\[:|\[[^\]\\]*\[", "a class within a class"),
    (r"&&", "an intersection of classes"),
    (r"\[[^\]\\]*(\\.[^\]\\]*)*\\[DWS]", "a negated class within a class"),
)


def refused(pattern: str, whole: bool) -> str | None:
    """What in a pattern only Java understands; None if all of it can be rewritten for Sail."""
    found = next((what for form, what in REFUSED if re.search(form, pattern)), None)
    if found is None and not whole and re.search(r"(?<!\\)\$", pattern):
        return "`$`, which in Java also matches before a last line end: write \\z"
    if found is None and not whole and matches_nothing(pattern):
        return "a pattern that matches the empty string"
    return found


def matches_nothing(pattern: str) -> bool:
    try:
        return re.match(pattern, "") is not None
    except re.error:
        return False


def java_pattern(pattern: str, whole: bool) -> str:
    """The same pattern for Sail. `whole`: it only matters whether the pattern is found, not where the match ends."""
    out, at, inside = [], 0, False
    while at < len(pattern):
        sign = pattern[at]
        following = pattern[at + 1] if at + 1 < len(pattern) else ""
        if sign == "\\":
            lower = following.lower()
            if lower in CLASSES:
                out.append(CLASSES[lower] if inside else f"[{'^' if following != lower else ''}{CLASSES[lower]}]")
            else:
                out.append(sign + following)
            at += 2
            continue
        if sign == "[" and not inside:
            inside = True
        elif sign == "]" and inside and pattern[at - 1] != "[":
            inside = False
        elif sign == "." and not inside:
            sign = f"[^{LINE_ENDS}]"
        elif sign == "$" and not inside and whole:
            sign = f"(?:\\r\\n|[{LINE_ENDS}])?\\z"
        out.append(sign)
        at += 1
    return "".join(out)
