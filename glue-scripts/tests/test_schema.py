"""A plan and a work order are validated against the contract before anything runs."""

import copy
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.faults import Fault
from engine.schema import WORDS, misfits, plan_of, schema_of, work_of
from tests.small_lake import golden_plan, work_order

ENGINE = Path(__file__).parent.parent / "engine"
CONTRACTS = Path(__file__).parent.parent.parent / "contracts"


def refused(plan: object) -> str:
    with pytest.raises(Fault) as found:
        plan_of(plan, "p.json")
    assert (found.value.code, found.value.path) == ("MR750", "p.json")
    return found.value.message.removeprefix("the plan does not fit this engine: ")


@pytest.mark.parametrize("name", ["small", "churn"])
def test_the_golden_plans_are_valid(name: str) -> None:
    plan = golden_plan(name)
    assert plan_of(copy.deepcopy(plan), "p.json") == plan


def test_a_work_order_is_valid_with_and_without_a_list_of_files() -> None:
    assert work_of(work_order([{"task": "towns"}]), "w.json")["run"] == "r1"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda plan: plan.update(version=2), "version: 2 is not 1"),
        (lambda plan: plan.update(pipeline=7), "pipeline: 7 is not of type string"),
        (lambda plan: plan.pop("stages"), "the document: stages is missing"),
        (lambda plan: plan.update(colour="red"), "the document: colour is unknown"),
        (lambda plan: plan["tasks"][1].pop("columns"), "tasks[1]: columns is missing"),
        (
            lambda plan: plan["tasks"][0]["source"].update(format="xml"),
            'tasks[0].source.format: "xml" is not one of "csv", "json"',
        ),
        (lambda plan: plan["tasks"][0]["source"].pop("format"), "tasks[0].source: format is missing"),
        (lambda plan: plan["tasks"][0]["columns"][0].update(type="decimal(9)"), "tasks[0].columns[0].type: "),
        (lambda plan: plan["tasks"][0]["columns"][0].update(nullable=0), "tasks[0].columns[0].nullable: 0 is not of"),
        (lambda plan: plan["tasks"][0]["fingerprint"]["parts"].update(sql=1), "tasks[0].fingerprint.parts.sql: 1 is"),
        (lambda plan: plan["stages"][0].update(timeoutSeconds=1.5), "stages[0].timeoutSeconds: 1.5 is not of type int"),
        (lambda plan: plan["stages"][0].update(timeoutSeconds=True), "stages[0].timeoutSeconds: true is not of type"),
    ],
)
def test_an_invalid_plan_is_refused_with_the_place(change: Callable[[Any], object], wrong: str) -> None:
    plan = golden_plan("small")
    change(plan)
    assert refused(plan).startswith(wrong)


@pytest.mark.parametrize("document", [None, [], 3, "a plan", True])
def test_a_value_that_is_not_a_document_is_refused(document: object) -> None:
    assert "is not of type object" in refused(document)


def test_a_file_of_negative_size_is_refused() -> None:
    file = {"path": "a", "uri": "a", "etag": "e", "size": -1, "replace": False}
    with pytest.raises(Fault, match=r"items\[0\]\.files\[0\]\.size: -1 is less than 0") as found:
        work_of(work_order([{"task": "towns", "files": [file]}]), "w.json")
    assert found.value.code == "MR751"


def test_no_schema_has_a_keyword_that_the_validator_ignores() -> None:
    def words(schema: Any) -> set[str]:
        """The keywords of a schema, without the names of properties and definitions."""
        if isinstance(schema, list):
            return set().union(*map(words, schema))
        if not isinstance(schema, dict):
            return set()
        named = [value for key in ("properties", "$defs") for value in schema.get(key, {}).values()]
        rest = [value for key, value in schema.items() if key not in ("properties", "$defs", "enum", "const")]
        return set(schema).union(*map(words, [*named, *rest]))

    for name in ("plan", "work"):
        schema = schema_of(name)
        assert words(schema) <= WORDS
        assert schema == json.loads((CONTRACTS / f"{name}.schema.json").read_text())
    with pytest.raises(NotImplementedError):
        list(misfits(1, {"multipleOf": 2}, {}, ""))


def test_the_schemas_are_found_in_a_zip_file_as_glue_and_emr_get_the_engine(tmp_path: Path) -> None:
    packed = tmp_path / "engine.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in [*ENGINE.glob("*.py"), *ENGINE.glob("contracts/*.json")]:
            archive.write(file, file.relative_to(ENGINE.parent))
    code = "import engine, engine.schema as s; print(engine.__file__, len(s.schema_of('plan')['properties']))"
    ran = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(packed)}, capture_output=True, cwd=tmp_path
    )
    assert ran.stdout.decode().split() == [f"{packed}/engine/__init__.py", "6"], ran.stderr
