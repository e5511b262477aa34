"""Bounds on data quality: the share of rows quarantined, the share of nulls in a column, the share of its rows that a table loses.

Each bound has a share above which it warns and one above which it fails the task, MR331 to MR333. Defaults depend on the last runs.
"""

from collections.abc import Mapping

from engine.faults import Fault
from engine.job import Job
from engine.plan_types import Bound, Bounds, IngestTask, TransformTask
from engine.words import counted

#: Default shares quarantined above which a task warns and fails.
WARN, ERROR = 0.02, 0.5
#: A run that quarantines fewer rows than this fails only if it is a full run and no row is left.
AT_LEAST = 100
#: Warn if the share of nulls in a column is higher by more than this than in the last runs.
RISE = 0.2
#: Warn if a table loses more than this share of its rows.
FALL = 0.5
#: A share of fewer rows than this is not meaningful.
FEW = 50

#: A task whose definition can set bounds.
BoundedTask = IngestTask | TransformTask


def check_quarantined(job: Job[BoundedTask], read: int, quarantined: Mapping[str, int]) -> list[str]:
    """Warnings. MR331 if more is quarantined than the bound allows, or if a full run quarantines every row."""
    rejected = sum(quarantined.values())
    if rejected == 0:
        return []
    warn, error = limits(bounds_of(job).get("quarantined"))
    at_least = bounds_of(job).get("atLeast", AT_LEAST)
    share = rejected / read
    rules = ", ".join(f"{rule} {n:,}" for rule, n in sorted(quarantined.items(), key=lambda each: -each[1])[:5])
    finding = f"{share:.1%} of {counted(read, 'row')} of {job.task['name']} went to quarantine ({rules})"
    nothing_left = job.full and rejected == read and error is None
    too_many = rejected >= at_least and share > (ERROR if error is None else error)
    if nothing_left or too_many:
        hint = (
            "repair or remove the input, or skip it with `millrace bookmarks set`; if the input is right, "
            "declare bounds: { quarantined: { error: 1 } }"
        )
        raise Fault("MR331", place(job), f"{finding}: nothing was committed", hint)
    usual = job.item.get("usual")
    if warn is None:
        warn = max(0.005, 3 * usual["quarantined"] / usual["read"]) if usual and usual["read"] >= FEW else WARN
    return [finding] if share > warn else []


def check_nulls(job: Job[BoundedTask], rows: int, nulls: Mapping[str, int]) -> list[str]:
    """Warnings. MR332 if a column has more nulls than its bound allows."""
    usual = job.item.get("usual")
    declared = bounds_of(job).get("nulls", {})
    warned = []
    for column, n in nulls.items():
        if rows == 0:
            break
        share = n / rows
        warn, error = limits(declared.get(column))
        finding = f"{share:.1%} of {column} is null in {counted(rows, 'row')} of {job.task['name']}"
        if error is not None and share > error:
            hint = f"check the input; if it is right, raise bounds.nulls.{column}"
            raise Fault("MR332", place(job), f"{finding}, and at most {error:.1%} may be: nothing was committed", hint)
        known = usual is not None and usual["rows"] >= FEW and rows >= FEW and column in usual["nulls"]
        before = usual["nulls"][column] / usual["rows"] if usual and known else None
        if warn is not None and share > warn:
            warned.append(finding)
        elif warn is None and before is not None and share > before + RISE:
            warned.append(f"{finding}, {before:.1%} in the last runs")
    return warned


def check_rows(job: Job[BoundedTask], before: int | None, after: int) -> list[str]:
    """Warnings. MR333 if a rebuilt table lost more rows than its bound allows. `before` is None for a new table."""
    if before is None or before == 0 or after >= before:
        return []
    warn, error = limits(bounds_of(job).get("fall"))
    fall = 1 - after / before
    finding = f"{job.task['name']} shrinks from {before:,} to {counted(after, 'row')}"
    if error is not None and fall > error:
        hint = "check the input; if it is right, raise bounds.fall"
        raise Fault("MR333", place(job), f"{finding}: nothing was committed", hint)
    return [finding] if fall > (FALL if warn is None else warn) and (before >= FEW or warn is not None) else []


def bounds_of(job: Job[BoundedTask]) -> Bounds:
    return job.task.get("bounds") or {}


def limits(bound: Bound | None) -> tuple[float | None, float | None]:
    return (None, None) if bound is None else (bound.get("warn"), bound.get("error"))


def place(job: Job[BoundedTask]) -> str:
    return str(job.task.get("sqlFile", job.task.get("path", job.task["name"])))
