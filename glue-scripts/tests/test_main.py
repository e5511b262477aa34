"""How the engine exits: the text that a service keeps of a failed job begins with the fault."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from engine.issue_line import issues_in
from tests.small_lake import golden_plan, work_order

MAIN = Path(__file__).parent.parent / "main.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(MAIN), *arguments], capture_output=True, text=True, check=False)


def order(root: Path, **known: Any) -> tuple[str, ...]:
    """A work order for the ingest of towns, from a missing file."""
    plan, work = root / "plan.json", root / "work.json"
    plan.write_text(json.dumps(golden_plan("small")))
    file = {"path": "towns/1.parquet", "uri": str(root / "no.parquet"), "etag": "e", "size": 1, "replace": False}
    work.write_text(json.dumps(work_order([{"task": "towns", "files": [file]}], **known)))
    stage = next(task["stage"] for task in golden_plan("small")["tasks"] if task["name"] == "towns")
    return ("--plan", str(plan), "--work", str(work), "--stage", stage, "--run", "r1", "--root", str(root))


def test_a_fault_is_the_last_line_and_the_exit_status_is_1(tmp_path: Path) -> None:
    ended = run(*order(tmp_path))
    assert ended.returncode == 1
    [last] = issues_in(ended.stderr.splitlines()[-1])
    assert (last["code"], last["task"]) == ("MR206", "towns")
    [failed] = [json.loads(line) for line in ended.stdout.splitlines() if '"task.failed"' in line]
    assert (failed["run"], failed["task"], failed["issues"][0]["code"]) == ("r1", "towns", "MR206")
    assert "Traceback" not in ended.stderr


def test_an_unexpected_error_is_logged_with_its_trace_and_named_in_the_last_line(tmp_path: Path) -> None:
    ended = run(*order(tmp_path, startedAt="yesterday"))
    assert ended.returncode == 1
    *_, logged, last = ended.stderr.splitlines()
    assert last.startswith("ValueError: ")
    line = json.loads(logged)
    assert (line["level"], line["run"]) == ("error", "r1") and "Traceback" in line["exception"]


def test_a_work_order_of_another_version_is_refused_before_anything_runs(tmp_path: Path) -> None:
    ended = run(*order(tmp_path, version=2))
    assert ended.returncode == 1 and ended.stdout == ""
    [last] = issues_in(ended.stderr.splitlines()[-1])
    assert last["code"] == "MR751" and last["message"].endswith("does not fit this engine: version: 2 is not 1")


def test_a_check_reports_the_faults_that_it_finds_or_succeeds(tmp_path: Path) -> None:
    plan = golden_plan("small")
    good = tmp_path / "good.json"
    good.write_text(json.dumps(plan))
    assert run("--plan", str(good), "--check").returncode == 0
    next(task for task in plan["tasks"] if task["name"] == "people_clean")["sql"] = "SELECT nothing FROM people"
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(plan))
    ended = run("--plan", str(bad), "--check")
    [last] = issues_in(ended.stderr.splitlines()[-1])
    assert ended.returncode == 1 and last["message"].startswith("the engine refuses the SQL")


def test_only_a_failed_run_ends_with_a_system_exit_because_glue_takes_each_for_a_failure(tmp_path: Path) -> None:
    program = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__'); print('returned')"
    plan = golden_plan("small")
    ends = []
    for name in ("good", "bad"):
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(plan))
        command = [sys.executable, "-c", program, str(MAIN), "--plan", str(file), "--check"]
        ends.append(subprocess.run(command, cwd=MAIN.parent, capture_output=True, text=True, check=False))
        next(task for task in plan["tasks"] if task["name"] == "people_clean")["sql"] = "SELECT nothing FROM people"
    assert [(end.returncode, end.stdout.endswith("returned\n")) for end in ends] == [(0, True), (1, False)]


def test_the_engine_loads_no_scikit_learn_and_trains_without_it() -> None:
    program = (
        "import main; main.without_unused_libraries(); import sys, numpy, xgboost; "
        "rows = xgboost.DMatrix(numpy.array([[0.0], [1.0]] * 20), label=numpy.array([0, 1] * 20)); "
        "trained = xgboost.train({'objective': 'binary:logistic'}, rows, 5); "
        "low, high = trained.predict(rows)[:2]; "
        "print(high > low, [name for name in sys.modules if name.startswith('sklearn.')])"
    )
    said = subprocess.run([sys.executable, "-c", program], cwd=MAIN.parent, capture_output=True, text=True, check=False)
    assert said.stdout == "True []\n", said.stderr
