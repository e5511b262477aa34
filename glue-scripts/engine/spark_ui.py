"""What Spark tells of its stages: the REST interface of its own UI, on the driver."""

import json
import urllib.request
from typing import Any


def stages_of(ui: str, application: str, seconds: float) -> list[dict[str, Any]]:
    """Every stage that Spark remembers, with its counters. Raises OSError or ValueError where no answer comes in time."""
    # A proxy of the environment is for elsewhere.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{ui}/api/v1/applications/{application}/stages", timeout=seconds) as answer:
        stages = json.loads(answer.read())
    if not isinstance(stages, list):
        raise ValueError("the answer is no list of stages")
    return [stage for stage in stages if isinstance(stage, dict)]
