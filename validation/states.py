"""Compares the arguments of a state machine's integrations with botocore's models of the services that they call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.loaders import UnknownServiceError
from botocore.model import ListShape, MapShape, OperationNotFoundError, ServiceModel, Shape, StructureShape

#: Services whose name in Step Functions differs from botocore's.
SERVICES = {"elasticmapreduce": "emr", "states": "stepfunctions", "sfn": "stepfunctions", "eventbridge": "events"}

#: Integrations that take other arguments than one call: the members, by name, with the operation and the member that describe each.
COMPOSED = {
    "elasticmapreduce:addStep": {
        "ClusterId": ("AddJobFlowSteps", "JobFlowId"),
        "Step": ("AddJobFlowSteps", "Steps"),
    },
    "elasticmapreduce:terminateCluster": {"ClusterId": ("AddJobFlowSteps", "JobFlowId")},
}
OPERATIONS = {"elasticmapreduce:createCluster": "RunJobFlow"}

#: Text members for which Step Functions writes an object as JSON.
DOCUMENTS = {"Message", "MessageBody", "Detail"}

EXPRESSION = re.compile(r"\{%.*%\}", re.DOTALL)


@cache
def service(name: str) -> ServiceModel:
    """Raises UnknownServiceError."""
    return botocore.session.get_session().get_service_model(SERVICES.get(name, name))


def tasks(states: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every state that calls something, with its path."""
    for name, state in states.items():
        at = f"{place}{name}"
        if "Resource" in state:
            yield at, state
        for branch in state.get("Branches", []):
            yield from tasks(branch["States"], f"{at}/")
        for inner in (state.get("ItemProcessor"), state.get("Iterator")):
            if inner is not None:
                yield from tasks(inner["States"], f"{at}/")


def faults_of_machine(definition: str) -> tuple[int, list[str]]:
    """The number of calls in a definition, and what AWS would refuse of their arguments."""
    found = list(tasks(json.loads(definition)["States"]))
    return len(found), [f"{at}: {fault}" for at, state in found for fault in faults_of_task(state)]


def faults_of_task(state: Mapping[str, Any]) -> list[str]:
    resource: str = state["Resource"]
    arguments = state.get("Arguments", state.get("Parameters"))
    called = re.fullmatch(r"arn:[\w-]+:states:::(?:aws-sdk:)?([\w-]+:\w+)((?:\.\w+)?(?::2)?)", resource)
    if called is None:
        return [f"{resource} is no integration of Step Functions"]
    name = called[1]
    prefix, action = name.split(":")
    if isinstance(arguments, str) and EXPRESSION.fullmatch(arguments):
        return []
    arguments = arguments or {}
    try:
        model = service(prefix)
        if composed := COMPOSED.get(name):
            shapes = {each: member(model, *described) for each, described in composed.items()}
            return list(members(arguments, shapes, list(shapes), ""))
        operation = model.operation_model(OPERATIONS.get(name, action[0].upper() + action[1:]))
    except (UnknownServiceError, OperationNotFoundError) as error:
        return [f"{resource}: {error}"]
    return list(faults(arguments, operation.input_shape, ""))


def member(model: ServiceModel, operation: str, name: str) -> Shape:
    """A member of an operation's input; of a list, what it holds."""
    shape = model.operation_model(operation).input_shape.members[name]
    return shape.member if isinstance(shape, ListShape) else shape


def faults(value: object, shape: Shape, place: str) -> Iterator[str]:
    """What is wrong with a value. An expression is computed in the run, so it may be anything."""
    if isinstance(value, str) and EXPRESSION.fullmatch(value):
        return
    if isinstance(shape, StructureShape) and not shape.is_document_type:
        if not isinstance(value, dict):
            yield f"{place} is no object"
            return
        optional = {name for name, each in shape.members.items() if each.metadata.get("idempotencyToken")}
        required = [each for each in shape.required_members if each not in optional]
        shapes = {capital(name): each for name, each in shape.members.items()}
        yield from members(value, shapes, [capital(each) for each in required], place)
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield f"{place} is no list"
            return
        yield from within(len(value), shape, place, "elements")
        for i, each in enumerate(value):
            yield from faults(each, shape.member, f"{place}[{i}]")
    elif isinstance(shape, MapShape):
        if not isinstance(value, dict):
            yield f"{place} is no object"
            return
        for key, each in value.items():
            yield from faults(key, shape.key, f"the key {key!r} of {place}")
            yield from faults(each, shape.value, f"{place}.{key}")
    else:
        yield from faults_of_scalar(value, shape, place)


def members(value: Mapping[str, Any], shapes: Mapping[str, Shape], required: list[str], place: str) -> Iterator[str]:
    at = f"{place}." if place else ""
    for name in required:
        if name not in value:
            yield f"{at}{name} is missing"
    for name, each in value.items():
        if name in shapes:
            yield from faults(each, shapes[name], f"{at}{name}")
        else:
            yield f"there is no {at}{name}: {', '.join(sorted(shapes))}"


def faults_of_scalar(value: object, shape: Shape, place: str) -> Iterator[str]:
    kind = shape.type_name
    if kind == "string":
        if not isinstance(value, str):
            if place.rpartition(".")[2] not in DOCUMENTS:
                yield f"{place} is {json.dumps(value)}, not text"
        # A substitution is filled in at the deploy.
        elif "${" not in value and "{%" not in value:
            yield from faults_of_text(value, shape, place)
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"{place} is {json.dumps(value)}, not true or false"
    elif kind in {"integer", "long"}:
        if not isinstance(value, int) or isinstance(value, bool):
            yield f"{place} is {json.dumps(value)}, not a whole number"
        else:
            yield from within(value, shape, place, "")
    elif kind in {"float", "double"} and (not isinstance(value, int | float) or isinstance(value, bool)):
        yield f"{place} is {json.dumps(value)}, not a number"


def faults_of_text(value: str, shape: Shape, place: str) -> Iterator[str]:
    choices = shape.metadata.get("enum", [])
    if choices and value not in choices:
        yield f"{place} is {value!r}, not one of {', '.join(choices)}"
    yield from within(len(value), shape, place, "characters")
    pattern = shape.metadata.get("pattern")
    try:
        fits = pattern is None or re.search(pattern, value) is not None
    except re.error:
        # Written for Java, such as \p{L}.
        fits = True
    if not fits:
        yield f"{place} is {value!r}, which does not match {pattern}"


def within(number: int, shape: Shape, place: str, unit: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and number < least:
        yield f"{place} has {number} {unit}, fewer than {least}" if unit else f"{place} is {number}, less than {least}"
    if most is not None and number > most:
        yield f"{place} has {number} {unit}, more than {most}" if unit else f"{place} is {number}, more than {most}"


def capital(name: str) -> str:
    """Step Functions writes all names with a capital letter."""
    return name[:1].upper() + name[1:]
