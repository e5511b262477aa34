"""Glue and EMR on the twin: their jobs and steps run our engine, as a process on this machine."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import emr, glue
from ministack.services import stepfunctions as sfn

PROJECT = Path(__file__).resolve().parent.parent
ENGINE = PROJECT / "glue-scripts" / "main.py"
POLL_SECONDS = 0.1
DAY_SECONDS = 86_400
MISSING = "missing:"

endpoint = ""
# The execution that a call belongs to.
_execution: ContextVar[dict | None] = ContextVar("execution", default=None)
# Set when the Task that a call belongs to has timed out.
_timed_out: ContextVar[threading.Event | None] = ContextVar("timed_out", default=None)


def apply(at: str) -> None:
    """Make Glue and EMR run the engine. `at` is this MiniStack's endpoint."""
    global endpoint
    endpoint = at
    glue._execute_subprocess = _spark_or(glue._execute_subprocess, glue._is_spark_job)
    glue._script_args = _with_job_name(glue._script_args, glue._is_spark_job)
    glue._resolve_script = _marking_missing_script(glue._resolve_script)
    # Without Docker, MiniStack runs no Spark job and marks it as succeeded.
    glue._is_spark_job = lambda job: False
    sfn._invoke_resource_with_timeout = _signalling_timeout(sfn._invoke_resource_with_timeout)
    sfn._execute_task = _noting_execution(sfn._execute_task)
    sfn._SERVICE_DISPATCH.update(INTEGRATIONS)
    # The state machine uses this to find a persistent cluster.
    sfn._AWS_SDK_SERVICE_MAP["emr"] = {
        "target_prefix": "ElasticMapReduce",
        "protocol": "json",
        "service_key": "elasticmapreduce",
    }


def run_engine(
    arguments: list[str], seconds: float, is_wanted: Callable[[], bool], driver: list[str] | None = None
) -> tuple[str, str]:
    """Run the engine. Returns how it ended (SUCCEEDED, FAILED, TIMEOUT or STOPPED) and the end of its output.

    `driver`: the command that starts it on a cluster. Without one, Sail computes in a process on this machine.
    """
    python = os.environ.get("MILLRACE_PYTHON") or str(PROJECT / ".venv" / "bin" / "python")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        # MiniStack takes the access key for the account.
        "AWS_ACCESS_KEY_ID": get_account_id(),
        "AWS_SECRET_ACCESS_KEY": "twin",
        "AWS_REGION": get_region(),
        "AWS_DEFAULT_REGION": get_region(),
        "AWS_EC2_METADATA_DISABLED": "true",
        "MILLRACE_WATCH_STDIN": "1",
    }
    if "--engine" not in arguments:
        return "FAILED", "--engine is missing: without it the engine would look for Sail, which AWS does not have"
    kind = arguments.index("--engine") + 1
    on_sail = [python, str(ENGINE), *arguments[:kind], "sail", *arguments[kind + 1 :]]
    command = on_sail if driver is None else [*driver, *arguments]
    log = Path(os.environ["MILLRACE_TWIN_FOLDER"]) / f"engine-{time.time_ns()}.log"
    with log.open("w+", errors="replace") as output:
        # When this process ends, for whatever reason, the pipe closes, and the engine ends too.
        process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=output)
        end = _wait(process, time.monotonic() + seconds, is_wanted)
        output.seek(0)
        return end, output.read()[-2000:]


def _wait(process: subprocess.Popen, deadline: float, is_wanted: Callable[[], bool]) -> str:
    while process.poll() is None:
        if time.monotonic() > deadline or not is_wanted():
            end = "TIMEOUT" if is_wanted() else "STOPPED"
            process.kill()
            process.wait()
            return end
        time.sleep(POLL_SECONDS)
    return "SUCCEEDED" if process.returncode == 0 else "FAILED"


