"""Corrects MiniStack's Step Functions and Firehose where they differ from what AWS documents in a way that affects our stacks.

Each correction wraps or replaces one private function of the pinned version. docs/decisions/0010-twin.md and 0013-streams.md quote
what AWS documents, and list the differences that are not corrected.
"""

import contextvars
import random
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.services import firehose
from ministack.services import stepfunctions as sfn

JITTER = random.random

# At least a minute on AWS; the order of events is the same.
BUFFER_SECONDS = 2.0

DATE_CALLS = re.compile(r'\|\s*(strptime|strftime)\("([^"]*)"\)')
NAMED_BY_TIME = re.compile(r"-\d{4}(-\d\d){5}-[0-9a-f-]{36}(?=\.|$)")


def apply() -> None:
    sfn._apply_output_path = _with_output_of_succeed(sfn._apply_output_path)
    sfn._execute_choice = _with_output_of_default(sfn._execute_choice)
    sfn._run_parallel_branches = _with_fields_of_parallel(sfn._run_parallel_branches)
    sfn._run_sub_machine = _with_separate_scope(sfn._run_sub_machine)
    sfn._execute_task = _with_evaluated_timeout(sfn._execute_task)
    sfn._find_matching_retrier = _with_full_delay(sfn._find_matching_retrier)
    sfn._apply_state_assign = _assign_at_once
    firehose._jq_parse = _with_parsed_days(firehose._jq_parse)
    firehose._jq_value = _with_days(firehose._jq_value)
    firehose._deliver_to_s3 = _with_delimiter(firehose._deliver_to_s3)
    firehose._put_s3_object = _with_buffers(firehose._put_s3_object)


def _is_jsonata(state: dict, ctx: Any) -> bool:
    return sfn._state_query_language(state, ctx) == "JSONata"


def _with_output_of_succeed(original: Callable[..., Any]) -> Callable[..., Any]:
    """A Succeed state returns its Output."""

    def apply_output_path(state: dict, data: Any, ctx: dict | None = None) -> Any:
        if state.get("Type") == "Succeed" and _is_jsonata(state, ctx):
            return sfn._apply_jsonata_output(state, data, ctx, default=data)
        return original(state, data, ctx)

    return apply_output_path


def _with_output_of_default(original: Callable[..., Any]) -> Callable[..., Any]:
    """If no rule of a Choice matches, the Output and Assign of the state itself apply."""

    def execute_choice(state: dict, raw_input: Any, ctx: dict | None = None) -> Any:
        if _is_jsonata(state, ctx) and "Default" in state:
            fields = {name: state[name] for name in ("Output", "Assign") if name in state}
            last = {"Condition": True, "Next": state["Default"], **fields}
            state = {**state, "Choices": [*state.get("Choices", []), last]}
        return original(state, raw_input, ctx)

    return execute_choice


def _with_fields_of_parallel(original: Callable[..., Any]) -> Callable[..., Any]:
    """A Parallel state has Arguments, Output and Assign like any other state."""

    def run_parallel_branches(state: dict, raw_input: Any, execution: dict, ctx: dict) -> Any:
        if not _is_jsonata(state, ctx):
            return original(state, raw_input, execution, ctx)
        given = sfn._apply_jsonata_arguments(state, raw_input, ctx)
        results, following = original(state, given, execution, ctx)
        output = sfn._apply_jsonata_output(state, raw_input, ctx, result=results, default=results)
        sfn._apply_state_assign(state, raw_input, ctx, result=results)
        return output, following

    return run_parallel_branches


def _with_separate_scope(original: Callable[..., Any]) -> Callable[..., Any]:
    """A branch's variables and current state are not visible to its siblings or to the enclosing scope."""

    def run_sub_machine(states: dict, start_at: str, input_data: Any, execution: dict, ctx: dict) -> Any:
        inner = {**ctx, "variables": dict(ctx.get("variables", {}))}
        return original(states, start_at, input_data, execution, inner)

    return run_sub_machine


def _with_evaluated_timeout(original: Callable[..., Any]) -> Callable[..., Any]:
    """TimeoutSeconds may be an expression."""

    def execute_task(state: dict, raw_input: Any, execution: dict, ctx: dict) -> Any:
        if isinstance(state.get("TimeoutSeconds"), str) and _is_jsonata(state, ctx):
            seconds = sfn._jsonata_state_field(state, "TimeoutSeconds", "number", raw_input, ctx)
            state = {**state, "TimeoutSeconds": seconds}
        return original(state, raw_input, execution, ctx)

    return execute_task


