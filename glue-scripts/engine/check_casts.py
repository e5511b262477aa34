"""Finds each `try_cast` of a column that no rule checks: it turns bad values into nulls, and nothing counts them."""

from engine.dialect.parts import parts_of
from engine.dialect.tokens import place, tokens_of
from engine.plan_types import Issue, Plan, TransformTask


def check_casts(plan: Plan) -> list[Issue]:
    """A warning, MR119, for each `try_cast` whose columns no rule of a read names."""
    return [found for task in plan["tasks"] if "sql" in task for found in of_task(task)]


def of_task(task: TransformTask) -> list[Issue]:
    sql = task["sql"]
    rules = [rule["sql"] for read in task["reads"] for rule in [*read["quarantine"], *read["keep"]] if "sql" in rule]
    judged = {word for rule in rules for word in names_in(rule)}
    visible = {column.split(".")[1].lower() for columns in task["lineage"].values() for column in columns}
    found: list[Issue] = []
    for part in parts_of(sql):
        if part.kind != "cast" or part.name != "try_cast":
            continue
        columns = names_in(sql[slice(*part.arguments[0])]) & visible
        if columns and not columns & judged:
            name = sorted(columns)[0]
            found.append(
                {
                    "code": "MR119",
                    "path": f"{task['sqlFile']}:{place(sql, part.span[0])}",
                    "message": f"try_cast turns a {name} that is not a valid {part.more} into null, and no rule counts such rows",
                    "hint": f'add a quarantine rule: {name}_is_usable: "{name} IS NULL OR {sql[slice(*part.span)]} IS NOT NULL"',
                }
            )
    return found


def names_in(text: str) -> set[str]:
    return {token.text.strip("`").lower() for token in tokens_of(text) if token.kind in ("word", "quoted")}
