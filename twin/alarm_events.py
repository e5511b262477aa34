"""Sends an event to EventBridge when an alarm changes its state, as CloudWatch does. MiniStack only notifies the alarm's topics."""

import json
import time
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch, eventbridge


def apply() -> None:
    cloudwatch._dispatch_alarm_actions = _with_event(cloudwatch._dispatch_alarm_actions)


def _with_event(original: Callable[..., Any]) -> Callable[..., Any]:
    def dispatch_alarm_actions(alarm: dict, old_state: str, new_state: str, reason: str) -> Any:
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime())
        dimensions = {entry["Name"]: entry["Value"] for entry in alarm.get("Dimensions", [])}
        metric = {"namespace": alarm.get("Namespace"), "name": alarm.get("MetricName"), "dimensions": dimensions}
        detail = {
            "alarmName": alarm["AlarmName"],
            "state": {"value": new_state, "reason": reason, "timestamp": now},
            "previousState": {"value": old_state},
            "configuration": {"metrics": [{"id": "m1", "metricStat": {"metric": metric}, "returnData": True}]},
        }
        entry = {
            "Source": "aws.cloudwatch",
            "DetailType": "CloudWatch Alarm State Change",
            "Detail": json.dumps(detail),
            "Resources": [alarm.get("AlarmArn", "")],
        }
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
        return original(alarm, old_state, new_state, reason)

    return dispatch_alarm_actions
