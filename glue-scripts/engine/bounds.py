"""Bounds on what a task may lose or leave empty: the share quarantined, the share null in a column, the rows that a table shrinks by.

Each has a share from which it is a warning and one from which it is an error, MR331 to MR333. Defaults look at the last runs.
"""

from collections.abc import Mapping

from engine.faults import Fault
from engine.job import Job, TableTask
from engine.plan_types import Bound, Bounds
from engine.words import counted

#: Shares quarantined that are worth a warning and that stop a task, where the definition names none.
WARN, ERROR = 0.02, 0.5
#: A run that quarantines fewer rows than this is stopped only where it reads everything anew and nothing is left.
AT_LEAST = 100
#: A rise of the share of nulls in a column, above that of the last runs, that is worth a warning.
RISE = 0.2
#: A table that loses more than this share of its rows is worth a warning.
FALL = 0.5
#: Shares of fewer rows than this say nothing.
FEW = 50


def check_quarantined(job: Job[TableTask], read: int, quarantined: Mapping[str, int]) -> list[str]:
    """Warnings. MR331 where more is quarantined than the bound allows, or all of a source or table that is read anew."""
    rejected = sum(quarantined.values())
    if rejected == 0:
        return []
    warn, error = limits(bounds_of(job).get("quarantined"))
    at_least = bounds_of(job).get("atLeast", AT_LEAST)
    share = rejected / read
    rules = ", ".join(f"{rule} {n:,}" for rule, n in sorted(quarantined.items(), key=lambda each: -each[1])[:5])
    told = f"{share:.1%} of {counted(read, 'row')} of {job.task['name']} went to quarantine ({rules})"
    nothing_left = job.full and rejected == read and error is None
    too_many = rejected >= at_least and share > (ERROR if error is None else error)
    if nothing_left or too_many:
        hint = (
            "repair or remove the input, or `millrace bookmarks set` it to pass it over; where it is right, "
            "say bounds: { quarantined: { error: 1 } }"
        )
        raise Fault("MR331", place(job), f"{told}: nothing was committed", hint)
    usual = job.item.get("usual")
    if warn is None:
        warn = max(0.005, 3 * usual["quarantined"] / usual["read"]) if usual and usual["read"] >= FEW else WARN
    return [told] if share > warn else []


def check_nulls(job: Job[TableTask], rows: int, nulls: Mapping[str, int]) -> list[str]:
    """Warnings. MR332 where a column has more nulls than its bound allows."""
    usual = job.item.get("usual")
    own = bounds_of(job).get("nulls", {})
    warned = []
    for column, n in nulls.items():
        if rows == 0:
            break
        share = n / rows
        warn, error = limits(own.get(column))
        told = f"{share:.1%} of {column} is null in {counted(rows, 'row')} of {job.task['name']}"
        if error is not None and share > error:
            hint = f"look into the input; where it is right, raise bounds.nulls.{column}"
            raise Fault("MR332", place(job), f"{told}, at most {error:.1%} may be: nothing was committed", hint)
        known = usual is not None and usual["rows"] >= FEW and rows >= FEW and column in usual["nulls"]
        before = usual["nulls"][column] / usual["rows"] if usual and known else None
        if warn is not None and share > warn:
            warned.append(told)
        elif warn is None and before is not None and share > before + RISE:
            warned.append(f"{told}, {before:.1%} in the last runs")
    return warned


def check_rows(job: Job[TableTask], before: int | None, after: int) -> list[str]:
    """Warnings. MR333 where a table that is made anew has fewer rows than its bound allows. `before` is None for a new table."""
    if before is None or before == 0 or after >= before:
        return []
    warn, error = limits(bounds_of(job).get("fall"))
    fall = 1 - after / before
    told = f"{job.task['name']} has {counted(after, 'row')} now, {before:,} before"
    if error is not None and fall > error:
        hint = "look into the input; where it is right, raise bounds.fall"
        raise Fault("MR333", place(job), f"{told}: nothing was committed", hint)
    return [told] if fall > (FALL if warn is None else warn) and (before >= FEW or warn is not None) else []


def bounds_of(job: Job[TableTask]) -> Bounds:
    return job.task.get("bounds") or {}


def limits(bound: Bound | None) -> tuple[float | None, float | None]:
    return (None, None) if bound is None else (bound.get("warn"), bound.get("error"))


def place(job: Job[TableTask]) -> str:
    return str(job.task.get("sqlFile", job.task.get("path", job.task["name"])))
