"""Access logs of web servers: a request a line, in the common log format or the combined one, which adds referer and agent.

A line of another form is rejected; an empty one is no record. A `-` is null. What a server escapes in quotes stays escaped.
"""

import datetime
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.plan_types import AccessLogSource
from engine.readers.blocks import RECORD_BYTES, LineRecords, Readable, blocks, filled_lines
from engine.readers.chunk import Chunk, Reject, bad_byte
from engine.readers.reading import Reading

QUOTED = r'"(?P<{}>(?:[^"\\]|\\.)*)"'
TIME = (
    r"(?P<day>\d\d)/(?P<month>[A-Z][a-z][a-z])/(?P<year>\d\d\d\d):(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
    r" (?P<sign>[+-])(?P<zone_hour>\d\d)(?P<zone_minute>\d\d)"
)
#: A user may have blanks in its name, and an empty name is `""`. A name has no other quote, and none of its words begins with a
#: bracket: else it would take in a whole line to which the next one was appended, as after a torn write or lone CRs.
USER = r'""|[^"\[ ][^" ]*(?: +[^"\[ ][^" ]*)*'
#: A number of 18 digits is in 64 bits.
COMMON = (
    rf"^(?P<host>\S+) (?P<ident>\S+) (?P<user>{USER}) \[(?P<time>{TIME})\]"
    rf" {QUOTED.format('request')} (?P<status>\d\d\d) (?P<bytes>\d{{1,18}}|-)"
)
LAYOUTS = {"common": f"{COMMON}$", "combined": f"{COMMON} {QUOTED.format('referer')} {QUOTED.format('agent')}$"}
OTHER = {"common": "combined", "combined": "common"}
#: HTTP/0.9 names no protocol. What has no blank is no request: bytes of TLS that came to a port without it, or nothing.
REQUEST = r"^(?P<method>\S+) +(?P<target>\S.*?)(?: +(?P<protocol>HTTP/\S+))? *$"
MONTHS = pa.array(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"])

Whole = npt.NDArray[np.int64]
#: The first and the last microsecond of the years 1 to 9999, from 1970 on.
FIRST, LAST = (
    (at - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)
    for at in (datetime.datetime.min, datetime.datetime.max)
)


def read_access_log(stream: Readable, reading: Reading[AccessLogSource]) -> Iterator[Chunk]:
    """The chunks of an access log."""
    layout = reading.source["layout"]
    number, first_line = 0, 1
    for data, broken, _ in blocks(stream, LineRecords(), reading.block_size):
        lines, places = filled_lines(data, first_line)
        first_line += data.count(b"\n")
        if not lines:
            continue
        lines = [line.removesuffix(b"\r") for line in lines]
        why: dict[int, tuple[str, str]] = {}
        if broken:
            reason = f"part of a line of more than {RECORD_BYTES >> 20} MB"
            why = {i: (f"access-log:{broken}", reason) for i in range(len(lines))}
        elif bad_byte(data):
            why = {i: ("encoding", byte) for i, line in enumerate(lines) if (byte := bad_byte(line))}
        whole = np.delete(np.arange(len(lines)), list(why))
        texts = pa.array([lines[i] for i in whole], pa.binary()).cast(pa.string())
        fields, refused = _fields(texts, layout)
        why |= {int(whole[i]): found for i, found in refused.items()}
        arrays = [READ[column.name](fields) for column in reading.columns]
        rejects = [
            Reject(number + i, rule, f"line {places[i]}: {reason}", lines[i]) for i, (rule, reason) in why.items()
        ]
        yield reading.rows.chunk(reading.names, arrays, np.delete(np.arange(len(lines)), list(why)) + number, rejects)
        number += len(lines)


def _fields(texts: pa.Array, layout: str) -> tuple[pa.StructArray, dict[int, tuple[str, str]]]:
    """The fields of the lines that are of the layout, with `at` in microseconds, and why others are not."""
    found = pc.extract_regex(texts, LAYOUTS[layout])
    matches = found.is_valid().to_numpy(zero_copy_only=False)
    others = np.flatnonzero(~matches)
    swapped = pc.extract_regex(texts.take(pa.array(others)), LAYOUTS[OTHER[layout]]).is_valid().to_pylist()
    why = {
        int(i): (
            "access-log:line",
            f"not a line of the {layout} log format{f', but of the {OTHER[layout]} one' * is_other}",
        )
        for i, is_other in zip(others, swapped, strict=True)
    }
    fields = found.filter(pa.array(matches))
    at, valid = _times(fields)
    rows = np.flatnonzero(matches)
    for i in np.flatnonzero(~valid):
        why[int(rows[i])] = ("access-log:time", f"there is no time {fields.field('time')[int(i)]}")
    named = {fields.type.field(i).name: fields.field(i) for i in range(fields.type.num_fields)}
    kept = pa.StructArray.from_arrays([*named.values(), pa.array(at)], [*named, "at"])
    return kept.filter(pa.array(valid)), why


def _times(fields: pa.StructArray) -> tuple[Whole, npt.NDArray[np.bool_]]:
    """Microseconds since 1970 in UTC, and which of them are times."""

    def whole(name: str) -> Whole:
        return np.asarray(fields.field(name).cast(pa.int64()))

    month = pc.fill_null(pc.index_in(fields.field("month"), MONTHS), -1).to_numpy(zero_copy_only=False)
    months = ((whole("year") - 1970) * 12 + np.maximum(month, 0)).astype("datetime64[M]")
    begin = months.astype("datetime64[D]").astype(np.int64)
    length = (months + 1).astype("datetime64[D]").astype(np.int64) - begin
    day, hour, minute, second = whole("day"), whole("hour"), whole("minute"), whole("second")
    zone_hour, zone_minute = whole("zone_hour"), whole("zone_minute")
    zone = zone_hour * 60 + zone_minute
    behind = pc.equal(fields.field("sign"), "-").to_numpy(zero_copy_only=False)
    minutes = ((begin + day - 1) * 24 + hour) * 60 + minute - np.where(behind, -zone, zone)
    at = (minutes * 60 + second) * 1_000_000
    is_day = (month >= 0) & (day >= 1) & (day <= length)
    is_clock = (hour < 24) & (minute < 60) & (second < 60) & (zone_hour < 24) & (zone_minute < 60)
    return at, is_day & is_clock & (at >= FIRST) & (at <= LAST)


def _given(name: str) -> Callable[[pa.StructArray], pa.Array]:
    """A field as it is, null where it is `-`."""

    def read(fields: pa.StructArray) -> pa.Array:
        texts = fields.field(name)
        return pc.if_else(pc.equal(texts, "-"), pa.scalar(None, pa.string()), texts)

    return read


def _part(name: str) -> Callable[[pa.StructArray], pa.Array]:
    """A part of the request, null where the request has none."""

    def read(fields: pa.StructArray) -> pa.Array:
        parts = pc.struct_field(pc.extract_regex(fields.field("request"), REQUEST), name)
        return pc.if_else(pc.equal(parts, ""), pa.scalar(None, pa.string()), parts)

    return read


#: Column -> its values. `lib/definition/formats/access-log.ts` has their types.
READ: dict[str, Callable[[pa.StructArray], pa.Array]] = {
    "host": lambda fields: fields.field("host"),
    "ident": _given("ident"),
    "user": _given("user"),
    "time": lambda fields: fields.field("at").cast(pa.timestamp("us", "UTC")),
    "request": _given("request"),
    "method": _part("method"),
    "target": _part("target"),
    "protocol": _part("protocol"),
    "status": lambda fields: fields.field("status").cast(pa.int32()),
    "bytes": lambda fields: _given("bytes")(fields).cast(pa.int64()),
    "referer": _given("referer"),
    "agent": _given("agent"),
}
