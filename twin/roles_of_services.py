"""Checks IAM for calls between services. MiniStack makes such calls internally, without IAM.

Step Functions calls under the role of the state machine, Glue downloads the engine under the role of the job, Scheduler calls its
target under the role of the schedule. Lambda polls its queue, writes its log and stores dead letters under the role of the function.
A refused call has the same effect as on AWS. Not checked: traces, which MiniStack does not have, and the log of a state machine,
which it does not write.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import keys_of_resources
from ministack import app
from ministack.core import iam_evaluator as iam
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import eventbridge, glue, lambda_svc, scheduler, sqs
from ministack.services import stepfunctions as sfn
from ministack.services.cloudformation import provisioners

logger = logging.getLogger("ministack")

# Role and session of the state machine that makes the current call.
_machine: ContextVar[tuple[str, str] | None] = ContextVar("machine", default=None)


def apply() -> None:
    keys_of_resources.apply()
    function = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"] = {
        **function,
        "create": _keeping_dead_letters(function["create"]),
    }
    sfn._execute_task = _as_machine(sfn._execute_task)
    sfn._invoke_resource = _checking_machine(sfn._invoke_resource)
    glue._batch_stop_job_run = _checking_stop(glue._batch_stop_job_run)
    glue._execute_subprocess = _checking_engine_download(glue._execute_subprocess)
    eventbridge._invoke_target = _checking_schedule(eventbridge._invoke_target)
    scheduler._update_schedule = _checking_pass_role(scheduler._update_schedule)
    sqs._receive_messages_for_esm = _checking_poll(sqs._receive_messages_for_esm)
    sqs._delete_messages_for_esm = _checking_delete(sqs._delete_messages_for_esm)
    lambda_svc._route_async_failure = _checking_dead_letters(lambda_svc._route_async_failure)
    lambda_svc._emit_lambda_logs = _checking_log(lambda_svc._emit_lambda_logs)


def refusal(role: str, session: str, action: str, resource: str, **keys: str) -> str:
    """AWS's error message if the role lacks the permission; empty if it has it, or if IAM is not enforced.

    `role`: name or ARN. `keys`: condition keys in lower case, with `_` for `:`.
    """
    if not app.AUTH:
        return ""
    name = role.rsplit("/", 1)[-1]
    account = get_account_id()
    context = iam.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context={name.replace("_", ":"): value for name, value in keys.items()},
    )
    # Called through the module, so that the recording sees it too.
    if iam.evaluate(context, iam._gather_role_policies(name, account)).decision == "Allow":
        for key_action, key in keys_of_resources.key_uses(action, resource):
            denial = refusal(role, session, key_action, key)
            if denial:
                return denial
        return ""
    return (
        f"User: {context.principal_arn} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )


def _keeping_dead_letters(original: Callable[..., Any]) -> Callable[..., Any]:
    """Keep a function's dead-letter queue, which MiniStack's CloudFormation drops."""

    def create(logical_id: str, props: dict, stack_name: str) -> Any:
        name, attributes = original(logical_id, props, stack_name)
        if "DeadLetterConfig" in props:
            lambda_svc._functions[name]["config"]["DeadLetterConfig"] = props["DeadLetterConfig"]
        return name, attributes

    return create


def _as_machine(original: Callable[..., Any]) -> Callable[..., Any]:
    def execute_task(state: dict, raw_input: Any, execution: dict, ctx: dict) -> Any:
        machine = sfn._state_machines.get((execution or {}).get("stateMachineArn"))
        token = _machine.set((machine["roleArn"], execution["name"][:64]) if machine else None)
        try:
            return original(state, raw_input, execution, ctx)
        finally:
            _machine.reset(token)

    return execute_task


def _checking_machine(original: Callable[..., Any]) -> Callable[..., Any]:
    def invoke_resource(resource: str, given: Any) -> Any:
        machine = _machine.get()
        if machine is not None:
            for error, action, arn in _calls_of(resource, given):
                denial = refusal(*machine, action, arn)
                if denial:
                    raise sfn._ExecutionError(error, denial)
        return original(resource, given)

    return invoke_resource


def _calls_of(resource: str, given: Any) -> Iterator[tuple[str, str, str]]:
    """Error name, action and resource of each call that a Task makes. Only for services known here."""
    if "states:::lambda:invoke" in resource:
        _, config, _ = lambda_svc._get_func_record_for_ref(given.get("FunctionName", ""))
        if config:
            # AWS uses this name for transient errors too, so the Task retries it.
            yield "Lambda.AWSLambdaException", "lambda:InvokeFunction", config["FunctionArn"]
    elif "states:::glue:startJobRun" in resource:
        job = f"arn:aws:glue:{get_region()}:{get_account_id()}:job/{given.get('JobName')}"
        yield "Glue.AccessDeniedException", "glue:StartJobRun", job
        if ".sync" in resource:
            # On AWS this call is only refused once the job is running.
            yield "Glue.AccessDeniedException", "glue:GetJobRun", job


def _checking_stop(original: Callable[..., Any]) -> Callable[..., Any]:
    def batch_stop_job_run(data: dict) -> Any:
        machine = _machine.get()
        job = f"arn:aws:glue:{get_region()}:{get_account_id()}:job/{data.get('JobName')}"
        denial = machine and refusal(*machine, "glue:BatchStopJobRun", job)
        return error_response_json("AccessDeniedException", denial, 400) if denial else original(data)

    return batch_stop_job_run


def _checking_engine_download(original: Callable[..., Any]) -> Callable[..., Any]:
    """Glue downloads a job's script and packages under the job's role before the job runs."""

    def execute_subprocess(run: dict, job: dict, arguments: dict, script: str) -> None:
        places = [job.get("Command", {}).get("ScriptLocation", "")]
        places += job.get("DefaultArguments", {}).get("--extra-py-files", "").split(",")
        for place in places:
            if not place.startswith("s3://"):
                continue
            arn = f"arn:aws:s3:::{place.removeprefix('s3://')}"
            denial = refusal(job["Role"], "GlueJobRunnerSession", "s3:GetObject", arn)
            if denial:
                run["JobRunState"] = "FAILED"
                run["ErrorMessage"] = f"Error downloading {place}: {denial} (Service: Amazon S3; Status Code: 403)"
                return
        original(run, job, arguments, script)

    return execute_subprocess


def _checking_schedule(original: Callable[..., Any]) -> Callable[..., Any]:
    """Also replaces `<aws.scheduler.scheduled-time>` in the input, which MiniStack does not."""

    def invoke_target(target: dict, event: dict, rule: dict, view: Any = None) -> Any:
        if event.get("Source") != "aws.scheduler" or not target.get("RoleArn"):
            return original(target, event, rule, view)
        time = datetime.fromtimestamp(event["Time"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        target = {**target, "Input": target.get("Input", "{}").replace("<aws.scheduler.scheduled-time>", time)}
        role, arn = target["RoleArn"], target["Arn"]
        problem = refusal(role, "schedule", "lambda:InvokeFunction", arn)
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        # AWS retries a function without capacity until the retry window is over.
        if not problem and config and lambda_svc._reserved_concurrency(function, config) == 0:
            problem = "no capacity"
        if not problem:
            return original(target, event, rule, view)
        dead_letters = target.get("DeadLetterConfig", {}).get("Arn")
        if dead_letters and not refusal(role, "schedule", "sqs:SendMessage", dead_letters):
            eventbridge._dispatch_to_sqs(eventbridge.parse_arn(dead_letters), target["Input"])
        logger.warning("Scheduler: %s", problem)
        return None

    return invoke_target


def _checking_pass_role(original: Callable[..., Any]) -> Callable[..., Any]:
    """A caller that writes a schedule needs iam:PassRole for the schedule's role."""

    def update_schedule(name: str, body: dict) -> Any:
        caller, role = iam.caller_arn(), body.get("Target", {}).get("RoleArn", "")
        if ":assumed-role/" in caller:
            _, caller_role, session = caller.split("/")
            denial = refusal(caller_role, session, "iam:PassRole", role, iam_passedtoservice="scheduler.amazonaws.com")
            if denial:
                return error_response_json("AccessDeniedException", denial, 403)
        return original(name, body)

    return update_schedule


