"""Runs tests on JVM Spark, all in one process of its Python environment, because a JVM takes longer to start than most tests take.

A test with the mark `on_engines("sail", "spark")` exists twice. The id of the one named `spark` is sent to this process, which runs it
with pytest and reports the result. Usage: `python -m tests.jvm FOLDER`, where FOLDER holds pytest. Each line on stdin is a test id as
JSON, each line on stdout a result: {"outcome": "passed" | "failed" | "skipped", "text": why, "printed": stdout}
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

GLUE_SCRIPTS = Path(__file__).resolve().parent.parent
PYTHON = GLUE_SCRIPTS.parent / ".venv-spark" / "bin" / "python"

#: Options of Java for a test: compile fast rather than well, and collect garbage in one thread. That halves the cost of a start.
BRIEF = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


class Jvm:
    """The process with the JVM, as the test process sees it."""

    def __init__(self, packages: Path) -> None:
        # Otherwise a Spark configured in the environment would be used instead of the installed packages.
        own = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
        self._process = subprocess.Popen(
            [str(PYTHON), "-m", "tests.jvm", str(packages)],
            cwd=GLUE_SCRIPTS,
            env={**own, "PYTHONPATH": str(GLUE_SCRIPTS)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, test: str) -> dict[str, str]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(test) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process with the JVM ended with status {self._process.wait()}")
        return dict(json.loads(answer))

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class Outcome:
    """A plugin that keeps pytest's report of the test."""

    def __init__(self) -> None:
        self.found = {"outcome": "failed", "text": "no such test", "printed": ""}

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.found["text"] = str(report.longrepr)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call" or not report.passed:
            self.found = {"outcome": report.outcome, "text": report.longreprtext, "printed": report.capstdout}


def main(packages: str) -> None:
    # Keep stdout for the answers: libraries print to stderr instead.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    # After the packages of this Python, which has no pytest.
    sys.path.append(packages)
    import pytest

    from tests.staying_engine import keep_the_jvm

    keep_the_jvm()
    for line in sys.stdin:
        outcome = Outcome()
        pytest.main([json.loads(line), "--in-the-jvm", "-q", "-p", "no:cacheprovider"], plugins=[outcome])
        answers.write(json.dumps(outcome.found) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
