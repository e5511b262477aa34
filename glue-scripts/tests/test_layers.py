"""Imports of the engine go one way, and only the adapters know which engine runs."""

import ast
from pathlib import Path

ENGINE = Path(__file__).parent.parent / "engine"

ADAPTERS = {"session.py", "tables.py", "tables_laptop.py", "tables_spark.py"}
ENGINE_LIBRARIES = {"pysail", "pyspark", "delta", "deltalake"}
#: Packages that know nothing of the rest of the engine but faults, and how a place is opened.
LEAVES = {"readers": {"engine.faults", "engine.files", "engine.readers"}, "model": {"engine.faults", "engine.model"}}


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


def test_no_file_uses_what_only_one_place_has() -> None:
    for file in ENGINE.rglob("*.py"):
        text = file.read_text()
        assert "awsglue" not in text and "_jdf" not in text and ".rdd" not in text, file


def test_readers_and_models_know_nothing_of_the_rest() -> None:
    for package, known in LEAVES.items():
        for file in (ENGINE / package).glob("*.py"):
            for name in imports(file):
                if name.startswith("engine"):
                    assert any(name == ok or name.startswith(f"{ok}.") for ok in known), (file.name, name)
