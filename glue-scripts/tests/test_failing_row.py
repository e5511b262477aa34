"""If SQL or a rule fails on a row, the fault names the file, the cells, the column and a rule that rejects the row."""

import copy
from pathlib import Path

import pytest

from engine.faults import Fault
from tests.small_lake import SmallLake, write_people
from tests.test_transform import altered


def many(lake: SmallLake, tmp_path: Path) -> None:
    lake.begin()
    folder = tmp_path / "data" / "people"
    good = [(f"k{i}", "X", "1990-01-01") for i in range(60)]
    lake.ingest("people", [write_people(folder / "good.csv", good)])
    lake.begin()
    lake.ingest(
        "people", [write_people(folder / "odd.csv", [*good[:5], ("odd", "X", "1e10"), ("fine", "X", "1990-01-01")])]
    )


@pytest.mark.on_engines("sail", "spark")
def test_the_fault_names_the_row_on_which_sql_fails_its_file_and_a_rule(lake: SmallLake, tmp_path: Path) -> None:
    many(lake, tmp_path)
    altered(
        lake, "people_clean", sql=lake.task("people_clean")["sql"].replace("try_cast(p.born", "CAST(nullif(p.born, '')")
    )
    with pytest.raises(Fault) as raised:
        lake.transform("people_clean")
    assert raised.value.code == "MR306"
    assert "people/odd.csv with id=odd, town=X, born=1e10" in raised.value.message
    assert (
        'people.quarantine: { born_is_usable: "born IS NULL OR try_cast(born AS DATE) IS NOT NULL" }'
        in raised.value.hint
    )


def test_with_the_proposed_rule_the_pipeline_succeeds(lake: SmallLake, tmp_path: Path) -> None:
    many(lake, tmp_path)
    altered(
        lake, "people_clean", sql=lake.task("people_clean")["sql"].replace("try_cast(p.born", "CAST(nullif(p.born, '')")
    )
    reads = copy.deepcopy(lake.task("people_clean")["reads"])
    reads[0]["quarantine"] = [{"name": "born_is_usable", "sql": "born IS NULL OR try_cast(born AS DATE) IS NOT NULL"}]
    altered(lake, "people_clean", reads=reads)
    assert lake.transform("people_clean")["quarantined"] == {"born_is_usable": 1}


@pytest.mark.on_engines("sail", "spark")
def test_the_fault_names_the_row_on_which_a_rule_fails(lake: SmallLake, tmp_path: Path) -> None:
    many(lake, tmp_path)
    reads = copy.deepcopy(lake.task("people_clean")["reads"])
    reads[0]["quarantine"] = [{"name": "born", "sql": "born IS NULL OR CAST(born AS DATE) > DATE'1900-01-01'"}]
    altered(lake, "people_clean", reads=reads)
    with pytest.raises(
        Fault, match=r"MR306.*a rule of people_clean on people fails on a row, people/odd.csv with id=odd"
    ):
        lake.transform("people_clean")


def test_a_value_that_only_spark_reads_has_a_separate_code(lake: SmallLake, tmp_path: Path) -> None:
    lake.begin()
    lake.ingest("people", [write_people(tmp_path / "hex.csv", [("h", "X", "0x1p3")])])
    sql = lake.task("people_clean")["sql"].replace("t.size", "CAST(try_cast(p.born AS DOUBLE) AS BIGINT) AS size")
    altered(lake, "people_clean", sql=sql)
    with pytest.raises(Fault, match=r"MR330.*hex.csv with id=h"):
        lake.transform("people_clean")


def test_a_failure_that_no_single_row_causes_is_still_a_fault(lake: SmallLake) -> None:
    sql = lake.task("people_clean")["sql"].replace(
        "t.size", "CAST(9223372036854775800 + count(*) OVER () * 5 AS BIGINT) AS size"
    )
    altered(lake, "people_clean", sql=sql)
    with pytest.raises(Fault, match=r"MR306.*fails on a row: "):
        lake.transform("people_clean")
