"""Whom MiniStack does not ask: services that call each other within it, past IAM. Once IAM is enforced, the role is asked first.

Step Functions calls under the role of the machine, Glue fetches the engine under that of the job, Scheduler calls its target
under that of the schedule; Lambda polls its queue, writes its log and puts aside what failed under that of the function. A call
that is refused ends as it does on AWS. Not asked for: traces, which MiniStack does not have, and the log of a state machine, which it
does not write.
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

# Role and session of the state machine that calls at this moment.
_machine: ContextVar[tuple[str, str] | None] = ContextVar("machine", default=None)


def apply() -> None:
    keys_of_resources.apply()
    function = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"] = {
        **function,
        "create": _keeping_dead_letters(function["create"]),
    }
    sfn._execute_task = _as_the_machine(sfn._execute_task)
    sfn._invoke_resource = _asking_the_machine(sfn._invoke_resource)
    glue._batch_stop_job_run = _asking_before_a_stop(glue._batch_stop_job_run)
    glue._execute_subprocess = _asking_for_the_engine(glue._execute_subprocess)
    eventbridge._invoke_target = _asking_the_schedule(eventbridge._invoke_target)
    scheduler._update_schedule = _asking_to_pass_on(scheduler._update_schedule)
    sqs._receive_messages_for_esm = _asking_before_a_poll(sqs._receive_messages_for_esm)
    sqs._delete_messages_for_esm = _asking_before_a_delete(sqs._delete_messages_for_esm)
    lambda_svc._route_async_failure = _asking_for_dead_letters(lambda_svc._route_async_failure)
    lambda_svc._emit_lambda_logs = _asking_for_the_log(lambda_svc._emit_lambda_logs)


def refusal(role: str, session: str, action: str, resource: str, **keys: str) -> str:
    """What AWS says where the role may not; empty where it may, and where IAM is not enforced. `role`: name or ARN; `keys`: of the
    conditions, by their names in lower case with `_` for `:`."""
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
    # By its module, so that a recording sees it too.
    if iam.evaluate(context, iam._gather_role_policies(name, account)).decision == "Allow":
        for key_action, key in keys_of_resources.key_uses(action, resource):
            told = refusal(role, session, key_action, key)
            if told:
                return told
        return ""
    return (
        f"User: {context.principal_arn} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )


def _keeping_dead_letters(original: Callable[..., Any]) -> Callable[..., Any]:
    """MiniStack's CloudFormation drops where a function's failed events go."""

    def create(logical_id: str, props: dict, stack_name: str) -> Any:
        name, attributes = original(logical_id, props, stack_name)
        if "DeadLetterConfig" in props:
            lambda_svc._functions[name]["config"]["DeadLetterConfig"] = props["DeadLetterConfig"]
        return name, attributes

    return create


def _as_the_machine(original: Callable[..., Any]) -> Callable[..., Any]:
    def execute_task(state: dict, raw_input: Any, execution: dict, ctx: dict) -> Any:
        machine = sfn._state_machines.get((execution or {}).get("stateMachineArn"))
        token = _machine.set((machine["roleArn"], execution["name"][:64]) if machine else None)
        try:
            return original(state, raw_input, execution, ctx)
        finally:
            _machine.reset(token)

    return execute_task


def _asking_the_machine(original: Callable[..., Any]) -> Callable[..., Any]:
    def invoke_resource(resource: str, given: Any) -> Any:
        machine = _machine.get()
        if machine is not None:
            for error, action, arn in _calls_of(resource, given):
                told = refusal(*machine, action, arn)
                if told:
                    raise sfn._ExecutionError(error, told)
        return original(resource, given)

    return invoke_resource


def _calls_of(resource: str, given: Any) -> Iterator[tuple[str, str, str]]:
    """Name of the error, action and resource of what a Task calls; none of a service that is not known here."""
    if "states:::lambda:invoke" in resource:
        _, config, _ = lambda_svc._get_func_record_for_ref(given.get("FunctionName", ""))
        if config:
            # By this name also what goes by is told, so that it is tried again.
            yield "Lambda.AWSLambdaException", "lambda:InvokeFunction", config["FunctionArn"]
    elif "states:::glue:startJobRun" in resource:
        job = f"arn:aws:glue:{get_region()}:{get_account_id()}:job/{given.get('JobName')}"
        yield "Glue.AccessDeniedException", "glue:StartJobRun", job
        if ".sync" in resource:
            # AWS is refused it when the job runs.
            yield "Glue.AccessDeniedException", "glue:GetJobRun", job


def _asking_before_a_stop(original: Callable[..., Any]) -> Callable[..., Any]:
    def batch_stop_job_run(data: dict) -> Any:
        machine = _machine.get()
        job = f"arn:aws:glue:{get_region()}:{get_account_id()}:job/{data.get('JobName')}"
        told = machine and refusal(*machine, "glue:BatchStopJobRun", job)
        return error_response_json("AccessDeniedException", told, 400) if told else original(data)

    return batch_stop_job_run


def _asking_for_the_engine(original: Callable[..., Any]) -> Callable[..., Any]:
    """Glue fetches a job's script and its packages before it runs, in the name of the job."""

    def execute_subprocess(run: dict, job: dict, arguments: dict, script: str) -> None:
        places = [job.get("Command", {}).get("ScriptLocation", "")]
        places += job.get("DefaultArguments", {}).get("--extra-py-files", "").split(",")
        for place in places:
            if not place.startswith("s3://"):
                continue
            arn = f"arn:aws:s3:::{place.removeprefix('s3://')}"
            told = refusal(job["Role"], "GlueJobRunnerSession", "s3:GetObject", arn)
            if told:
                run["JobRunState"] = "FAILED"
                run["ErrorMessage"] = f"Error downloading {place}: {told} (Service: Amazon S3; Status Code: 403)"
                return
        original(run, job, arguments, script)

    return execute_subprocess