def _poller_of(queue_url: str) -> tuple[dict, dict, str] | None:
    """The event source mapping that polls a queue, its function's configuration, and the queue's ARN; None if nothing polls it."""
    arn = (sqs._queues.get(queue_url) or {}).get("attributes", {}).get("QueueArn", "")
    for _, _, mapping in lambda_svc._iter_all_esms():
        if mapping.get("EventSourceArn") == arn:
            _, config, _ = lambda_svc._get_func_record_for_ref(mapping["FunctionName"])
            return (mapping, config, arn) if config else None
    return None


def _checking_poll(original: Callable[..., Any]) -> Callable[..., Any]:
    def receive_messages(queue_url: str, limit: int) -> list[dict]:
        found = _poller_of(queue_url)
        for action in ("sqs:GetQueueAttributes", "sqs:ReceiveMessage"):
            denial = found and refusal(found[1]["Role"], found[1]["FunctionName"], action, found[2])
            if found and denial:
                found[0]["LastProcessingResult"] = f"PROBLEM: {denial}"
                return []
        return original(queue_url, limit)

    return receive_messages


def _checking_delete(original: Callable[..., Any]) -> Callable[..., Any]:
    def delete_messages(queue_url: str, handles: set[str]) -> None:
        found = _poller_of(queue_url)
        if handles and found and refusal(found[1]["Role"], found[1]["FunctionName"], "sqs:DeleteMessage", found[2]):
            return
        original(queue_url, handles)

    return delete_messages


def _checking_dead_letters(original: Callable[..., Any]) -> Callable[..., Any]:
    def route_async_failure(target: str, function: str, event: dict, result: dict) -> None:
        config = lambda_svc._functions.get(function, {}).get("config", {})
        denial = refusal(config.get("Role", ""), function, "sqs:SendMessage", target) if ":sqs:" in target else ""
        if denial:
            logger.warning("Lambda: %s; lost: %s", denial, json.dumps(event))
            return
        original(target, function, event, result)

    return route_async_failure


def _checking_log(original: Callable[..., Any]) -> Callable[..., Any]:
    def emit_lambda_logs(function: dict, *given: Any, **more: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}"
        stream = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:log-stream:stream"
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            if refusal(config.get("Role", ""), config.get("FunctionName", ""), action, stream):
                return
        original(function, *given, **more)

    return emit_lambda_logs
