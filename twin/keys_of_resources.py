"""Permissions that AWS also checks, and MiniStack does not: use of the encryption key, and s3:ListBucket for a missing object."""

from collections.abc import Callable, Iterator
from typing import Any

from ministack.core import iam_evaluator as iam
from ministack.services import s3
from ministack.services.cloudformation import provisioners

# ARN of a bucket, table, queue or topic -> ARN of the key that encrypts it, from its template.
_keys: dict[str, str] = {}

KEY_ACTIONS = {
    "s3:GetObject": ("kms:Decrypt",),
    "s3:PutObject": ("kms:GenerateDataKey",),
    **{f"dynamodb:{action}Item": ("kms:Decrypt",) for action in ("Get", "Put", "Update", "Delete")},
    "dynamodb:Query": ("kms:Decrypt",),
    "sqs:SendMessage": ("kms:GenerateDataKey", "kms:Decrypt"),
    "sqs:ReceiveMessage": ("kms:Decrypt",),
    "sns:Publish": ("kms:GenerateDataKey", "kms:Decrypt"),
}


def apply() -> None:
    for kind in ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SNS::Topic"):
        handler = provisioners._RESOURCE_HANDLERS[kind]
        provisioners._RESOURCE_HANDLERS[kind] = {**handler, "create": _remembering_key(kind, handler["create"])}
    iam.enforce = _checking_implied_actions(iam.enforce)


def key_uses(action: str, resource: str) -> Iterator[tuple[str, str]]:
    """The KMS actions that an action on a resource needs, each with the key."""
    key = _keys.get(resource.split("/", 1)[0] if resource.startswith("arn:aws:s3:") else resource)
    if key is not None:
        for key_action in KEY_ACTIONS.get(action, ()):
            yield key_action, key


def _remembering_key(kind: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """Remember the encryption key of a new resource. MiniStack does so only for a few kinds."""

    def create(logical_id: str, props: dict, stack_name: str) -> Any:
        name, attributes = original(logical_id, props, stack_name)
        arn = {"AWS::S3::Bucket": f"arn:aws:s3:::{name}", "AWS::SNS::Topic": name}.get(kind) or attributes["Arn"]
        key = next(_found(props, {"KMSMasterKeyID", "KMSMasterKeyId", "KmsMasterKeyId"}), None)
        if isinstance(key, str) and key.startswith("arn:"):
            _keys[arn] = key
        return name, attributes

    return create


def _found(props: Any, names: set[str]) -> Iterator[Any]:
    inner = props.items() if isinstance(props, dict) else enumerate(props) if isinstance(props, list) else ()
    for name, value in inner:
        if name in names:
            yield value
        yield from _found(value, names)


def _checking_implied_actions(original: Callable[..., Any]) -> Callable[..., Any]:
    """Also check the use of the key, and, for an object that does not exist, whether the caller may know that."""

    def enforce(access_key: str, action: str, service: str, region: str, **about: Any) -> Any:
        resource = about.get("resource_arn", "*")
        denied = original(access_key, action, service, region, **about)
        if denied is None:
            for key_action, key in key_uses(action, resource):
                denied = original(access_key, key_action, "kms", region, resource_arn=key)
                if denied is not None:
                    return denied
        if denied is None and action == "s3:GetObject" and "/" in resource:
            bucket, name = resource.split("/", 1)
            if name not in s3._buckets.get(bucket.rsplit(":", 1)[-1], {}).get("objects", {}):
                about = {"resource_arn": bucket, "service_context": {"s3:prefix": name}}
                denied = original(access_key, "s3:ListBucket", service, region, **about)
        return denied

    return enforce
