"""Imports within the engine go in one direction, and only the adapters know which engine runs."""

import ast
import re
from pathlib import Path
from typing import get_args, get_type_hints

from engine.plan_types import Task, TaskOutcome

ENGINE = Path(__file__).parent.parent / "engine"

ADAPTERS = {"session_sail.py", "session_spark.py", "table_rows.py", "tables_laptop.py", "tables_spark.py"}
ENGINE_LIBRARIES = {"pysail", "pyspark", "delta", "deltalake"}
#: Packages that import nothing of the engine except these modules: faults, plan types, files and words.
LEAVES = {
    "readers": {
        "engine.faults",
        "engine.files",
        "engine.plan_types",
        "engine.readers",
        "engine.record_counts",
        "engine.words",
    },
    "record_counts": {"engine.files", "engine.plan_types", "engine.record_counts"},
    "model": {"engine.faults", "engine.model", "engine.plan_types", "engine.words"},
}


#: Parameters that may be untyped mappings because their values come from outside the engine: name -> content.
UNTYPED = {
    "args": "values of SQL parameters by name",
    "row": "a row of a query with columns of the pipeline",
    "rows": "rows of a query",
    "raw": "a model in the format of XGBoost",
    "tree": "a tree in the format of XGBoost",
    "document": "JSON from another process of the engine",
    "note": "the note of a commit, perhaps of an older engine",
}


def imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_only_the_adapters_import_an_engine() -> None:
    wrong = [
        (file.name, name)
        for file in ENGINE.rglob("*.py")
        if file.name not in ADAPTERS
        for name in imports(file)
        if name.split(".")[0] in ENGINE_LIBRARIES
    ]
    assert wrong == []


def test_no_file_uses_an_api_of_a_single_platform() -> None:
    for file in ENGINE.rglob("*.py"):
        text = file.read_text()
        assert "awsglue" not in text and "_jdf" not in text and ".rdd" not in text, file


def test_readers_counts_and_models_import_nothing_from_the_rest_of_the_engine() -> None:
    for package, known in LEAVES.items():
        for file in (ENGINE / package).rglob("*.py"):
            for name in imports(file):
                if name.startswith("engine"):
                    assert any(name == ok or name.startswith(f"{ok}.") for ok in known), (file.name, name)


def test_a_reader_shares_no_code_with_its_record_count() -> None:
    for file in (ENGINE / "readers").rglob("*.py"):
        counts = [name for name in imports(file) if name.startswith("engine.record_counts")]
        assert counts == [] or file.name == "formats.py", file.name


def test_functions_take_contract_types_instead_of_untyped_mappings() -> None:
    found = [
        (str(file.relative_to(ENGINE)), node.name, argument.arg)
        for file in ENGINE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef)
        for argument in (*node.args.args, *node.args.kwonlyargs)
        if argument.annotation is not None and "Mapping[str, Any]" in ast.unparse(argument.annotation)
    ]
    assert [entry for entry in found if entry[2] not in UNTYPED] == []


def test_no_task_kind_is_compared_outside_its_record() -> None:
    kinds = set(get_args(get_type_hints(TaskOutcome)["kind"]))
    assert kinds == {get_args(get_type_hints(task)["kind"])[0] for task in get_args(Task)}
    top = ENGINE.parent
    found = [
        f"{file.relative_to(top)}:{node.lineno} {ast.unparse(node)}"
        for file in [*top.glob("*.py"), *ENGINE.rglob("*.py"), *(top / "discovery").rglob("*.py")]
        if file.name != "task_kinds.py"
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Compare | ast.Match | ast.Dict)
        for text in ast.walk(node)
        if isinstance(text, ast.Constant) and text.value in kinds
        if isinstance(node, ast.Match) or "kind" in ast.unparse(node)
    ]
    assert found == []


def test_each_type_ignore_has_a_reason() -> None:
    for file in ENGINE.rglob("*.py"):
        for line in file.read_text().splitlines():
            assert "type: ignore" not in line or re.search(r"type: ignore\[[a-z-]+\]  # \w", line), (file, line)