def _spark_or(original: Callable[..., Any], is_spark: Callable[[dict], bool]) -> Callable[..., Any]:
    def execute_subprocess(run: dict, job: dict, arguments: dict, script: str) -> None:
        if script.startswith(MISSING):
            run["JobRunState"] = "FAILED"
            run["ErrorMessage"] = f"script not found: {script.removeprefix(MISSING).removesuffix('.py')}"
            return
        if not is_spark(job):
            original(run, job, arguments, script)
            return
        argv = [text for name, value in arguments.items() for text in (name, str(value))]
        # Glue's timeouts are in minutes.
        seconds = job.get("Timeout", 2880) * 60
        # The cluster rig names a program that starts the script on its Spark cluster.
        program = os.environ.get("MILLRACE_GLUE_DRIVER")
        driver = None if program is None else [sys.executable, program, script]
        end, output = run_engine(argv, seconds, lambda: run["JobRunState"] != "STOPPED", driver)
        run["JobRunState"] = end
        if end != "SUCCEEDED":
            # Glue reports the exception with which the script ended; ours ends with SystemExit.
            run["ErrorMessage"] = f"SystemExit: {_last_line(output)}"

    return execute_subprocess


def _with_job_name(original: Callable[..., Any], is_spark: Callable[[dict], bool]) -> Callable[..., Any]:
    def script_args(job: dict, job_name: str, run_id: str, arguments: dict) -> dict:
        given = original(job, job_name, run_id, arguments)
        return {"--JOB_NAME": job_name, "--JOB_RUN_ID": run_id, **given} if is_spark(job) else given

    return script_args


def _marking_missing_script(original: Callable[..., Any]) -> Callable[..., Any]:
    """A missing script fails the run, as on AWS. MiniStack would mark the run as succeeded."""

    def resolve_script(location: str | None) -> str:
        return original(location) or f"{MISSING}{location}.py"

    return resolve_script


def _signalling_timeout(original: Callable[..., Any]) -> Callable[..., Any]:
    """If a `.sync` Task times out, stop the job that it waits for, as AWS does. MiniStack lets the job run on."""

    def invoke_resource_with_timeout(resource: str, given: Any, seconds: float) -> Any:
        event = threading.Event()
        # The call runs in a copy of this context.
        token = _timed_out.set(event)
        try:
            return original(resource, given, seconds)
        except sfn._ExecutionError as failure:
            if failure.error == "States.Timeout":
                event.set()
            raise
        finally:
            _timed_out.reset(token)

    return invoke_resource_with_timeout


def _noting_execution(original: Callable[..., Any]) -> Callable[..., Any]:
    """If an execution is stopped, stop the job that its `.sync` Task waits for, as AWS does. MiniStack only marks the execution."""

    def execute_task(state: dict, given: Any, execution: dict, context: Any) -> Any:
        token = _execution.set(execution)
        try:
            return original(state, given, execution, context)
        finally:
            _execution.reset(token)

    return execute_task


def _is_stopped() -> bool:
    execution = _execution.get()
    return execution is not None and execution["status"] == "ABORTED"


def _is_task_over() -> bool:
    event = _timed_out.get()
    return _is_stopped() or (event is not None and event.is_set())


def _failed(document: dict) -> dict:
    """Fail the Task, unless the execution was stopped: then MiniStack would retry it, or report a failure instead of the stop."""
    if _is_stopped():
        return document
    raise sfn._ExecutionError("States.TaskFailed", json.dumps(document))


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


def _called(service: str, answer: tuple) -> dict:
    """The answer of a MiniStack action. Raises an error under the name that the Step Functions integration gives it."""
    status, _, body = answer
    document = json.loads(body)
    if status >= 400:
        error = str(document.get("__type", "InternalServiceException")).split("#")[-1]
        raise sfn._ExecutionError(f"{service}.{error}", document.get("message") or document.get("Message") or "")
    return document


def _start_job_run(resource: str, given: dict) -> dict:
    started = _called("Glue", glue._start_job_run(given))
    if ".sync" not in resource:
        return started
    run = next(run for run in glue._job_runs[given["JobName"]] if run["Id"] == started["JobRunId"])
    while run["CompletedOn"] is None:
        if _is_task_over():
            glue._batch_stop_job_run({"JobName": given["JobName"], "JobRunIds": [run["Id"]]})
        time.sleep(POLL_SECONDS)
    return dict(run) if run["JobRunState"] == "SUCCEEDED" else _failed(dict(run))


