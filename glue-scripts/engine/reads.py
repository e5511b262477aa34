"""What a transform reads: the rows in scope, of which some are quarantined, some filtered, and the rest passed to the SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.contents import NUMBERS, Contents, numbered, summed, sums
from engine.failing_row import rule_fails
from engine.groups import parts_of
from engine.job import Job
from engine.keys import joined_by, key_text, type_of, without_sign_of_zero
from engine.plan_types import Field, Read, TransformTask
from engine.upstream import Claim, check_read, claim_of, row_number


@dataclass
class Taken:
    """One read, measured. `read` = `passed` + filtered + quarantined; `checksum` is over the passed rows' `_row`."""

    table: str
    use: str
    read: int
    #: What the reader holds, of whatever verdict.
    contents: Contents
    passed: int
    checksum: int
    #: Of an aggregate: how many of the passed rows each part has that `groups` counts by itself.
    parts: list[int]
    filtered: dict[str, int]
    quarantined: dict[str, int]
    #: What upstream's log says of it, and how many rows came or changed since the last read, where it goes by keys.
    claim: Claim
    changed: int | None
    #: A query for the quarantined rows, of the columns of `rejects.REJECTED`; None where there are none.
    rejects: str | None
    #: SQL for the file that a row came from, null where the table is no source's.
    file: str


def read_inputs(job: Job[TransformTask]) -> dict[str, Taken]:
    """Make each upstream table visible under its own name, less the rows that its rules stop."""
    reads = job.task["reads"]
    claims = {read["table"]: claim_of(job, read) for read in reads}
    for read in reads:
        whole = job.tables.frame(job.upstream_path(read["table"]))
        whole.createOrReplaceTempView(f"_whole_{read['table']}")
    if not job.full:
        mark_touched(job)
    taken = {}
    for read in reads:
        in_scope(job, read).createOrReplaceTempView(f"_scoped_{read['table']}")
        taken[read["table"]] = apply_rules(job, read, claims[read["table"]])
    return taken


def mark_touched(job: Job[TransformTask]) -> None:
    """The view `_touched`: the text of each key of which any upstream table of scope `affected` has changed a row."""
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
    """SQL for the text of the key that a read of scope `affected` goes by."""
    assert isinstance(read["scope"], dict)
    column = read["scope"]["affected"]
    return key_text(f"`{column}`", type_of(job.table(read["table"])["columns"], column))


def in_scope(job: Job[TransformTask], read: Read) -> Any:
    whole = f"_whole_{read['table']}"
    if job.full or read["scope"] == "all":
        return job.sql(f"SELECT * FROM {whole}")
    if read["scope"] == "new":
        return job.tables.appended(job.upstream_path(read["table"]), job.item["since"][read["table"]])
    return job.sql(f"SELECT t.* FROM {whole} t LEFT SEMI JOIN _touched k ON {affected_key(job, read)} = k.key")


def apply_rules(job: Job[TransformTask], read: Read, claim: Claim) -> Taken:
    """Judge each row by the rules in order, and leave those that pass in a view of the table's own name."""
    table = read["table"]
    upstream = job.table(table)
    columns = ", ".join(f"`{c['name']}`" for c in upstream["columns"])
    key = affected_key(job, read) if isinstance(read["scope"], dict) else "CAST(NULL AS STRING)"
    file = "_source_file" if upstream["kind"] == "ingest" else "CAST(NULL AS STRING)"
    stamps = "_source_file, _ingested_at, _run_id, " if upstream["kind"] == "ingest" else ""
    verdict, joins = verdict_of(read, upstream["columns"])
    flagged = f"SELECT {stamps}{row_number(upstream)}, {columns}, {verdict} AS _verdict FROM _scoped_{table} s {joins}"
    parts = parts_of(job) if read["use"] == "aggregate" else []
    asked = [
        *sums(upstream["columns"], numbered(upstream)),
        *(f"count_if({p}) AS part{i}" for i, p in enumerate(parts)),
    ]
    try:
        job.theirs(flagged).createOrReplaceTempView(f"_flagged_{table}")
        counts = job.rows(
            f"SELECT _verdict, {NUMBERS} AS checksum, {', '.join(asked)} FROM _flagged_{table} GROUP BY _verdict"
        )
    except Exception as failure:
        raise rule_fails(job, table, flagged, failure) from None
    values = ", ".join(valued(column, read) for column in upstream["columns"])
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
    return Taken(
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
        claim=claim,
        changed=check_read(job, claim, contents, key if isinstance(read["scope"], dict) else None),
        file=file,
    )


def verdict_of(read: Read, columns: Sequence[Field]) -> tuple[str, str]:
    """SQL that gives `q:rule` or `k:rule` for the first rule that a row fails, null for none; and the joins that it needs."""
    joins, cases = [], []
    for i, (kind, rule) in enumerate([*(("q", r) for r in read["quarantine"]), *(("k", r) for r in read["keep"])]):
        holds = rule.get("sql", f"j{i}._key IS NOT NULL")
        if "isIn" in rule:
            name, type = f"`{rule['column']}`", type_of(columns, rule["column"])
            keys = f"SELECT DISTINCT {joined_by(name, type)} AS _key FROM _whole_{rule['isIn']}"
            joins.append(f"LEFT JOIN ({keys}) j{i} ON {joined_by(f's.{name}', type)} = j{i}._key")
        cases.append(f"WHEN NOT coalesce(({holds}), false) THEN '{kind}:{rule['name']}'")
    return (f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS STRING)"), " ".join(joins)


def valued(column: Field, read: Read) -> str:
    """A column as the SQL sees it."""
    name = f"`{column['name']}`"
    keyed = isinstance(read["scope"], dict) and read["scope"]["affected"] == column["name"]
    return f"{without_sign_of_zero(name, column['type'])} AS {name}" if keyed else name
