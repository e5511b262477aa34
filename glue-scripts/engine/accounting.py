"""Row accounting: each row that a task reads ends in exactly one place. A gap raises a fault before anything is committed."""

from collections.abc import Mapping

from engine.batch import Batch
from engine.faults import Fault
from engine.plan_types import RowAccount, TableRead, TransformTask
from engine.reads import MeasuredRead
from engine.words import counted


def accounting(task: TransformTask, reads: Mapping[str, MeasuredRead], batch: Batch) -> RowAccount:
    """The row account of a task. Nothing has been committed yet.

    MR302 if a row is lost or counted twice, MR303 if an aggregate repeats a key, MR304 if it breaks its contract's nulls.
    """
    place = task["sqlFile"]
    passing = [reads[r["table"]] for r in task["reads"] if r["use"] == "rows"]
    entered = sum(read.passed for read in passing)
    if passing and (entered != batch.rows or sum(read.checksum for read in passing) != batch.checksum):
        what = f"{counted(entered, 'row')} went into the SQL of {task['name']} and {batch.rows:,} came out"
        if entered == batch.rows:
            what += ", but not the same rows: some were lost and as many were doubled"
        hint = (
            "a WHERE or an inner join loses rows: write a LEFT JOIN, or a `keep` rule such as "
            "known: { column: 'id', isIn: 'other_table' }; a join on a key that repeats doubles rows"
        )
        raise Fault("MR302", place, what, hint)
    for table, rows in batch.counted.items():
        if rows != reads[table].passed:
            passed = counted(reads[table].passed, "row")
            what = f"{passed} of {table} went into the SQL of {task['name']}, which counts {rows:,}"
            raise Fault(
                "MR302", place, what, f"make the filter a `keep` rule on {table}, or use a join that loses no rows"
            )
    if not passing and batch.deduplicated:
        what = f"{task['name']} repeats a key in {counted(batch.deduplicated, 'row')}"
        raise Fault("MR303", place, what, f"GROUP BY {', '.join(task['key'])} and nothing else")
    consumed = [read for read in reads.values() if read.use != "lookup"]
    filtered, quarantined = {}, dict(batch.bad) if passing else {}
    for read in consumed:
        filtered.update({named(read, rule, consumed): n for rule, n in read.filtered.items()})
        for rule, n in read.quarantined.items():
            quarantined[rule] = quarantined.get(rule, 0) + n
    if not passing and batch.bad:
        raise Fault(
            "MR304",
            place,
            f"{task['name']} has a null in a column whose contract allows none: {', '.join(batch.bad)}",
            "coalesce the column, or declare it nullable",
        )
    grouped = sum(batch.counted.values())
    result: RowAccount = {
        "read": sum(read.read for read in consumed),
        "written": batch.kept.rows if passing else 0,
        "aggregated": {task["name"]: grouped} if batch.counted else {},
        "deduplicated": batch.deduplicated if passing else 0,
        "filtered": {rule: n for rule, n in sorted(filtered.items()) if n},
        "quarantined": {rule: n for rule, n in sorted(quarantined.items()) if n},
        "lookups": {read.table: read.read for read in reads.values() if read.use == "lookup"},
        "reads": [table_read(read) for read in reads.values()],
    }
    placed = result["written"] + grouped + result["deduplicated"] + sum(filtered.values()) + sum(quarantined.values())
    if placed != result["read"]:
        raise Fault(
            "MR302",
            place,
            f"{counted(result['read'], 'row')} read, {placed:,} accounted for",
            "this is a bug in Millrace: please report it",
        )
    return result


def table_read(read: MeasuredRead) -> TableRead:
    """A read as the outcome reports it, together with the counts in the log of the upstream table."""
    expected = read.expected
    found: TableRead = {"table": read.table, "to": expected.to, "upstream": expected.upstream.rows, "read": read.read}
    if expected.since is not None:
        found["from"] = expected.since
    if expected.grown is not None:
        found["grown"] = expected.grown
    if read.changed is not None:
        found["changed"] = read.changed
    return found


def named(read: MeasuredRead, rule: str, consumed: list[MeasuredRead]) -> str:
    """The rule's name, with its table if a rule on another table has the same name."""
    return f"{read.table}.{rule}" if sum(rule in other.filtered for other in consumed) > 1 else rule