def _create_cluster(resource: str, given: dict) -> dict:
    instances = {**given.get("Instances", {}), "KeepJobFlowAliveWhenNoSteps": True}
    made = _called("ElasticMapReduce", emr._run_job_flow({**given, "Instances": instances}))
    # MiniStack does not keep the scaling policy and the launch specifications of fleets.
    emr._clusters[made["JobFlowId"]]["Requested"] = given
    if ".sync" not in resource:
        return {"ClusterId": made["JobFlowId"], "ClusterArn": made["ClusterArn"]}
    described = _called("ElasticMapReduce", emr._describe_cluster({"ClusterId": made["JobFlowId"]}))
    return {"ClusterId": made["JobFlowId"], **described}


def _add_step(resource: str, given: dict) -> dict:
    """Run the engine with the ARGS of `spark-submit ... main.py ARGS`. Waits for its end even without `.sync`."""
    steps = {"JobFlowId": given["ClusterId"], "Steps": [given["Step"]]}
    added = _called("ElasticMapReduce", emr._add_job_flow_steps(steps))
    step_id = added["StepIds"][0]
    step = next(step for step in emr._steps[given["ClusterId"]] if step["Id"] == step_id)
    step["Status"]["State"] = "RUNNING"
    argv = _engine_arguments(step["Config"]["Args"])
    end, output = run_engine(argv, DAY_SECONDS, lambda: step["Status"]["State"] != "CANCELLED" and not _is_task_over())
    step["Status"]["State"] = {"SUCCEEDED": "COMPLETED", "STOPPED": "CANCELLED"}.get(end, "FAILED")
    step["Status"]["Timeline"]["EndDateTime"] = emr._now_iso()
    if ".sync" not in resource:
        return {"StepId": step_id}
    if end != "SUCCEEDED":
        step["Status"]["FailureDetails"] = {"Reason": "Unknown Error.", "Message": _last_line(output)}
        return _failed({"Step": step})
    return {"Step": step}


def _engine_arguments(arguments: list[str]) -> list[str]:
    script = next((i for i, text in enumerate(arguments) if text.endswith("main.py")), None)
    if script is None:
        raise sfn._ExecutionError("States.Runtime", f"the twin only runs steps that submit main.py, got {arguments}")
    return arguments[script + 1 :]


def _terminate_cluster(resource: str, given: dict) -> dict:
    _called("ElasticMapReduce", emr._terminate_job_flows({"JobFlowIds": [given["ClusterId"]]}))
    return _called("ElasticMapReduce", emr._describe_cluster(given)) if ".sync" in resource else {}


def _start_serverless_job(resource: str, given: dict) -> dict:
    """Run the engine for an EMR Serverless job, which MiniStack lacks. Waits for its end even without `.sync`."""
    seconds = given.get("ExecutionTimeoutMinutes", 720) * 60
    arguments = given["JobDriver"]["SparkSubmit"]["EntryPointArguments"]
    end, output = run_engine(arguments, seconds, lambda: not _is_task_over())
    states = {"SUCCEEDED": "SUCCESS", "STOPPED": "CANCELLED"}
    run = {"ApplicationId": given["ApplicationId"], "State": states.get(end, "FAILED"), "StateDetails": output}
    return _failed(run) if ".sync" in resource and end != "SUCCEEDED" else run


INTEGRATIONS = {
    "arn:aws:states:::glue:startJobRun": _start_job_run,
    "arn:aws:states:::elasticmapreduce:createCluster": _create_cluster,
    "arn:aws:states:::elasticmapreduce:addStep": _add_step,
    "arn:aws:states:::elasticmapreduce:terminateCluster": _terminate_cluster,
    "arn:aws:states:::emr-serverless:startJobRun": _start_serverless_job,
}
