"""Before a model is trained: finds the live version, whether there is anything new to learn, and how far new rows have drifted."""

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from engine.faults import Fault
from engine.files import copy_of, write_text
from engine.job import Job
from engine.lake import Lake
from engine.model.document_types import Distribution, Learned, Review
from engine.model.learned import Hashes, read_rows, unseen_rows
from engine.model.rivals import Rival
from engine.plan_types import TrainTask
from engine.promotions import last_good, promotions

#: Drift is not measured on fewer new rows than this: it would be chance.
LEAST_ROWS = 100


@dataclass(frozen=True)
class Live:
    """The live version. `seen` are the hashes of the rows it learned from; None if its files cannot be read."""

    rival: Rival
    seen: Hashes | None


def live_of(lake: Lake, model: str) -> tuple[Live | None, list[Rival]]:
    """The live version, None before the first promotion, and all versions that a candidate is compared with.

    These are the live version and the one that a rollback would restore, because a rollback may happen during training.
    """
    log = promotions(lake, model)
    if not log:
        return None, []
    live = opened(lake, model, int(log[-1]["version"]))
    before = last_good(log)
    return live, [live.rival, *([] if before is None else [opened(lake, model, before).rival])]


def opened(lake: Lake, model: str, version: int) -> Live:
    from engine.model.artefact import read_model

    with copy_of(lake.version(model, version)) as folder:
        try:
            found = read_model(folder)
            dossier = json.loads((folder / "dossier.json").read_text())
            return Live(Rival(version, found, dossier), read_rows(folder))
        except (Fault, OSError, ValueError):
            return Live(Rival(version, None), None)


def review(job: Job[TrainTask], live: Live, rows: pa.Table, hashes: Hashes, learned: Learned) -> str | None:
    """Write the review of this run, `contracts/review.schema.json`. Returns why there is nothing new to learn; None if there is.

    `hashes` are the hashes of `rows`, `learned` the fingerprints of the labelled rows.
    """
    task, version = job.task, live.rival.version
    new = rows if live.seen is None else rows.filter(pa.array(unseen_rows(hashes, live.seen)))
    document: Review = {
        "format": "millrace-review",
        "version": 1,
        "run": job.work["run"],
        "model": task["model"],
        "against": version,
        "new_rows": 0 if live.seen is None else new.num_rows,
    }
    if live.seen is not None and new.num_rows >= LEAST_ROWS:
        document["distribution"] = moved(live.rival, new, task)
    unchanged = None
    if live.rival.dossier is not None and live.rival.dossier.get("learned") == learned:
        unchanged = f"nothing new to learn: the live v{version} learned from the same rows in the same way"
        document["unchanged"] = unchanged
    write_text(job.lake.review(task["model"], job.work["run"]), json.dumps(document))
    return unchanged


def moved(rival: Rival, new: pa.Table, task: TrainTask) -> Distribution:
    """The distribution of the new rows' inputs, and of the live version's scores for them."""
    from engine.model.distribution import distribution
    from engine.model.score import score

    try:
        scores = score(rival.model, new) if rival.model is not None else np.zeros(0)
    except (Fault, KeyError):
        scores = np.zeros(0)  # the live version reads columns that no longer exist
    return distribution(new, task["inputs"], scores)
