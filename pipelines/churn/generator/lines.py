"""Converts rows to lines of text, column by column: Arrow joins whole columns of strings, so a million lines take seconds."""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from generator.contacts import AFTER_DAYS, CHANNELS, TYPES
from generator.dirt import (
    BAD_COLUMNS,
    BAD_TEXTS,
    MISSING,
    PADDED_CONTACT,
    PADDED_CUSTOMER,
    PADDINGS,
    UNKNOWN_REGIONS,
)
from generator.population import (
    CONTRACTS,
    DAY,
    DEVICES,
    LONGEST_TENURE_DAYS,
    PAYMENTS,
    PLANS,
    REGIONS,
    STATUSES,
    Rows,
)

CUSTOMER_COLUMNS = (
    *("customer_id", "status", "join_date", "updated_at", "plan_type", "device_type", "contract_type"),
    *("payment_method", "age", "monthly_charges", "total_charges", "region_id"),
)
EARLIEST_DAY = -LONGEST_TENURE_DAYS - 1
TIMES = [f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(DAY)]
HUNDREDTHS = [f".{c:02d}" for c in range(100)]
THOUSANDTHS = [repr(t / 1000) for t in range(-1000, 1001)]

Codes = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]
Columns = dict[str, pa.Array]


class Calendar:
    """Converts days and seconds counted from a snapshot date (midnight) to text."""

    def __init__(self, snapshot: date) -> None:
        days = range(EARLIEST_DAY, AFTER_DAYS + 1)
        self._days = [(snapshot + timedelta(days=day)).isoformat() for day in days]

    def dates(self, days: Codes) -> pa.Array:
        """The dates, such as 2025-06-30, for `days` from the snapshot, negative before it."""
        return _named(self._days, days - EARLIEST_DAY)

    def moments(self, seconds: Codes) -> pa.Array:
        """The times, such as 2025-06-30T23:59:59, for `seconds` from the snapshot, negative before it."""
        day, second = np.divmod(seconds, DAY)
        return _joined(self.dates(day), _named(TIMES, second))


def header(labelled: bool) -> str:
    """The header line of a customers file. `labelled`: with the status."""
    return ",".join(_columns(labelled)) + "\n"


def customer_lines(rows: Rows, calendar: Calendar, labelled: bool) -> pa.Array:
    """A CSV line, with its newline, for each row of CUSTOMER."""
    columns: Columns = {
        "customer_id": _ids(rows["number"]),
        "status": _named(STATUSES, rows["cancelled"].astype("i1")),
        "join_date": calendar.dates(-rows["tenure_days"]),
        "updated_at": calendar.moments(-rows["updated_before"]),
        "plan_type": _named(PLANS, rows["plan"]),
        "device_type": _named(DEVICES, rows["device"]),
        "contract_type": _named(CONTRACTS, rows["contract"]),
        "payment_method": _named(PAYMENTS, rows["payment"]),
        "age": _whole(rows["age"]),
        "monthly_charges": _money(rows["monthly_cents"]),
        "total_charges": _money(rows["total_cents"]),
        "region_id": _named(REGIONS + UNKNOWN_REGIONS, rows["region"]),
    }
    _pad(columns, rows["padded"], PADDED_CUSTOMER)
    for column, bit in MISSING.items():
        columns[column] = _edited(columns[column], rows["missing"] & bit > 0, _always(""))
    for code, (column, bad) in enumerate(((c, t) for c in BAD_COLUMNS for t in BAD_TEXTS), 1):
        columns[column] = _edited(columns[column], rows["bad_number"] == code, _always(bad))
    names = _columns(labelled)
    cells = [cell for name in names for cell in (columns[name], ",")]
    lines = _joined(*cells[:-1], "\n")
    charges = names.index("monthly_charges")
    lines = _edited(lines, rows["malformed"] == 1, lambda line: ",".join(line.split(",")[:charges]) + "\n")
    return _edited(lines, rows["malformed"] == 2, lambda line: _decimal_comma(line, charges))


def contact_lines(rows: Rows, calendar: Calendar) -> pa.Array:
    """A JSON line, with its newline, for each row of CONTACT."""
    columns: Columns = {
        "customer_id": _ids(rows["owner"]),
        "channel": _named(CHANNELS, rows["channel"]),
        "type": _named(TYPES, rows["type"]),
    }
    _pad(columns, rows["padded"], PADDED_CONTACT)
    tenths = _joined(_whole(rows["duration"] // 10), ".", _whole(rows["duration"] % 10))
    durations = _edited(tenths, rows["duration_text"] == 1, lambda number: f'"{number}"')
    durations = _edited(durations, rows["duration_text"] == 2, lambda number: f'"{float(number) / 60:.0f} min"')
    lines = _joined(
        *('{"customer_id":"', columns["customer_id"], '","ts":"', calendar.moments(rows["at"])),
        *('","channel":"', columns["channel"], '","type":"', columns["type"]),
        *('","duration":', durations, ',"sentiment":', _named(THOUSANDTHS, rows["sentiment"].astype("i4") + 1000)),
        *(',"resolved":', _named(("false", "true"), rows["resolved"].astype("i1")), "}\n"),
    )
    for way, break_line in enumerate((_truncated, _not_an_object, _bad_escape), 1):
        lines = _edited(lines, rows["malformed"] == way, break_line)
    return lines


def text(lines: pa.Array) -> memoryview:
    """The bytes of all `lines`, concatenated, without a copy."""
    if len(lines) == 0:
        return memoryview(b"")
    offsets, characters = lines.buffers()[1:]
    ends = np.frombuffer(offsets, "i4")[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(characters)[ends[0] : ends[-1]]


def _columns(labelled: bool) -> list[str]:
    return [name for name in CUSTOMER_COLUMNS if labelled or name != "status"]


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _named(names: Sequence[str], codes: Codes) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(codes))


def _whole(numbers: Codes) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def _money(cents: Codes) -> pa.Array:
    return _joined(_whole(cents // 100), _named(HUNDREDTHS, cents % 100))


def _ids(numbers: Codes) -> pa.Array:
    return _joined("C-", _whole(numbers))


def _edited(values: pa.Array, where: Mask, edit: Callable[[str], str]) -> pa.Array:
    """`values` with `edit` applied to the few selected by `where`."""
    if not where.any():
        return values
    mask = pa.array(where)
    edits = [edit(value) for value in values.filter(mask).to_pylist()]
    return pc.replace_with_mask(values, mask, pa.array(edits, pa.string()))


def _pad(columns: Columns, padded: Codes, names: Sequence[str]) -> None:
    for code, (name, padding) in enumerate(((n, p) for n in names for p in PADDINGS), 1):
        columns[name] = _edited(columns[name], padded == code, padding.format)


def _always(text: str) -> Callable[[str], str]:
    return lambda _: text


def _decimal_comma(line: str, column: int) -> str:
    cells = line.split(",")
    cells[column] = cells[column].replace(".", ",")
    return ",".join(cells)


def _truncated(line: str) -> str:
    return line[: len(line) * 2 // 3] + "\n"


def _not_an_object(line: str) -> str:
    return json.dumps(list(json.loads(line).values())) + "\n"


def _bad_escape(line: str) -> str:
    return line.replace('"channel":"', '"channel":"\\q', 1)
