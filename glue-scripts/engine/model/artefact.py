"""The model artefact: a folder of data with a SHA-256 manifest. A partly written folder never has the name of a version."""

import hashlib
import json
import platform
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from engine.faults import Fault
from engine.model.algorithm import Algorithm
from engine.model.document_types import ManifestFile, Model, TrainedOn
from engine.model.learned import Hashes, write_rows
from engine.model.records import ALGORITHMS, OBJECTIVES
from engine.model.train import Trained

#: What a task reports of a model, besides name, version and folder.
SUMMARY = ("objective", "algorithm", "metrics", "rows", "chosen")


def write_model(
    trained: Trained,
    folder: Path,
    *,
    pipeline: str,
    name: str,
    model_version: int,
    data: list[TrainedOn],
    seen: Hashes,
) -> dict[str, Any]:
    """Write model.json, dossier.json, rows.bin, pictures and manifest.json. Returns the summary.

    `seen` has a hash for each row that the features table had, labelled or not.

    The folder appears whole or not at all; a folder with the same files is not replaced.
    """
    model = {
        "format": "millrace-model",
        "version": 1,
        "pipeline": pipeline,
        "name": name,
        "model_version": model_version,
        "data": data,
        "libraries": libraries(ALGORITHMS[trained.model["algorithm"]]),
        **trained.model,
    }
    dossier = {
        "format": "millrace-dossier",
        "version": 1,
        "name": name,
        "model_version": model_version,
        **trained.dossier,
    }
    beside = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    (beside / "model.json").write_text(canonical(model))
    (beside / "dossier.json").write_text(canonical(dossier))
    write_rows(beside, seen)
    OBJECTIVES[trained.model["objective"]].picture(beside, f"{name} v{model_version}", trained.dossier)
    files = {path.name: described(path) for path in sorted(beside.iterdir())}
    manifest = {"format": "millrace-manifest", "version": 1, "files": files}
    (beside / "manifest.json").write_text(canonical(manifest))
    publish(beside, folder, canonical(manifest))
    return {name: trained.model[name] for name in SUMMARY}


def publish(beside: Path, folder: Path, manifest: str) -> None:
    """Give the finished folder its name. A retried stage trains the same bytes again; then there is nothing to do."""
    written = folder / "manifest.json"
    if written.exists() and written.read_text() == manifest and altered(folder, json.loads(manifest)["files"]) is None:
        shutil.rmtree(beside)
        return
    # The old folder is moved away, not deleted in place: readers find a whole folder or none.
    before = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.rename(before)
    beside.rename(folder)
    shutil.rmtree(before, ignore_errors=True)


def read_model(folder: Path) -> Model:
    """Read a model and check its bytes. Raises MR404 if they differ from the manifest, or if that is missing."""
    try:
        files = json.loads((folder / "manifest.json").read_text())["files"]
        wrong = altered(folder, files) if "model.json" in files else "model.json"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        wrong = "manifest.json"
    if wrong is not None:
        why = "it is missing or damaged" if wrong == "manifest.json" else "its SHA-256 differs from the manifest"
        hint = "restore the folder, or delete it and run the pipeline again"
        raise Fault("MR404", str(folder / wrong), f"{wrong} is not the file that was written: {why}", hint)
    return cast(Model, json.loads((folder / "model.json").read_text()))


def altered(folder: Path, files: Mapping[str, ManifestFile]) -> str | None:
    """The first file of a manifest that is missing or has different bytes."""
    for name, known in files.items():
        path = folder / name
        if not path.is_file() or described(path)["sha256"] != known["sha256"]:
            return name
    return None


def described(path: Path) -> ManifestFile:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def canonical(document: Any) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)


def libraries(algorithm: Algorithm) -> dict[str, str]:
    trained_with = {name: version(package) for name, package in algorithm.libraries}
    return {
        **trained_with,
        **{name: version(name) for name in ("numpy", "pyarrow")},
        "python": platform.python_version(),
    }
