"""Access logs: each line is a request or a reject, whatever it holds; and what counts them beside the reader counts the same."""

import csv
import datetime
import gzip
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.readers.formats import format_of
from tests.sources import with_options
from tests.test_readers_files import DATA, Rows, needs_data, read_bytes, read_path, task

TYPES = {
    **{"host": "string", "ident": "string", "user": "string", "time": "timestamp", "request": "string"},
    **{"method": "string", "target": "string", "protocol": "string", "status": "int", "bytes": "bigint"},
    **{"referer": "string", "agent": "string"},
}
COMBINED = task("access-log", TYPES)
COMMON = with_options(
    task("access-log", {n: t for n, t in TYPES.items() if n not in ("referer", "agent")}), layout="common"
)
LINE = b'192.0.2.7 - anna smith [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.0" 200 2326'
MORE = LINE + b' "http://example.com/" "Mozilla/5.0 (X; \\"Y\\")"'
#: Names of months, by which the tests read times by other means than the reader.
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def one(line: bytes, of: dict[str, Any] = COMMON) -> dict[str, Any]:
    (row,) = read_bytes(of, line).good
    return row


def why(line: bytes, of: dict[str, Any] = COMMON) -> tuple[str, str]:
    (reject,) = read_bytes(of, line).rejected
    return reject["rule"], reject["reason"]


def test_a_line_is_its_fields_with_their_types_and_its_time_in_utc() -> None:
    row = one(MORE, COMBINED)
    del row["_row"]
    assert row == {
        **{"host": "192.0.2.7", "ident": None, "user": "anna smith", "request": "GET /a?b=c HTTP/1.0"},
        "time": datetime.datetime(2000, 10, 10, 20, 55, 36, tzinfo=datetime.UTC),
        **{"method": "GET", "target": "/a?b=c", "protocol": "HTTP/1.0", "status": 200, "bytes": 2326},
        **{"referer": "http://example.com/", "agent": 'Mozilla/5.0 (X; \\"Y\\")'},
    }


@pytest.mark.parametrize("torn", [LINE, LINE[:-5], LINE[:45], LINE[:30], LINE + b"\r"])
def test_two_requests_on_one_line_are_no_request_of_a_user_with_a_strange_name(torn: bytes) -> None:
    assert why(torn + LINE) == ("access-log:line", "line 1: not a line of the common log format")
    assert why(torn + MORE, COMBINED)[0] == "access-log:line"


@pytest.mark.parametrize("user", ["anna", "anna b. smith", "a[n]na", '""', "DOMAIN\\anna", "an\u00e4"])
def test_a_user_has_the_name_that_the_line_has(user: str) -> None:
    assert one(LINE.replace(b"anna smith", user.encode()))["user"] == user


def test_a_dash_is_null_and_so_is_the_part_that_a_request_does_not_have() -> None:
    row = one(LINE.replace(b"2326", b"-").replace(b"GET /a?b=c HTTP/1.0", b"-"))
    assert [row[name] for name in ("bytes", "request", "method", "target", "protocol")] == [None] * 5
    row = one(LINE.replace(b" HTTP/1.0", b""))
    assert [row[name] for name in ("method", "target", "protocol")] == ["GET", "/a?b=c", None]
    row = one(LINE.replace(b"GET /a?b=c HTTP/1.0", rb"\x16\x03\x01"))
    assert [row[name] for name in ("request", "method", "target")] == [r"\x16\x03\x01", None, None]
    row = one(LINE.replace(b"/a?b=c", b"/a b"))
    assert [row[name] for name in ("method", "target", "protocol")] == ["GET", "/a b", "HTTP/1.0"]


def test_columns_are_those_of_the_source_in_its_order() -> None:
    rows = read_bytes(task("access-log", {"status": "int", "host": "string"}), MORE)
    assert rows.cells == [(200, "192.0.2.7")]


