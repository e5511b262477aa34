"""Validates a document against its JSON Schema. Supports only the keywords that zod writes."""

import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, cast

from engine.faults import Fault
from engine.plan_types import Plan, WorkOrder

Schema = Mapping[str, Any]

#: The keywords supported. The first four do not constrain a value: a key in JSON is always a string.
WORDS = {"$schema", "$defs", "propertyNames", "default", "$ref", "anyOf", "oneOf", "type", "const", "enum", "pattern"}
WORDS |= {"minimum", "exclusiveMinimum", "maximum", "properties", "required", "additionalProperties"}
WORDS |= {"items", "minItems"}
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def plan_of(document: object, place: str) -> Plan:
    """The document as a plan. MR750 if it is not a plan of this version."""
    refuse_other(document, "plan", "MR750", place)
    return cast(Plan, document)


def work_of(document: object, place: str) -> WorkOrder:
    """The document as a work order. MR751 if it is not a work order of this version."""
    refuse_other(document, "work", "MR751", place)
    return cast(WorkOrder, document)


def refuse_other(document: object, name: str, code: str, place: str) -> None:
    schema = schema_of(name)
    wrong = next(misfits(document, schema, schema, ""), None)
    if wrong is not None:
        message = f"the {'work order' if name == 'work' else name} does not fit this engine: {wrong}"
        raise Fault(
            code,
            place,
            message,
            "start another run; if the pipeline is deployed, deploy it first, because both must have the same version",
        )


def schema_of(name: str) -> Schema:
    """The schema of a document, from the package's `contracts` folder. Works inside a zip as well."""
    text = resources.files("engine").joinpath("contracts", f"{name}.schema.json").read_text("utf8")
    return cast(Schema, json.loads(text))


def misfits(value: object, schema: Schema, root: Schema, at: str) -> Iterator[str]:
    """What does not fit in a value, each with its place, such as `tasks[3].kind: ...`."""
    place = at or "the document"
    for word, rule in schema.items():
        match word:
            case "$ref":
                yield from misfits(value, root["$defs"][rule.removeprefix("#/$defs/")], root, at)
            case "anyOf" | "oneOf":
                yield from no_choice(value, rule, root, at)
            case "type":
                if not any(is_type(value, name) for name in ([rule] if isinstance(rule, str) else rule)):
                    yield f"{place}: {shown(value)} is not of type {rule if isinstance(rule, str) else ' or '.join(rule)}"
            case "const" if value != rule:
                yield f"{place}: {shown(value)} is not {shown(rule)}"
            case "enum" if value not in rule:
                yield f"{place}: {shown(value)} is not one of {', '.join(map(shown, rule))}"
            case "pattern" if isinstance(value, str) and re.search(rule, value) is None:
                yield f"{place}: {shown(value)} does not match {rule}"
            case "minimum" if is_type(value, "number") and cast(float, value) < rule:
                yield f"{place}: {value} is less than {rule}"
            case "exclusiveMinimum" if is_type(value, "number") and cast(float, value) <= rule:
                yield f"{place}: {value} is not more than {rule}"
            case "maximum" if is_type(value, "number") and cast(float, value) > rule:
                yield f"{place}: {value} is more than {rule}"
            case "properties" if isinstance(value, dict):
                for key in rule.keys() & value.keys():
                    yield from misfits(value[key], rule[key], root, f"{at}.{key}" if at else key)
            case "required" if isinstance(value, dict):
                yield from (f"{place}: {key} is missing" for key in rule if key not in value)
            case "additionalProperties" if isinstance(value, dict):
                for key in value.keys() - schema.get("properties", {}).keys():
                    if rule is False:
                        yield f"{place}: {key} is unknown"
                    else:
                        yield from misfits(value[key], rule, root, f"{at}.{key}" if at else key)
            case "minItems" if isinstance(value, list) and len(value) < rule:
                yield f"{place}: it has {len(value)} entries, but needs at least {rule}"
            case "items" if isinstance(value, list):
                for i, entry in enumerate(value):
                    yield from misfits(entry, rule, root, f"{at}[{i}]")
            case _ if word not in WORDS:
                raise NotImplementedError(f"the JSON Schema keyword {word}")


def no_choice(value: object, choices: list[Schema], root: Schema, at: str) -> Iterator[str]:
    """What does not fit if the value matches none of the choices.

    Objects may have a tag, a property that is a constant in each choice (such as `kind`). The value's tag then picks the choice.
    """
    found = [list(misfits(value, choice, root, at)) for choice in choices]
    if not all(found):
        return
    tags = [constants(choice, root) for choice in choices]
    shared = set.intersection(*(set(each) for each in tags if each)) if any(tags) else set()
    tag = next((name for name in sorted(shared) if isinstance(value, dict) and name in value), None)
    if tag is None:
        yield found[-1][0]
        return
    mine = cast(dict[str, object], value)[tag]
    fitting = [wrong[0] for wrong, each in zip(found, tags, strict=True) if tag in each and each[tag] == mine]
    known = ", ".join(shown(each[tag]) for each in tags if tag in each)
    yield fitting[0] if fitting else f"{at}.{tag}: {shown(mine)} is not one of {known}"


def constants(schema: Schema, root: Schema) -> dict[str, object]:
    """The properties of an object's schema that have one constant value each."""
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return {name: rule["const"] for name, rule in schema.get("properties", {}).items() if "const" in rule}


def is_type(value: object, name: str) -> bool:
    """Whether a value is of a JSON type. In JSON true is not a number, and 1.0 is an integer."""
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES[name])


def shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
