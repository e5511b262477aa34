"""The model artefact: a folder of data with a SHA-256 manifest. A half-written one never bears the name of a model."""

import hashlib
import json
import platform
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

from engine.faults import Fault
from engine.model.roc_picture import draw_roc
from engine.model.train import Trained


def write_model(
    trained: Trained, folder: Path, *, pipeline: str, name: str, model_version: int, data: list[dict[str, Any]]
) -> dict[str, Any]:
    """Write model.json, dossier.json, roc_curve.png and manifest.json. Returns metrics, rows and the chosen grid point."""
    model = {
        "format": "millrace-model",
        "version": 1,
        "pipeline": pipeline,
        "name": name,
        "model_version": model_version,
        "data": data,
        "libraries": libraries(),
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
    title = f"{name} v{model_version}: ROC from scores, AUC {trained.model['metrics']['auc']:.4f}"
    draw_roc(beside / "roc_curve.png", trained.dossier["roc"], title)
    files = {path.name: described(path) for path in sorted(beside.iterdir())}
    manifest = {"format": "millrace-manifest", "version": 1, "files": files}
    (beside / "manifest.json").write_text(canonical(manifest))
    # A stage that is tried again trains again, to the same bytes.
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
    return {**trained.model["metrics"], "rows": trained.model["rows"], "chosen": trained.model["chosen"]}


def read_model(folder: Path) -> dict[str, Any]:
    """The model, its bytes checked. Raises MR404 where they are not those that were written."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, known in manifest["files"].items():
        path = folder / name
        if not path.exists() or described(path)["sha256"] != known["sha256"]:
            message = f"{name} is not the file that was written: its SHA-256 differs from the manifest"
            raise Fault("MR404", str(path), message, "restore the folder, or delete it and run the pipeline again")
    return dict(json.loads((folder / "model.json").read_text()))


def described(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def canonical(document: Any) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)


def libraries() -> dict[str, str]:
    found = {name: version(name) for name in ("numpy", "pyarrow")}
    return {**found, "python": platform.python_version(), "xgboost": version("xgboost-cpu")}
