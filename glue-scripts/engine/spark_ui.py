"""Reads the counters of Spark's stages from the REST interface of its UI, on the driver."""

import json
import urllib.request
from typing import Any


def stages_of(ui: str, application: str, seconds: float) -> list[dict[str, Any]]:
    """Every stage that Spark remembers, with its counters. Raises OSError or ValueError if no answer comes in time."""
    # The UI runs on this machine, so a proxy from the environment must not be used.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{ui}/api/v1/applications/{application}/stages", timeout=seconds) as answer:
        stages = json.loads(answer.read())
    if not isinstance(stages, list):
        raise ValueError("the answer is not a list of stages")
    return [stage for stage in stages if isinstance(stage, dict)]
