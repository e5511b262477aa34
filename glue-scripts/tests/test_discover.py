"""A source that `discover` proposes for clean data reads the file without rejects."""

import bz2
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from discovery.csv_records import look_at_csv
from discovery.formats import look_at
from discovery.json_lines import look_at_json
from discovery.names import column_names
from discovery.parquet_file import look_at_parquet
from engine.readers import read_file
from tests.sources import source_of

SHARED = Path(__file__).parents[3] / "shared" / "data"
CLEAN = [
    "churn/churn-bigml-20.csv",
    "churn/telco_ibm.csv",
    "churn/telecom_customer_churn_maven.csv",
    "churn/telecom_zipcode_population.csv",
    "housing/housing_california.csv",
    "dirty/raha/beers/clean.csv",
    "dirty/raha/hospital/clean.csv",
    "purchases/completejourney_products.parquet",
]


def read(format_: str, path: Path, proposal: dict[str, Any]) -> tuple[int, int]:
    columns = proposal["columns"]
    headers = {c["name"]: c["header"] for c in columns if c["name"] != c["header"]}
    options = proposal["options"] | ({"delimiter": proposal["delimiter"]} if "delimiter" in proposal else {})
    task = {"source": source_of(format_, headers=headers, **options), "columns": columns}
    chunks = list(read_file(task, str(path), source_file="x", etag="e"))
    return sum(c.good.num_rows for c in chunks), sum(c.rejected.num_rows for c in chunks)


@pytest.mark.parametrize("name", CLEAN)
def test_a_source_proposed_for_real_data_reads_all_of_it(name: str) -> None:
    path = SHARED / name
    if not path.exists():
        pytest.skip("the shared data are absent")
    look, format_ = (look_at_csv, "csv") if name.endswith(".csv") else (look_at_parquet, "parquet")
    proposal = look(str(path))
    assert proposal["rows"] > 0
    assert read(format_, path, proposal) == (proposal["rows"], 0)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_csv_is_found_whatever_its_cells_contain(delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        delimiter.join(["a b", "A_b", '"x,y;z|"']) + "\n" + delimiter.join(["1", "2024-01-01", '"p, q; r"\n']) * 3
    )
    proposal = look_at_csv(str(path))
    assert proposal["delimiter"] == delimiter
    assert [(c["name"], c["holds"]) for c in proposal["columns"]] == [
        ("a_b", "int"),
        ("A_b_2", "date"),
        ("x_y_z", "string"),
    ]
    assert read("csv", path, proposal) == (3, 0)


def test_json_columns_have_the_types_of_their_values_and_are_nullable_if_a_key_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    rows = [
        {"i": 1, "n": 2**40, "d": 1, "b": True, "t": "2024-01-31", "u": "2024-01-31T10:00:00Z", "s": "x"},
        {"i": -1, "n": 1, "d": 0.5, "b": False, "t": "2024-02-01", "u": "2024-01-31T10:00:00Z", "s": None},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    proposal = look_at_json(str(path))
    types = {c["name"]: c["type"] + "?" * c["nullable"] for c in proposal["columns"]}
    assert types == {
        **{"i": "int", "n": "bigint", "d": "double", "b": "boolean", "t": "date", "u": "timestamp", "s": "string?"}
    }
    assert read("json", path, proposal) == (2, 0)


def test_uncertain_findings_have_notes(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"1,2\n3\n\xff,4\n")
    notes = " ".join(look_at_csv(str(path))["notes"])
    assert "UTF-8" in notes and "the file has no header" in notes and "1 of 3 records" in notes
    pq.write_table(pa.table({"a": [[1]], "b": [None]}), tmp_path / "x.parquet")
    assert [c["name"] for c in look_at_parquet(str(tmp_path / "x.parquet"))["columns"]] == []


def test_names_are_valid_in_a_definition_and_unique() -> None:
    assert column_names(["_id", "@timestamp", "ID", "id", "", "2020", "März"]) == [
        *("id", "timestamp", "ID_3", "id_4", "c_5", "c_2020", "M_rz")
    ]


def test_the_type_fits_nearly_all_cells_and_the_others_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = [f"{i},2024-01-{i % 28 + 1:02},{i / 4}" for i in range(1000)]
    rows[7], rows[8], rows[9] = "7,n/a,1", "8,2024-02-30,-", "9,,3"
    path.write_text("id,day,amount\n" + "\n".join(rows) + "\n")
    found = {c["name"]: (c["holds"], c["note"]) for c in look_at_csv(str(path))["columns"]}
    assert found == {
        "id": ("int", ""),
        "day": ("date?", '2 of 999 are not: "n/a", "2024-02-30"'),
        "amount": ("double", '1 of 1,000 is not: "-"'),
    }
    rows[10:20] = ["10,soon,1"] * 10
    path.write_text("id,day,amount\n" + "\n".join(rows) + "\n")
    assert [c["holds"] for c in look_at_csv(str(path))["columns"]][1] == "string?"


def test_the_type_fits_nearly_all_json_values_and_a_run_quarantines_the_others(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    values = [*range(500), "5 min"]
    path.write_text("".join(json.dumps({"seconds": value}) + "\n" for value in values))
    proposal = look_at_json(str(path))
    assert [(c["type"], c["note"]) for c in proposal["columns"]] == [("int", '1 of 501 is not: "5 min": quarantined')]
    assert read("json", path, proposal) == (500, 1)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_compressed_files_are_unpacked_as_in_a_run(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / ("x.csv.gz" if pack is gzip.compress else "x.csv.bz2")
    path.write_bytes(pack(b"id;name\n1;a\n2;b\n"))
    proposal = look_at_csv(str(path))
    assert (proposal["delimiter"], proposal["rows"]) == (";", 2)
    assert read("csv", path, proposal) == (2, 0)


def test_columns_of_a_file_without_a_header_are_found_by_position(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("".join(f"{i};Ann;1990-01-0{i % 9 + 1}\n" for i in range(20)))
    proposal = look_at_csv(str(path))
    assert proposal["options"] == {"delimiter": ";", "header": 0}
    assert [(c["name"], c["holds"]) for c in proposal["columns"]] == [
        ("c_1", "int"),
        ("c_2", "string"),
        ("c_3", "date"),
    ]
    assert read("csv", path, proposal) == (20, 0)
    # Years are column names here, not cells of a first record.
    path.write_text("city,2023,2024\n" + "".join(f"c{i},a{i},b{i}\n" for i in range(20)))
    assert "header" not in look_at_csv(str(path))["options"]


def test_csv_is_recognised_by_its_delimiters_and_utf_16_by_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("".join(f"started {i}{', then, more' * (i % 3)}\n" for i in range(30)))
    assert (look_at(str(path), ["csv", "text"])["format"], look_at(str(path), ["csv", "text"])["rows"]) == ("text", 30)
    path.write_text("id\tname\n1\ta\n2\tb\n", encoding="utf-16")
    proposal = look_at(str(path), ["csv", "text"])
    assert (proposal["format"], proposal["options"]) == ("csv", {"encoding": "utf-16", "delimiter": "\t"})
    assert read("csv", path, proposal) == (2, 0)


def test_json_that_is_not_json_lines_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{"a": 1}], indent=1))
    assert "one object per line" in " ".join(look_at_json(str(path))["notes"])
