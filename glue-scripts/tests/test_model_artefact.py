import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.faults import Fault
from engine.model.artefact import canonical, read_model, write_model
from engine.model.train import Trained, train
from tests.learning_data import labelled, task
from tests.small_lake import GOLDEN

FILES = ["dossier.json", "manifest.json", "model.json", "roc_curve.png", "rows.bin"]
SEEN = np.array([7, 3, 2**64 - 1], dtype=np.uint64)


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(labelled(900), task())


@pytest.fixture
def folder(tmp_path: Path, trained: Trained) -> Path:
    return written(trained, tmp_path / "v1")


def written(trained: Trained, folder: Path, name: str = "m") -> Path:
    data = [{"table": "features", "version": 3}]
    write_model(trained, folder, pipeline="p", name=name, model_version=1, data=data, seen=SEEN)
    return folder


def test_a_written_model_can_be_read_and_leaves_no_other_files(folder: Path) -> None:
    assert read_model(folder)["name"] == "m"
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert [path.name for path in folder.parent.iterdir()] == ["v1"]


def test_the_documents_are_canonical_and_valid(folder: Path) -> None:
    contracts = GOLDEN.parent
    for name in ("model", "dossier", "manifest"):
        text = (folder / f"{name}.json").read_text()
        document: dict[str, Any] = json.loads(text)
        assert text == canonical(document) and "NaN" not in text and "Infinity" not in text
        schema = json.loads((contracts / f"{name}.schema.json").read_text())
        assert set(document) == set(fields_of(schema, document))
    model = read_model(folder)
    assert set(model["libraries"]) == {"xgboost", "numpy", "pyarrow", "python"}
    assert model["data"] == [{"table": "features", "version": 3}]


def fields_of(schema: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """Those of the alternative that has the document's objective and algorithm, where there are alternatives."""
    fields = schema.get("properties", {})
    other = any(document[name] != fields[name]["const"] for name in ("objective", "algorithm") if name in fields)
    return (
        []
        if other
        else [*fields, *(name for choice in schema.get("oneOf", []) for name in fields_of(choice, document))]
    )


def test_the_roc_curve_is_a_picture(folder: Path) -> None:
    assert (folder / "roc_curve.png").read_bytes().startswith(b"\x89PNG")


def test_writing_the_same_model_again_changes_nothing(folder: Path, trained: Trained) -> None:
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    written(trained, folder)
    assert {path.name: path.stat().st_ino for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["v1"]


def test_another_model_or_a_damaged_one_is_replaced_completely(folder: Path, trained: Trained) -> None:
    written(trained, folder, name="n")
    assert read_model(folder)["name"] == "n"
    (folder / "dossier.json").unlink()
    written(trained, folder, name="n")
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert [path.name for path in folder.parent.iterdir()] == ["v1"]


def test_an_interrupted_write_leaves_no_model_and_does_not_block_the_next(tmp_path: Path, trained: Trained) -> None:
    folder = tmp_path / "v1"
    broken = Trained({**trained.model, "base_margin": float("nan")}, trained.dossier, [])
    with pytest.raises(ValueError):
        written(broken, folder)
    assert not folder.exists()
    assert read_model(written(trained, folder))["name"] == "m"
    assert [path.name for path in tmp_path.iterdir()] == ["v1"]


@pytest.mark.parametrize("name", ["model.json", "dossier.json", "roc_curve.png"])
def test_a_file_that_does_not_match_its_checksum_is_a_fault(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-2] + b"0" + content[-1:])
    with pytest.raises(Fault, match=f"MR404.*{name}"):
        read_model(folder)


@pytest.mark.parametrize("manifest", [None, "", "[]", '{"files":{}}', '{"files":{"model.json":{}}}'])
def test_a_manifest_without_the_model_is_a_fault(folder: Path, manifest: str | None) -> None:
    if manifest is None:
        (folder / "manifest.json").unlink()
    else:
        (folder / "manifest.json").write_text(manifest)
    with pytest.raises(Fault, match="MR404"):
        read_model(folder)
