import pytest

from engine.faults import Fault
from tests.test_readers_files import read_bytes, task

NAMES = ["customer_id", "name", "region"]


def fault(data: bytes, columns: list[str] | None = None, **more: object) -> Fault:
    with pytest.raises(Fault) as e:
        read_bytes(task("csv", columns or NAMES, **more), data)
    assert e.value.path == "in/file"
    return e.value


def test_a_file_with_only_a_header_has_no_records() -> None:
    assert read_bytes(task("csv", NAMES), b"customer_id,name,region") == ([], [])


def test_the_header_of_a_joined_file_is_rejected_and_not_a_row() -> None:
    one = b"customer_id,name,region\n1,a,X\n"
    for other in (one, b"\xef\xbb\xbf" + one, one.replace(b"name", b'" name "')):
        rows = read_bytes(task("csv", NAMES), one + other)
        assert [row["customer_id"] for row in rows.good] == ["1", "1"]
        assert (rows.rules, rows.rejected[0]["reason"]) == (
            ["csv:header"],
            "line 3: the header again: several files were joined into one",
        )
    # A part of the columns may be declared, or renamed.
    assert read_bytes(task("csv", ["region", "name"]), one + one).rules == ["csv:header"]


def test_a_cell_that_is_equal_to_its_columns_name_is_a_value() -> None:
    assert [row["name"] for row in read_bytes(task("csv", ["name"]), b"name\nname\n").good] == ["name"]
    rows = read_bytes(task("csv", NAMES), b"customer_id,name,region\ncustomer_id,name,X\n,name,region\n")
    assert (len(rows.good), rows.rejected) == (2, [])
    assert read_bytes(task("csv", NAMES, header=0), b"customer_id,name,region\n").rejected == []
    typed = task("csv", {"customer_id": "string", "name": "string", "region": "int"})
    assert read_bytes(typed, b"customer_id,name,region\ncustomer_id,name,region\n").rules == ["csv:type:region"]


def test_a_missing_column_is_named_with_the_header_and_the_nearest_name() -> None:
    found = fault(b"custmer_id,name,zone\n1,2,3\n")
    assert found.code == "MR203"
    assert found.message == ('the header lacks "customer_id", "region"; it has "custmer_id", "name", "zone"')
    assert found.hint == 'did you mean "custmer_id" for "customer_id"? Map it with `headers`'


def test_a_name_in_another_case_is_suggested() -> None:
    assert '"REGION" for "region"' in fault(b"customer_id,name,REGION\n").hint


@pytest.mark.parametrize(("found", "words"), [(";", "a semicolon"), ("\t", "a tab"), ("|", "a bar")])
def test_a_wrong_delimiter_is_recognised(found: str, words: str) -> None:
    e = fault(found.join(NAMES).encode() + b"\n1\n")
    assert e.code == "MR204"
    assert e.message == "the header is one field when split at a comma (',')"
    assert e.hint == f"the columns are separated by {words}: delimiter: {found!r}"


def test_a_comma_is_recognised_if_another_delimiter_is_declared() -> None:
    assert "a comma" in fault(b"\xef\xbb\xbfcustomer_id, name ,region\n", delimiter=";").hint


def test_a_duplicate_column_is_a_fault() -> None:
    e = fault(b"customer_id,name,region,name\n")
    assert (e.code, e.message) == ("MR203", 'the header has "name" more than once')


def test_an_undeclared_column_may_be_duplicate() -> None:
    assert read_bytes(task("csv", ["b"]), b"a,b,a,\n1,2,3,4\n").cells == [("2",)]


def test_a_file_in_utf16_is_recognised() -> None:
    assert "encoding: 'utf-16'" in fault("customer_id,name,region\n".encode("utf-16")).hint


@pytest.mark.parametrize("header", [b'"customer_id,name\n1,2,3\n', b"\xff\xfd\xfe\n", b"\0", b'"', b",,\n"])
def test_a_damaged_header_is_a_fault_and_not_a_crash(header: bytes) -> None:
    assert fault(header).code == "MR203"
