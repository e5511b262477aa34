import json
from datetime import UTC, date, datetime

import pytest

from engine.readers import blocks
from tests.test_readers_files import READ, Rows, read_bytes, task

TYPES = {"s": "string", "b": "boolean", "i": "int", "n": "bigint", "d": "double", "t": "date", "u": "timestamp"}
ALL = task("json", TYPES)


def one(column: str, text: str) -> Rows:
    """A file with a valid line, and a line whose column holds this JSON text. Neither may affect the other."""
    return read_bytes(ALL, f'{{"s":"first"}}\n{{"{column}" : {text} }}\n'.encode())


def test_each_type_is_read() -> None:
    line = b'{"s":"x","b":true,"i":1,"n":9223372036854775807,"d":0.5,"t":"2024-02-29","u":"2024-01-01T10:00:00Z"}'
    rows = read_bytes(ALL, line)
    moment = datetime(2024, 1, 1, 10, tzinfo=UTC)
    assert rows.cells == [("x", True, 1, 2**63 - 1, 0.5, date(2024, 2, 29), moment)]


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("s", "1.10", "1.10"),
        ("s", "-0", "-0"),
        ("s", "123456789012345678901234567890", "123456789012345678901234567890"),
        ("s", "true", "true"),
        ("s", '{"s": [1.0, {"s":"}"}], "x":"\\\\"}', '{"s": [1.0, {"s":"}"}], "x":"\\\\"}'),
        ("s", "[ ]", "[ ]"),
        ("s", '"\\ud83d\\ude00\\u0000"', "😀\0"),
        ("i", "3.0", 3),
        ("i", "-2147483648", -(2**31)),
        ("n", "1e3", 1000),
        ("n", "-9223372036854775808", -(2**63)),
        ("d", "9007199254740993", 9007199254740992.0),
        ("d", "18446744073709551616", 2.0**64),
        ("d", "1", 1.0),
        ("u", '"2024-01-01T12:00:00.5+02:00"', datetime(2024, 1, 1, 10, 0, 0, 500000, UTC)),
        ("u", '"2024-01-01 10:00:00.123456789"', datetime(2024, 1, 1, 10, 0, 0, 123456, UTC)),
        ("u", '"2024-01-01"', datetime(2024, 1, 1, tzinfo=UTC)),
        *((column, "null", None) for column in TYPES),
    ],
)
def test_a_value_that_fits_is_accepted(column: str, text: str, value: object) -> None:
    rows = one(column, text)
    assert rows.rejected == []
    assert rows.good[1][column] == value


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("b", "1"),
        ("b", '"true"'),
        ("i", "2147483648"),
        ("i", "1.5"),
        ("i", "true"),
        ("i", '"1"'),
        ("n", "9223372036854775808"),
        ("n", "-9223372036854775809"),
        ("n", "1e18"),
        ("n", "9007199254740993.0"),
        ("n", "-1.0000000000000000001"),
        ("i", "0.99999999999999999999"),
        ("d", '"1"'),
        ("d", "false"),
        ("t", '"2023-02-29"'),
        ("t", '"2024-01-01T00:00:00"'),
        ("t", "20240101"),
        ("u", '"yesterday"'),
        ("u", '"2024-01-01T25:00:00Z"'),
        ("u", "0"),
        ("u", '""'),
        ("u", "[]"),
    ],
)
def test_a_value_of_another_type_rejects_its_line(column: str, text: str) -> None:
    rows = one(column, text)
    assert [row["s"] for row in rows.good] == ["first"]
    assert rows.rules == [f"json:type:{column}"]
    assert rows.rejected[0]["reason"] == f'line 2: "{column}" is {text}, expected {TYPES[column]}'
    assert rows.raw == [f'{{"{column}" : {text} }}']
    assert rows.numbers == [0, 1]


def test_the_first_column_that_does_not_fit_names_the_rule() -> None:
    assert read_bytes(ALL, b'{"u":1,"i":"x","d":"y"}').rules == ["json:type:i"]


def test_a_missing_key_is_null_and_undeclared_keys_are_ignored() -> None:
    rows = read_bytes(task("json", ["a", "b"], headers={"b": "B b"}), b'{"a":"1","x":[]}\r\n{"B b":"2"}')
    assert rows.cells == [("1", None), (None, "2")]


def test_an_object_without_any_declared_column_is_rejected() -> None:
    rows = read_bytes(task("json", ["a"]), b'{"a":null}\n{}\n{"b":"1"}\n')
    assert rows.cells == [(None,)]
    assert rows.rules == ["json:object"] * 2
    assert rows.rejected[0]["reason"] == "line 2: the object has none of the declared columns"


@pytest.mark.parametrize("text", ["1", "[]", '"x"', "null", '[{"a":1}]', " true "])
def test_a_line_that_is_not_an_object_is_rejected(text: str) -> None:
    rows = read_bytes(task("json", ["a"]), f'{{"a":"1"}}\n{text}\n'.encode())
    assert (rows.cells, rows.rules, rows.raw) == ([("1",)], ["json:object"], [text])


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1',
        b'{"a":1}}',
        b'{"a":1}{"a":2}',
        b'{"a":1,}',
        b"{'a':1}",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":01}',
        b'{"a":1e999}',
        b'{"a":"\t"}',
        b'{"a":"\0"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\x41"}',
        b'{"a":1}//',
        b'{"a":' + b"[" * 100_000,
        b" ",
    ],
    ids=repr,
)
def test_invalid_json_is_rejected_with_its_line(text: bytes) -> None:
    rows = read_bytes(task("json", ["a"]), b'\n{"a":"1"}\n' + text + b'\n{"a":"2"}')
    assert rows.cells == [("1",), ("2",)]
    assert (rows.rules, rows.raw) == (["json:syntax"], [text.decode()])
    assert rows.rejected[0]["reason"].startswith("line 3: ")
    assert rows.numbers == [0, 1, 2]