def _with_full_delay(original: Callable[..., Any]) -> Callable[..., Any]:
    """MaxDelaySeconds and JitterStrategy apply, and delays are not cut to a minute. Waits here instead of in MiniStack."""

    def find_matching_retrier(retriers: list, error: str, retry_counts: dict) -> tuple[dict | None, int]:
        retrier, index = original(retriers, error, retry_counts)
        if retrier is None:
            return retrier, index
        delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retry_counts.get(index, 0)
        delay = min(delay, retrier.get("MaxDelaySeconds", delay))
        sfn._scaled_sleep(JITTER() * delay if retrier.get("JitterStrategy") == "FULL" else delay)
        return {**retrier, "IntervalSeconds": 0}, index

    return find_matching_retrier


def _assign_at_once(
    state: dict, raw_input: Any, ctx: dict | None, result: Any = None, error_output: Any = None
) -> None:
    """All expressions of an Assign see the values that the variables had before it."""
    if ctx is None or not _is_jsonata(state, ctx) or not isinstance(state.get("Assign"), dict):
        return
    values = {
        name: sfn._apply_jsonata_template(template, raw_input, ctx, result=result, error_output=error_output)
        for name, template in state["Assign"].items()
    }
    ctx.setdefault("variables", {}).update(values)


def _with_parsed_days(original: Callable[..., Any]) -> Callable[..., Any]:
    """Support strptime, and strftime of its result, as in jq 1.6. MiniStack's parser only supports strftime of seconds."""

    def jq_parse(expression: str) -> list[tuple]:
        if "strptime" not in expression:
            return original(expression)
        calls = DATE_CALLS.findall(expression)
        return [(key, steps, calls) for key, steps, _ in original(DATE_CALLS.sub("", expression))]

    return jq_parse


def _with_days(original: Callable[..., Any]) -> Callable[..., Any]:
    def jq_value(document: Any, steps: list, functions: list) -> Any:
        if ("strptime", "%Y-%m-%d") not in functions:
            return original(document, steps, functions)
        value = original(document, steps, [])
        for name, pattern in functions:
            if name == "strptime" and not isinstance(value, str):
                raise ValueError("strptime/1 requires string inputs and arguments")
            value = time.strptime(value, pattern) if name == "strptime" else time.strftime(pattern, value)
        return value

    return jq_value


_delimiter: contextvars.ContextVar[bytes] = contextvars.ContextVar("delimiter", default=b"")


def _with_delimiter(original: Callable[..., Any]) -> Callable[..., Any]:
    """With AppendDelimiterToRecord each record in a file ends with a line feed."""

    def deliver_to_s3(stream: dict, dest: dict, record_data: bytes, lambda_keys: Any = None) -> None:
        processing = dest["config"].get("ProcessingConfiguration") or {}
        types = [processor.get("Type") for processor in processing.get("Processors") or []]
        token = _delimiter.set(b"\n" if "AppendDelimiterToRecord" in types else b"")
        try:
            original(stream, dest, record_data, lambda_keys)
        finally:
            _delimiter.reset(token)

    return deliver_to_s3


def _with_buffers(original: Callable[..., Any]) -> Callable[..., Any]:
    """Records with the same prefix that arrive within the buffer's time go to one file, not one file per record."""
    waiting: dict[tuple[str, str], tuple[str, list[bytes]]] = {}
    lock = threading.Lock()

    def write(bucket: str, place: str) -> None:
        with lock:
            key, parts = waiting.pop((bucket, place))
        original(bucket, key, b"".join(parts))

    def put_s3_object(bucket: str, key: str, body: bytes) -> None:
        place = NAMED_BY_TIME.sub("", key)
        part = body if body.endswith(b"\n") else body + _delimiter.get()
        with lock:
            first = (bucket, place) not in waiting
            waiting.setdefault((bucket, place), (key, []))[1].append(part)
        if first:
            # Run in a copy of the context, which holds the caller's account and region.
            run = contextvars.copy_context().run
            timer = threading.Timer(BUFFER_SECONDS, run, (write, bucket, place))
            timer.daemon = True
            timer.start()

    return put_s3_object
