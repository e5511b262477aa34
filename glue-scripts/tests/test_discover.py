"""What `discover` proposes of a file reads that file without rejects, where the data are clean."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from discover import column_names, look_at_csv, look_at_json, look_at_parquet
from engine.readers import read_file

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
    task = {"format": format_, "columns": columns, "headers": headers, "delimiter": proposal.get("delimiter")}
    chunks = list(read_file(task, str(path), source_file="x", etag="e"))
    return sum(c.good.num_rows for c in chunks), sum(c.rejected.num_rows for c in chunks)


@pytest.mark.parametrize("name", CLEAN)
def test_what_is_proposed_of_real_data_reads_all_of_them(name: str) -> None:
    path = SHARED / name
    if not path.exists():
        pytest.skip("the shared data are absent")
    look, format_ = (look_at_csv, "csv") if name.endswith(".csv") else (look_at_parquet, "parquet")
    proposal = look(str(path))
    assert proposal["rows"] > 0
    assert read(format_, path, proposal) == (proposal["rows"], 0)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_csv_is_found_whatever_its_cells_hold(delimiter: str, tmp_path: Path) -> None:
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


def test_json_lines_have_the_types_of_their_values_and_nulls_where_some_lack_one(tmp_path: Path) -> None:
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


def test_what_is_not_sure_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"1,2\n3\n\xff,4\n")
    notes = " ".join(look_at_csv(str(path))["notes"])
    assert "UTF-8" in notes and "no header" in notes and "1 of 2 records" in notes
    pq.write_table(pa.table({"a": [[1]], "b": [None]}), tmp_path / "x.parquet")
    assert [c["name"] for c in look_at_parquet(str(tmp_path / "x.parquet"))["columns"]] == []


def test_names_are_those_that_a_definition_takes_and_each_is_one() -> None:
    assert column_names(["_id", "@timestamp", "ID", "id", "", "2020", "März"]) == [
        *("id", "timestamp", "ID_3", "id_4", "c_5", "c_2020", "M_rz")
    ]
