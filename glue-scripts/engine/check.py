"""Analyses all SQL of a plan on empty frames of the declared types, before any data is read."""

from collections.abc import Mapping
from typing import Any

from engine.arrow_types import BRONZE_COLUMNS
from engine.check_plan import refusal, unplanned
from engine.dialect.differences import Difference, differences
from engine.foreign_errors import first_line
from engine.plan_types import Expectation, FoundIssue, Plan, SqlRule, TransformTask
from engine.readers.types import decimal_of
from engine.session import Session, empty_view, spark_type
from engine.sql import arguments
from engine.task_kinds import table_of

#: Contract type -> Spark's names for it and for the types that widen to it without loss.
ACCEPTED = {
    "string": {"string"},
    "boolean": {"boolean"},
    "int": {"int", "smallint", "tinyint"},
    "bigint": {"bigint", "int", "smallint", "tinyint"},
    "double": {"double", "float"},
    "date": {"date"},
    "timestamp": {"timestamp"},
}


#: Spark integer type -> its largest number of digits.
DIGITS = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}


def accepts(declared: str, found: str) -> bool:
    """Whether the declared type holds every value of `found`, a column's type under Spark's name."""
    if (size := decimal_of(declared)) is None:
        return found in ACCEPTED.get(declared, {declared})
    precision, scale = size
    digits, fraction = decimal_of(found) or (DIGITS.get(found, 99), 0)
    return fraction <= scale and digits - fraction <= precision - scale


def check_plan(session: Session, plan: Plan) -> list[FoundIssue]:
    """The issues found. `path` is the SQL file; `column`, if known, is the output column."""
    types = {p["name"]: p["type"] for p in plan["parameters"]}
    defaults = {p["name"]: p["default"] for p in plan["parameters"]}
    by_name = {task["name"]: task for task in plan["tasks"]}
    issues: list[FoundIssue] = []
    for task in plan["tasks"]:
        if "sql" not in task:
            continue
        args = arguments(defaults, task["parameters"], types)
        for name in task["upstream"]:
            if (upstream := table_of(by_name[name])) is not None:
                added = BRONZE_COLUMNS if upstream.stamped else BRONZE_COLUMNS[:1]
                empty_view(session, name, [*upstream.columns, *added])
        issues += check_rules(session, task, args)
        issues += check_query(session, task, args)
    return issues


def check_query(session: Session, task: TransformTask, args: Mapping[str, Any]) -> list[FoundIssue]:
    place = task["sqlFile"]
    try:
        frame = session.sql(task["sql"], args)
        found = {field.name: field.dataType.simpleString() for field in frame.schema.fields}
    except Exception as failure:
        return [refusal(session, place, task["sql"], first_line(failure))]
    issues: list[FoundIssue] = [
        issue_of(each, f"{place}:{each.at}") for each in differences(session, task["sql"], args)
    ]
    for column in task["columns"]:
        name, declared = column["name"], column["type"]
        if name in found and not accepts(declared, found[name]):
            message = f"{task['name']}.{name} is {found[name]} in the SQL, and {declared} in the contract"
            hint = f"CAST(... AS {spark_type(declared)}), or declare the type that the SQL returns"
            issues.append({"code": "MR112", "path": place, "column": name, "message": message, "hint": hint})
    if not issues and (reason := unplanned(session, task["sql"], args)):
        issues.append(refusal(session, place, task["sql"], reason))
    if issues:
        return issues
    frame.createOrReplaceTempView("_checked")
    for rule in task["expect"]:
        issues += check_predicate(
            session, f"SELECT ({rule['sql']}) AS ok FROM _checked", rule, f"{place}  expect.{rule['name']}", args
        )
    return issues


def check_rules(session: Session, task: TransformTask, args: Mapping[str, Any]) -> list[FoundIssue]:
    issues: list[FoundIssue] = []
    for read in task["reads"]:
        for rule in [*read["quarantine"], *read["keep"]]:
            if "sql" not in rule:
                continue
            place = f"{task['name']}.reads.{read['table']}.{rule['name']}"
            issues += check_predicate(
                session, f"SELECT ({rule['sql']}) AS ok FROM `{read['table']}`", rule, place, args
            )
    return issues


def check_predicate(
    session: Session, sql: str, rule: SqlRule | Expectation, place: str, args: Mapping[str, Any]
) -> list[FoundIssue]:
    try:
        frame = session.sql(sql, args)
        found = frame.schema.fields[0].dataType.simpleString()
        if found == "boolean":
            return [issue_of(each, place) for each in differences(session, sql, args)]
    except Exception as failure:
        return [refusal(session, place, rule["sql"], first_line(failure), is_rule=True)]
    return [{"code": "MR112", "path": place, "message": f"{rule['sql']} is {found}, and a rule must be true or false"}]


def issue_of(found: Difference, path: str) -> FoundIssue:
    return {"code": found.code, "path": path, "message": found.message, "hint": found.rewrite}
