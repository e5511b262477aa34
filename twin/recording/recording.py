"""IAM on the twin: records each call of each role, and, once switched on, refuses calls that no statement allows.

Each line of `calls.jsonl` has role, action, resource, decision, `statements` (how many the role has) and `by` (the positions of those
that allow the call without the others).
"""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import engine_runs
from ministack import app
from ministack.core import iam_evaluator as iam
from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id
from ministack.services import glue, scheduler

POLL_SECONDS = 0.05
SWITCH = "enforce-iam"

_lock = threading.Lock()
_role: ContextVar[str] = ContextVar("role", default="")
# Set while the policy of a bucket or queue is evaluated, which does not belong to the caller.
_of_a_resource: ContextVar[bool] = ContextVar("of_a_resource", default=False)


def apply() -> None:
    """Record into MILLRACE_TWIN_FOLDER. Creating the file `enforce-iam` there enforces IAM; then `enforce-iam.done` appears."""
    folder = Path(os.environ["MILLRACE_TWIN_FOLDER"])
    iam.evaluate_resource_policy = _marked(iam.evaluate_resource_policy)
    iam.evaluate = _recording(iam.evaluate, folder / "calls.jsonl")
    # The twin uses plain HTTP, which the policies of our buckets and queues refuse. Treat its requests as encrypted.
    app.pin_request_origin = _as_if_encrypted(app.pin_request_origin)
    glue._execute_subprocess = _under_the_jobs_role(glue._execute_subprocess)
    # By default MiniStack checks schedules only every ten seconds.
    scheduler._SCHEDULE_TICK_INTERVAL = 1
    engine_runs.subprocess = SimpleNamespace(Popen=_popen_with_credentials, PIPE=subprocess.PIPE)
    threading.Thread(target=_switch_on, args=(folder,), daemon=True).start()


def _switch_on(folder: Path) -> None:
    while not (folder / SWITCH).exists():
        time.sleep(POLL_SECONDS)
    app.AUTH = True
    (folder / f"{SWITCH}.done").touch()


def _recording(original: Callable[..., Any], calls: Path) -> Callable[..., Any]:
    def evaluate(context: Any, policies: list, *limits: Any) -> Any:
        result = original(context, policies, *limits)
        if _of_a_resource.get():
            return result
        statements = [statement for policy in policies for statement in policy]
        by = [i for i, one in enumerate(statements) if original(context, [[one]]).decision == "Allow"]
        line = {
            "role": context.principal_arn,
            "action": context.action,
            "resource": context.resource_arn,
            "decision": result.decision,
            "by": by,
            "statements": len(statements),
        }
        with _lock, calls.open("a") as file:
            file.write(json.dumps(line) + "\n")
        return result

    return evaluate


def _marked(original: Callable[..., Any]) -> Callable[..., Any]:
    def evaluate_resource_policy(*given: Any) -> Any:
        token = _of_a_resource.set(True)
        try:
            return original(*given)
        finally:
            _of_a_resource.reset(token)

    return evaluate_resource_policy


def _as_if_encrypted(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda source_ip, _secure: original(source_ip, True)


def _under_the_jobs_role(original: Callable[..., Any]) -> Callable[..., Any]:
    def execute_subprocess(run: dict, job: dict, arguments: dict, script: str) -> None:
        token = _role.set(job["Role"])
        try:
            original(run, job, arguments, script)
        finally:
            _role.reset(token)

    return execute_subprocess


def _popen_with_credentials(command: list[str], *, env: dict[str, str], **others: Any) -> subprocess.Popen:
    role = _role.get()
    if app.AUTH and role:
        # A session of that role, like the one that a Lambda function gets.
        arn = role if role.startswith("arn:") else f"arn:aws:iam::{get_account_id()}:role/{role}"
        function = f"arn:aws:lambda:{env['AWS_REGION']}:{get_account_id()}:function:engine"
        session = {"FunctionArn": function, "FunctionName": "engine", "Role": arn}
        env = {**env, **lambda_runtime.execution_credentials(session)}
    return subprocess.Popen(command, env=env, **others)