@pytest.mark.parametrize(
    ("line", "of", "rule", "reason"),
    [
        (b"nothing like it", COMMON, "access-log:line", "line 1: not a line of the common log format"),
        (LINE[:-10], COMMON, "access-log:line", "line 1: not a line of the common log format"),
        (LINE, COMBINED, "access-log:line", "line 1: not a line of the combined log format, but of the common one"),
        (MORE, COMMON, "access-log:line", "line 1: not a line of the common log format, but of the combined one"),
        (MORE[:-1], COMBINED, "access-log:line", "line 1: not a line of the combined log format"),
        (LINE.replace(b"10/Oct", b"31/Feb"), COMMON, "access-log:time", "31/Feb/2000:13:55:36 -0700"),
        (LINE.replace(b"Oct", b"Okt"), COMMON, "access-log:time", "10/Okt/2000"),
        (LINE.replace(b"13:55", b"24:00"), COMMON, "access-log:time", "24:00"),
        (LINE.replace(b"/2000", b"/0000"), COMMON, "access-log:time", "0000"),
        (LINE.replace(b"-0700", b"+0060"), COMMON, "access-log:time", "+0060"),
        (LINE.replace(b"2326", b"1" * 19), COMMON, "access-log:line", "not a line"),
        (LINE.replace(b"anna", b"\xff"), COMMON, "encoding", "byte 0xff"),
    ],
)
def test_a_line_that_is_no_request_is_rejected_with_its_reason(
    line: bytes, of: dict[str, Any], rule: str, reason: str
) -> None:
    found, message = why(line, of)
    assert found == rule and reason in message


def test_a_reject_has_its_line_and_its_text_and_the_others_are_read() -> None:
    rows = read_bytes(COMMON, b"\n" + LINE + b"\r\n\r\nno\r\n" + LINE)
    assert [row["status"] for row in rows.good] == [200, 200]
    assert [(row["reason"].split(":")[0], row["raw"]) for row in rows.rejected] == [("line 4", "no")]
    assert rows.numbers == [0, 1, 2]


@settings(deadline=None)
@given(st.datetimes(datetime.datetime(1, 1, 2), datetime.datetime(9999, 12, 30)), st.integers(-1439, 1439))
def test_any_time_is_read_as_python_reads_it(at: datetime.datetime, offset: int) -> None:
    zone = datetime.timezone(datetime.timedelta(minutes=offset))
    at = at.replace(microsecond=0, tzinfo=zone)
    text = f"{at.day:02}/{MONTHS[at.month - 1]}/{at.year:04}:{at:%H:%M:%S} {at:%z}"
    assert one(re.sub(rb"\[.*\]", f"[{text}]".encode(), LINE))["time"] == at.astimezone(datetime.UTC)


PIECES = [LINE, MORE, b"\n", b"\r\n", b"\r", b"\n\n", b"\xff", b'"', b" ", b"\xef\xbb\xbf", b"[", b"-"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=20), st.sampled_from([1, 7, 200, 1 << 20]), st.integers(1, 90))
def test_any_bytes_are_rows_and_rejects_as_many_as_are_counted(pieces: list[bytes], size: int, step: int) -> None:
    data = b"".join(pieces)
    rows = read_bytes(COMBINED, data, block_size=size)
    counting = format_of(COMBINED).counting(COMBINED["source"], "")
    count = counting.watch(_Pieces(data))
    while count.read(step):
        pass
    assert counting.finish() == len(rows.good) + len(rows.rejected)
    assert rows.numbers == list(range(len(rows.numbers)))
    assert rows == read_bytes(COMBINED, data)


class _Pieces:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int, /) -> bytes:
        given, self._data = self._data[:size], self._data[size:]
        return given


def classes(rows: Rows) -> dict[int, int]:
    found: dict[int, int] = {}
    for row in rows.good:
        found[row["status"] // 100] = found.get(row["status"] // 100, 0) + 1
    return found


@needs_data
def test_a_real_log_in_the_combined_format_has_the_requests_that_it_is_known_to_have() -> None:
    rows = read_path(COMBINED, DATA / "weblogs" / "apache_logs_elastic.log.gz")
    # One line of it, of status 200, lacks its last quote.
    assert [row["rule"] for row in rows.rejected] == ["access-log:line"]
    assert classes(rows) == {2: 9_171 - 1, 3: 609, 4: 217, 5: 3}


@needs_data
def test_a_real_log_in_the_common_format_is_what_another_parser_made_of_it() -> None:
    rows = read_path(COMMON, DATA / "weblogs" / "nasa_aug95_first20000.log.gz")
    assert (len(rows.good), classes(rows)) == (20_000, {2: 18_083, 3: 1_729, 4: 188})
    with gzip.open(DATA / "weblogs" / "nasa_19950801.tsv.gz", "rt", encoding="latin-1") as file:
        theirs = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    parsed = {(row["host"], int(row["time"]), row["url"], row["response"], row["bytes"]) for row in theirs}
    # Theirs is a day that begins hours later.
    begin = min(int(row["time"]) for row in theirs)
    ours = [
        (row["host"], int(row["time"].timestamp()), row["target"], str(row["status"]), str(row["bytes"] or 0))
        for row in rows.good
    ]
    both = [row for row in ours if row[1] >= begin]
    assert len(both) > 16_000
    assert [row for row in both if row not in parsed] == []
