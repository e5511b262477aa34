"""Compares templates with AWS's own descriptions: `aws_models.py TEMPLATE...`. Prints each fault; status 1 if there is one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from iam import faults_of_template
from states import faults_of_machine


def main(paths: list[str]) -> int:
    calls = statements = 0
    found: list[str] = []
    for path in map(Path, paths):
        template = json.loads(path.read_text())
        count, faults = faults_of_template(template)
        statements += count
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::StepFunctions::StateMachine":
                count, more = faults_of_machine(resource["Properties"]["DefinitionString"])
                calls += count
                faults += [f"{name}: {each}" for each in more]
        found += [f"{path.name}: {each}" for each in faults]
    for line in found:
        print(line)
    print(f"{calls} calls of state machines, {statements} statements, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