def test_bytes_that_are_not_utf8_reject_their_line_only() -> None:
    rows = read_bytes(task("json", ["a"]), b'{"a":"\xff"}\n{"a":"2"}\n')
    assert (rows.cells, rows.rules, rows.raw) == ([("2",)], ["encoding"], ['{"a":"\\xff"}'])


def test_a_byte_order_mark_is_removed() -> None:
    assert read_bytes(task("json", ["a"]), b'\xef\xbb\xbf{"a":"1"}').cells == [("1",)]


def test_a_value_of_ten_megabytes_is_accepted() -> None:
    long = "x" * 10_000_000
    assert read_bytes(task("json", ["a"]), f'{{"a":"{long}"}}\n{{"a":["{long}"]}}'.encode()).cells == [
        (long,),
        (f'["{long}"]',),
    ]


def test_a_line_above_the_limit_is_rejected_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks.blocks, "__defaults__", (1 << 20, 20))
    for size in (1, 7, 1 << 20):
        rows = read_bytes(task("json", ["a"]), b'{"a":"1"}\n' + b"x" * 40 + b'\n{"a":"2"}\n', block_size=size)
        assert (rows.cells, rows.rules) == ([("1",), ("2",)], ["json:length"] * 2)
        assert rows.raw == ["x" * 20] * 2


def test_a_few_invalid_times_among_many_are_found() -> None:
    texts = ["2024-01-01T00:00:00Z", "2024-01-01 00:00", "soon", "2024-13-01"] * 50
    rows = read_bytes(task("json", {"u": "timestamp"}), "\n".join(f'{{"u":"{t}"}}' for t in texts).encode())
    assert len(rows.good) == 100 and {row["u"] for row in rows.good} == {datetime(2024, 1, 1, tzinfo=UTC)}
    assert [(row["_row"] - READ.base) % 4 for row in rows.rejected] == [2, 3] * 50


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('{"s":"a","s":"b"}', '"s"'),
        ('{"s":"a","s":"a"}', '"s"'),
        ('{"s":"a","other":1,"other":2}', '"other"'),
        ('{"s" :"a","s":"b"}', '"s"'),
        ('{"s"\t:"a", "\\u0073" : "b"}', '"s"'),
        ('{"s":"a","x":{"y":[{"z":1,"z":2}]}}', '"z"'),
        ('{"s":"\\u0022:","x":{"y":1,"y":2}}', '"y"'),
        ('{"s":"\\"\\u003a","x":1,"x":2}', '"x"'),
        ('{"s":"a","":1,"":2}', '""'),
        ('{"s":"a","a\\"":1,"a\\"":2}', '"a\\""'),
        ('{"s":"a","x":' + "9" * 300 + ',"x":1e300}', '"x"'),
    ],
)
def test_a_line_with_a_duplicate_key_is_rejected_and_the_key_is_named(line: str, key: str) -> None:
    """The lines before and after it are accepted, whatever they contain."""
    others = ['{"s":"first"}', '{"s":"a: \\"b\\" : c","x":{"s":1,"y":[{"s":2}]}}', '{"s":"\\u00e4\\u0022:"}']
    for around in (others[:1], others):
        rows = read_bytes(ALL, "\n".join([*around, line, *around]).encode())
        assert (rows.rules, rows.raw) == (["json:duplicate"], [line])
        assert rows.rejected[0]["reason"] == f"line {len(around) + 1}: duplicate key {key}"
        assert len(rows.good) == 2 * len(around)


@pytest.mark.parametrize("depth", [250, 1000])
def test_a_duplicate_key_is_found_at_any_depth(depth: int) -> None:
    """Deeper than some JSON libraries write, and than Python calls functions."""
    lines = ['{"s":' + '{"x":' * depth + inner + "}" * depth + "}" for inner in ('"a"', '{"y":1,"y":2}')]
    rows = read_bytes(ALL, "\n".join(lines).encode())
    assert (len(rows.good), rows.rules, rows.raw) == (1, ["json:duplicate"], lines[1:])


def test_keys_that_differ_in_case_are_different_keys() -> None:
    rows = read_bytes(task("json", ["id", "Id"]), b'{"id":1,"ID":2,"Id":3}')
    assert (rows.cells, rows.rejected) == ([("1", "3")], [])


def test_text_that_looks_like_a_key_is_accepted() -> None:
    texts = ['a":1,"a":1', '": ', "\t:", '\\": "s" :', "{}{", '"', "\u2028:"]
    lines = [
        json.dumps({"s": text, "x": {text: [text, {"s": text}]}}, ensure_ascii=flag)
        for text in texts
        for flag in (True, False)
    ]
    rows = read_bytes(task("json", ["s"]), "\n".join(lines).encode())
    assert [cells[0] for cells in rows.cells] == [text for text in texts for _ in (True, False)]
