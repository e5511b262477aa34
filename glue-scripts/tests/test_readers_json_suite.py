"""nst/JSONTestSuite: 318 texts that must be, must not be, or may be accepted as JSON. Each is a file of one line here."""

import json
import tarfile
from functools import cache

import pytest

from engine.faults import Fault
from tests.test_readers_files import DATA, needs_data, read_bytes, task

#: Files in UTF-16, which no source of JSON lines is.
UTF_16 = [f"i_string_{kind}.json" for kind in ("UTF-16LE_with_BOM", "utf16BE_no_BOM", "utf16LE_no_BOM")]

SUITE = DATA / "dirty" / "JSONTestSuite.tar.gz"
ANY = task("json", ["a"])


@cache
def texts() -> dict[str, bytes]:
    if not SUITE.is_file():
        return {}
    with tarfile.open(SUITE) as archive:
        members = [m for m in archive.getmembers() if m.name.endswith(".json") and "/test_parsing/" in m.name]
        return {m.name.rsplit("/", 1)[1]: archive.extractfile(m).read() for m in members}  # type: ignore[union-attr]


def names(kind: str) -> list[str]:
    # If the suite is absent, collect one test that is skipped.
    return sorted(name for name in texts() if name.startswith(kind)) or ["absent"]


def on_one_line(text: bytes) -> bytes:
    """Line ends between tokens are blanks to JSON, and record ends to JSON lines."""
    return text.strip(b"\n").replace(b"\n", b" ")


@needs_data
def test_the_suite_is_complete() -> None:
    assert [len(names(kind)) for kind in ("y_", "n_", "i_")] == [95, 188, 35]


@needs_data
@pytest.mark.parametrize("name", names("y_"))
def test_valid_json_is_accepted(name: str) -> None:
    text = on_one_line(texts()[name])
    value = json.loads(text)
    columns = list(value) if isinstance(value, dict) and value else ["a"]
    rows = read_bytes(task("json", columns), text)
    if "duplicated_key" in name:
        # Valid JSON, but no one knows which of the two values is meant.
        assert (rows.good, rows.rules) == ([], ["json:duplicate"])
    elif isinstance(value, dict) and value:
        assert [set(row) - {"_row"} for row in rows.good] == [set(value)]
        assert rows.rejected == []
    else:
        assert rows.rules == ["json:object"]


@needs_data
@pytest.mark.parametrize("name", names("n_"))
def test_invalid_json_is_rejected(name: str) -> None:
    text = texts()[name]
    rows = read_bytes(ANY, text)
    assert rows.good == []
    if name in ("n_structure_no_data.json", "n_structure_UTF8_BOM_no_data.json"):
        assert rows.rejected == []
        return
    assert set(rows.rules) <= {"json:syntax", "json:object", "encoding"}
    if name == "n_string_unescaped_newline.json":
        return  # only its line end is invalid
    joined = read_bytes(ANY, on_one_line(text))
    assert joined.rules in (["json:syntax"], ["encoding"])
    assert joined.raw == [on_one_line(text).decode(errors="backslashreplace").rstrip("\r")]


@needs_data
@pytest.mark.parametrize("name", names("i_"))
def test_json_that_may_be_either_is_accepted_or_rejected(name: str) -> None:
    if name in UTF_16:
        with pytest.raises(Fault, match=r"MR210.*UTF-16.*declare encoding"):
            read_bytes(ANY, texts()[name])
        return
    rows = read_bytes(ANY, on_one_line(texts()[name]))
    assert len(rows.good) + len(rows.rejected) == 1
