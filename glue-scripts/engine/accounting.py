"""Row accounting: each row that a task reads ends in exactly one place. A gap is a fault, raised before anything is committed."""

from collections.abc import Mapping

from engine.batch import Batch
from engine.faults import Fault
from engine.plan_types import RowAccount, TableRead, TransformTask
from engine.reads import Taken
from engine.words import counted


def accounting(task: TransformTask, taken: Mapping[str, Taken], batch: Batch) -> RowAccount:
    """Every row read in exactly one place; a gap is a fault, and nothing has been committed yet."""
    place = task["sqlFile"]
    passing = [taken[r["table"]] for r in task["reads"] if r["use"] == "rows"]
    entered = sum(t.passed for t in passing)
    if passing and (entered != batch.rows or sum(t.checksum for t in passing) != batch.checksum):
        what = f"{counted(entered, 'row')} went into the SQL of {task['name']} and {batch.rows:,} came out"
        if entered == batch.rows:
            what += ", but not the same ones: some were lost and as many doubled"
        hint = (
            "a WHERE or an inner join loses rows (name it as a `keep` rule), a join on a key that repeats doubles them"
        )
        raise Fault("MR302", place, what, hint)
    for table, rows in batch.counted.items():
        if rows != taken[table].passed:
            passed = counted(taken[table].passed, "row")
            what = f"{passed} of {table} went into the SQL of {task['name']}, which counts {rows:,}"
            raise Fault(
                "MR302", place, what, f"name what loses them as a `keep` rule on {table}, or join so that none is lost"
            )
    if not passing and batch.deduplicated:
        what = f"{task['name']} repeats a key in {counted(batch.deduplicated, 'row')}"
        raise Fault("MR303", place, what, f"GROUP BY {', '.join(task['key'])} and nothing else")
    consumed = [t for t in taken.values() if t.use != "lookup"]
    filtered, quarantined = {}, dict(batch.bad) if passing else {}
    for t in consumed:
        filtered.update({named(t, rule, consumed): n for rule, n in t.filtered.items()})
        for rule, n in t.quarantined.items():
            quarantined[rule] = quarantined.get(rule, 0) + n
    if not passing and batch.bad:
        raise Fault(
            "MR304",
            place,
            f"{task['name']} has a null where its contract allows none: {', '.join(batch.bad)}",
            "coalesce it",
        )
    grouped = sum(batch.counted.values())
    result: RowAccount = {
        "read": sum(t.read for t in consumed),
        "written": batch.kept.rows if passing else 0,
        "aggregated": {task["name"]: grouped} if batch.counted else {},
        "deduplicated": batch.deduplicated if passing else 0,
        "filtered": {rule: n for rule, n in sorted(filtered.items()) if n},
        "quarantined": {rule: n for rule, n in sorted(quarantined.items()) if n},
        "lookups": {t.table: t.read for t in taken.values() if t.use == "lookup"},
        "reads": [told(t) for t in taken.values()],
    }
    placed = result["written"] + grouped + result["deduplicated"] + sum(filtered.values()) + sum(quarantined.values())
    if placed != result["read"]:
        raise Fault(
            "MR302",
            place,
            f"{counted(result['read'], 'row')} read, {placed:,} accounted for",
            "this is a fault of Millrace: report it",
        )
    return result


def told(t: Taken) -> TableRead:
    """A read, beside what upstream's log says of it."""
    found: TableRead = {"table": t.table, "to": t.claim.to, "upstream": t.claim.upstream.rows, "read": t.read}
    if t.claim.since is not None:
        found["from"] = t.claim.since
    if t.claim.grown is not None:
        found["grown"] = t.claim.grown
    if t.changed is not None:
        found["changed"] = t.changed
    return found


def named(t: Taken, rule: str, consumed: list[Taken]) -> str:
    """Rules of the same name on two tables stay apart."""
    return f"{t.table}.{rule}" if sum(rule in other.filtered for other in consumed) > 1 else rule