def _asking_the_schedule(original: Callable[..., Any]) -> Callable[..., Any]:
    """Also fills in the time for which a schedule was set, which MiniStack leaves as it is written."""

    def invoke_target(target: dict, event: dict, rule: dict, view: Any = None) -> Any:
        if event.get("Source") != "aws.scheduler" or not target.get("RoleArn"):
            return original(target, event, rule, view)
        time = datetime.fromtimestamp(event["Time"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        target = {**target, "Input": target.get("Input", "{}").replace("<aws.scheduler.scheduled-time>", time)}
        role, arn = target["RoleArn"], target["Arn"]
        told = refusal(role, "schedule", "lambda:InvokeFunction", arn)
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        # Of such a function AWS asks again and again, until the time for that is over.
        told = told or ("no capacity" if config and lambda_svc._reserved_concurrency(function, config) == 0 else "")
        if not told:
            return original(target, event, rule, view)
        dead_letters = target.get("DeadLetterConfig", {}).get("Arn")
        if dead_letters and not refusal(role, "schedule", "sqs:SendMessage", dead_letters):
            eventbridge._dispatch_to_sqs(eventbridge.parse_arn(dead_letters), target["Input"])
        logger.warning("Scheduler: %s", told)
        return None

    return invoke_target


def _asking_to_pass_on(original: Callable[..., Any]) -> Callable[..., Any]:
    """Who writes a schedule has to be allowed to hand its role to the service."""

    def update_schedule(name: str, body: dict) -> Any:
        caller, role = iam.caller_arn(), body.get("Target", {}).get("RoleArn", "")
        if ":assumed-role/" in caller:
            _, caller_role, session = caller.split("/")
            told = refusal(caller_role, session, "iam:PassRole", role, iam_passedtoservice="scheduler.amazonaws.com")
            if told:
                return error_response_json("AccessDeniedException", told, 403)
        return original(name, body)

    return update_schedule


def _poller_of(queue_url: str) -> tuple[dict, dict, str] | None:
    """The event source mapping that polls a queue, the configuration of its function, and the ARN of the queue."""
    arn = (sqs._queues.get(queue_url) or {}).get("attributes", {}).get("QueueArn", "")
    for _, _, mapping in lambda_svc._iter_all_esms():
        if mapping.get("EventSourceArn") == arn:
            _, config, _ = lambda_svc._get_func_record_for_ref(mapping["FunctionName"])
            return (mapping, config, arn) if config else None
    return None


def _asking_before_a_poll(original: Callable[..., Any]) -> Callable[..., Any]:
    def receive_messages(queue_url: str, limit: int) -> list[dict]:
        found = _poller_of(queue_url)
        for action in ("sqs:GetQueueAttributes", "sqs:ReceiveMessage"):
            told = found and refusal(found[1]["Role"], found[1]["FunctionName"], action, found[2])
            if found and told:
                found[0]["LastProcessingResult"] = f"PROBLEM: {told}"
                return []
        return original(queue_url, limit)

    return receive_messages


def _asking_before_a_delete(original: Callable[..., Any]) -> Callable[..., Any]:
    def delete_messages(queue_url: str, handles: set[str]) -> None:
        found = _poller_of(queue_url)
        if handles and found and refusal(found[1]["Role"], found[1]["FunctionName"], "sqs:DeleteMessage", found[2]):
            return
        original(queue_url, handles)

    return delete_messages


def _asking_for_dead_letters(original: Callable[..., Any]) -> Callable[..., Any]:
    def route_async_failure(target: str, function: str, event: dict, result: dict) -> None:
        config = lambda_svc._functions.get(function, {}).get("config", {})
        told = refusal(config.get("Role", ""), function, "sqs:SendMessage", target) if ":sqs:" in target else ""
        if told:
            logger.warning("Lambda: %s; lost: %s", told, json.dumps(event))
            return
        original(target, function, event, result)

    return route_async_failure


def _asking_for_the_log(original: Callable[..., Any]) -> Callable[..., Any]:
    def emit_lambda_logs(function: dict, *given: Any, **more: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}"
        stream = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:log-stream:stream"
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            if refusal(config.get("Role", ""), config.get("FunctionName", ""), action, stream):
                return
        original(function, *given, **more)

    return emit_lambda_logs
