"""Prints what the executors see, as one JSON line: `isolation.py PATH...`.

`{"executors": [{"worker", "files", "python", "packages"}]}`. `files` are those of the paths that exist there.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WORKERS = 2
SECONDS = 900


def seen(paths: list[str]) -> Iterator[dict[str, Any]]:
    from importlib.metadata import distributions

    # Long enough for the other worker to take the other parts.
    time.sleep(0.5)
    yield {
        "worker": os.environ["MILLRACE_WORKER"],
        "files": [path for path in paths if Path(path).exists()],
        "python": ".".join(map(str, sys.version_info[:2])),
        "packages": {each.metadata["Name"]: each.version for each in distributions()},
    }


def main(paths: list[str]) -> None:
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("isolation").getOrCreate()
    found: dict[str, dict[str, Any]] = {}
    until = time.monotonic() + SECONDS
    while len(found) < WORKERS and time.monotonic() < until:
        parts = spark.sparkContext.parallelize(range(8), 8)
        found |= {each["worker"]: each for each in parts.mapPartitions(lambda _: seen(paths)).collect()}
    print(json.dumps({"executors": list(found.values())}))
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
