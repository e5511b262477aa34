"""Compares JSON lines with a reference built on the json module."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_readers_files import READ, Rows, read_bytes, task

TYPES = {"s": "string", "b": "boolean", "i": "int", "n": "bigint", "d": "double"}
ALL = task("json", TYPES)
BITS = {"i": 31, "n": 63}
WRONG = object()


class Double(float):
    """A number that keeps its text."""

    text: str


class Nested:
    """Equals any text of the same array or object."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and bool(json.loads(other) == self.value)


def double(text: str) -> Double:
    value = Double(text)
    value.text = text
    if value in (float("inf"), float("-inf")):
        raise ValueError("out of range")  # strict readers refuse it
    return value


class Whole(int):
    """An integer that keeps its text, which -0 would lose."""

    text: str


def whole(text: str) -> Whole:
    value = Whole(text)
    value.text = text
    return value


def refuse(text: str) -> None:
    raise ValueError(text)


class Twice(ValueError):
    pass


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise Twice
    return dict(pairs)


def parse(line: bytes) -> Any:
    strict = {"parse_float": double, "parse_int": whole, "parse_constant": refuse}
    value = json.loads(line.decode(), **strict)  # type: ignore[arg-type]
    json.dumps(value, ensure_ascii=False).encode()  # lone surrogates do not encode
    return value


def fit(value: Any, name: str) -> Any:
    if value is None:
        return None
    if name == "s":
        if isinstance(value, Double | Whole):
            return value.text
        if isinstance(value, list | dict):
            return Nested(value)
        return value if isinstance(value, str) else json.dumps(value)
    if name == "b":
        return value if isinstance(value, bool) else WRONG
    if isinstance(value, bool) or not isinstance(value, int | float):
        return WRONG
    if name == "d":
        return float(value)
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) <= 2**53 and Decimal(value.text) == int(value)
        value = int(value) if whole else None
    bits = BITS[name]
    return value if value is not None and -(2**bits) <= value < 2**bits else WRONG


def judge(line: bytes) -> tuple[str, Any]:
    """('good', cells) or (rule, text)."""
    shown = line.rstrip(b"\r").decode(errors="backslashreplace")
    try:
        line.decode()
    except UnicodeDecodeError:
        return ("encoding", shown)
    try:
        value = parse(line)
    except ValueError:
        return ("json:syntax", shown)
    if not isinstance(value, dict):
        return ("json:object", shown)
    try:
        json.loads(line, object_pairs_hook=once)
    except Twice:
        return ("json:duplicate", shown)
    cells = {name: fit(value.get(name), name) for name in TYPES}
    for name, cell in cells.items():
        if cell is WRONG:
            return (f"json:type:{name}", shown)
    return ("good", tuple(cells.values())) if TYPES.keys() & value.keys() else ("json:object", shown)


def in_order(rows: Rows) -> list[tuple[str, Any]]:
    found: dict[int, tuple[str, Any]] = {}
    for row, cells in zip(rows.good, rows.cells, strict=True):
        found[row["_row"] - READ.base] = ("good", cells)
    for row in rows.rejected:
        found[row["_row"] - READ.base] = (row["rule"], row["raw"])
    assert sorted(found) == list(range(len(rows.good) + len(rows.rejected)))
    return [found[i] for i in sorted(found)]


sizes = st.sampled_from([1, 7, 64, 1 << 20])
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.integers(-(2**31) - 2, 2**31 + 2)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-10, 10).map(float)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
)
values = st.recursive(scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=2), v, max_size=3))
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text('ab\\"{}[]:,é ', max_size=4),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text('s:,{"', max_size=2), v, max_size=3),
)
objects = st.one_of(
    st.dictionaries(st.sampled_from([*TYPES, "other"]), scalars),
    st.dictionaries(st.sampled_from("sbindx"), plain),
)
doubled = st.lists(st.tuples(st.sampled_from("sb:"), plain), max_size=3).map(
    lambda pairs: "{" + ", ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in pairs) + "}"
)
texts = st.one_of(
    doubled,
    st.lists(doubled, min_size=1, max_size=2).map(lambda parts: '{"x":' + f"[{','.join(parts)}]" + ',"s":"a"}'),
    objects.map(json.dumps),
    objects.map(lambda value: json.dumps(value, ensure_ascii=False)),
    values.map(json.dumps),
)
MARKS = [
    b'"s":1,',
    b'"s" :',
    b"\\u0022:",
    b"{",
    b"}",
    b'"',
    b",",
    b":",
    b"\\",
    b"0",
    b"-",
    b"e",
    b"\n",
    b"\r",
    b"\xff",
    b"\0",
    b"\\ud800",
]


@settings(max_examples=400, deadline=None)
@given(st.lists(texts, max_size=8), sizes, st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_lines_give_the_result_of_the_reference(lines: list[str], size: int, end: str) -> None:
    rows = read_bytes(ALL, end.join(lines).encode("utf-8", "replace"), block_size=size)
    assert in_order(rows) == [judge(line.encode("utf-8", "replace")) for line in lines]


@settings(max_examples=800, deadline=None)
@given(st.lists(texts, min_size=1, max_size=5), sizes, st.data())
def test_damaged_lines_give_the_result_of_the_reference(lines: list[str], size: int, data: Any) -> None:
    body = bytearray("\n".join(lines).encode("utf-8", "replace"))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 2))] = data.draw(st.sampled_from(MARKS) | st.binary(max_size=2))
    if body.startswith(b"\xef\xbb\xbf"):
        del body[:3]
    expected = [judge(line) for line in bytes(body).split(b"\n") if line not in (b"", b"\r")]
    assert in_order(read_bytes(ALL, bytes(body), block_size=size)) == expected
