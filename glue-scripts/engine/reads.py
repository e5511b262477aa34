"""Reads the upstream tables of a transform: of the rows in scope, some are quarantined, some filtered, the rest go to the SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.contents import NUMBERS, Contents, summed, sums
from engine.failing_row import rule_fails
from engine.groups import parts_of
from engine.job import Job
from engine.keys import joined_by, key_text, type_of, without_sign_of_zero
from engine.plan_types import Field, Read, TransformTask
from engine.upstream import ExpectedRead, check_read, expected_read, row_number


@dataclass
class MeasuredRead:
    """The counts of one read. `read` = `passed` + filtered + quarantined; `checksum` is the sum of the hashes of the passed `_row`."""

    table: str
    use: str
    read: int
    #: All rows read, whatever their verdict.
    contents: Contents
    passed: int
    checksum: int
    #: For an aggregate: the number of passed rows in each part that `groups` counts separately.
    parts: list[int]
    filtered: dict[str, int]
    quarantined: dict[str, int]
    #: What upstream's log says there is to read.
    expected: ExpectedRead
    #: How many rows were added or changed since the last read, if this is a read of affected keys.
    changed: int | None
    #: A query for the quarantined rows, with the columns `rejects.REJECTED`; None if there are none.
    rejects: str | None
    #: SQL for the file that a row came from; null if the table does not belong to a source.
    file: str


def read_inputs(job: Job[TransformTask]) -> dict[str, MeasuredRead]:
    """Make each upstream table a view of the same name, without the rows that its rules stop. Returns the counts by table."""
    reads = job.task["reads"]
    expected = {read["table"]: expected_read(job, read) for read in reads}
    for read in reads:
        whole = job.tables.frame(job.upstream_path(read["table"]))
        whole.createOrReplaceTempView(f"_whole_{read['table']}")
    if not job.full:
        mark_touched(job)
    measured = {}
    for read in reads:
        in_scope(job, read).createOrReplaceTempView(f"_scoped_{read['table']}")
        measured[read["table"]] = apply_rules(job, read, expected[read["table"]])
    return measured


def mark_touched(job: Job[TransformTask]) -> None:
    """Make the view `_touched`: the text of each key with a changed row in any upstream table of scope `affected`."""
    changed = []
    for read in job.task["reads"]:
        if not isinstance(read["scope"], dict):
            continue
        table, column = read["table"], read["scope"]["affected"]
        changes = job.tables.changes(job.upstream_path(table), [column], job.item["since"][table])
        changes.createOrReplaceTempView(f"_changed_{table}")
        changed.append(f"SELECT {affected_key(job, read)} AS key FROM _changed_{table}")
    if changed:
        keys = job.sql(f"SELECT DISTINCT key FROM ({' UNION ALL '.join(changed)})")
        job.tables.materialise(keys).frame.createOrReplaceTempView("_touched")


def affected_key(job: Job[TransformTask], read: Read) -> str:
    """SQL for the text of the key of a read of scope `affected`."""
    assert isinstance(read["scope"], dict)
    column = read["scope"]["affected"]
    return key_text(f"`{column}`", type_of(job.table(read["table"]).columns, column))


def in_scope(job: Job[TransformTask], read: Read) -> Any:
    """The frame of the rows that a read covers in this run."""
    whole = f"_whole_{read['table']}"
    if job.full or read["scope"] == "all":
        return job.sql(f"SELECT * FROM {whole}")
    if read["scope"] == "new":
        return job.tables.appended(job.upstream_path(read["table"]), job.item["since"][read["table"]])
    return job.sql(f"SELECT t.* FROM {whole} t LEFT SEMI JOIN _touched k ON {affected_key(job, read)} = k.key")


def apply_rules(job: Job[TransformTask], read: Read, expected: ExpectedRead) -> MeasuredRead:
    """Apply the rules to each row in order, and make a view, named like the table, of the rows that pass all."""
    table = read["table"]
    upstream = job.table(table)
    columns = ", ".join(f"`{c['name']}`" for c in upstream.columns)
    key = affected_key(job, read) if isinstance(read["scope"], dict) else "CAST(NULL AS STRING)"
    file = "_source_file" if upstream.stamped else "CAST(NULL AS STRING)"
    stamps = "_source_file, _ingested_at, _run_id, " if upstream.stamped else ""
    verdict, joins = verdict_of(read, upstream.columns)
    flagged = f"SELECT {stamps}{row_number(upstream)}, {columns}, {verdict} AS _verdict FROM _scoped_{table} s {joins}"
    parts = parts_of(job) if read["use"] == "aggregate" else []
    measures = [
        *sums(upstream.columns, upstream.numbered),
        *(f"count_if({p}) AS part{i}" for i, p in enumerate(parts)),
    ]
    try:
        job.pipeline_sql(flagged).createOrReplaceTempView(f"_flagged_{table}")
        counts = job.rows(
            f"SELECT _verdict, {NUMBERS} AS checksum, {', '.join(measures)} FROM _flagged_{table} GROUP BY _verdict"
        )
    except Exception as failure:
        raise rule_fails(job, table, flagged, failure) from None
    values = ", ".join(column_for_sql(column, read) for column in upstream.columns)
    passing = job.sql(f"SELECT {stamps}_row, {values} FROM _flagged_{table} WHERE _verdict IS NULL")
    passing.createOrReplaceTempView(table)
    contents = summed(counts)
    stopped = {row["_verdict"]: row["rows"] for row in counts if row["_verdict"] is not None}
    passed = next((row for row in counts if row["_verdict"] is None), None)
    quarantined = {name[2:]: n for name, n in stopped.items() if name.startswith("q:")}
    raw = job.raw(f"{stamps}{columns}")
    rejects = (
        f"SELECT '{table}' AS _table, {key} AS _key, substr(_verdict, 3) AS _rule, {raw} AS _raw, _row, "
        f"{file} AS _source_file FROM _flagged_{table} WHERE _verdict LIKE 'q:%'"
    )
    return MeasuredRead(
        table=table,
        use=read["use"],
        read=contents.rows,
        contents=contents,
        passed=passed["rows"] if passed else 0,
        checksum=passed["checksum"] if passed else 0,
        parts=[passed[f"part{i}"] if passed else 0 for i in range(len(parts))],
        filtered={name[2:]: n for name, n in stopped.items() if name.startswith("k:")},
        quarantined=quarantined,
        rejects=rejects if quarantined else None,
        expected=expected,
        changed=check_read(job, expected, contents, key if isinstance(read["scope"], dict) else None),
        file=file,
    )


def verdict_of(read: Read, columns: Sequence[Field]) -> tuple[str, str]:
    """SQL for the first rule that a row fails (`q:rule` of `quarantine`, `k:rule` of `keep`, else null), and the joins it needs."""
    joins, cases = [], []
    for i, (kind, rule) in enumerate([*(("q", r) for r in read["quarantine"]), *(("k", r) for r in read["keep"])]):
        holds = rule.get("sql", f"j{i}._key IS NOT NULL")
        if "isIn" in rule:
            name, type = f"`{rule['column']}`", type_of(columns, rule["column"])
            keys = f"SELECT DISTINCT {joined_by(name, type)} AS _key FROM _whole_{rule['isIn']}"
            joins.append(f"LEFT JOIN ({keys}) j{i} ON {joined_by(f's.{name}', type)} = j{i}._key")
        cases.append(f"WHEN NOT coalesce(({holds}), false) THEN '{kind}:{rule['name']}'")
    return (f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS STRING)"), " ".join(joins)


def column_for_sql(column: Field, read: Read) -> str:
    """A column as the pipeline's SQL sees it."""
    name = f"`{column['name']}`"
    keyed = isinstance(read["scope"], dict) and read["scope"]["affected"] == column["name"]
    return f"{without_sign_of_zero(name, column['type'])} AS {name}" if keyed else name
