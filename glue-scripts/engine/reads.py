"""What a transform reads: the rows in scope, of which some are quarantined, some filtered, and the rest passed to the SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.lake import Lake
from engine.session import Session
from engine.tables import Tables


@dataclass
class Taken:
    """One read, measured. `read` = `passed` + filtered + quarantined; `checksum` is over the passed rows' `_row`."""

    table: str
    use: str
    read: int
    passed: int
    checksum: int
    filtered: dict[str, int]
    quarantined: dict[str, int]
    #: A query for the quarantined rows as `_rule`, `_raw`, `_row`; None where there are none.
    rejects: str | None


def take(
    session: Session,
    tables: Tables,
    lake: Lake,
    task: Mapping[str, Any],
    item: Mapping[str, Any],
    upstream: Mapping[str, dict[str, Any]],
    args: Mapping[str, Any],
) -> dict[str, Taken]:
    """Make each upstream table visible under its own name, less the rows that its rules stop."""
    for read in task["reads"]:
        tables.frame(lake.of(upstream[read["table"]])).createOrReplaceTempView(f"_whole_{read['table']}")
    if item["mode"] == "incremental":
        mark_touched(session, tables, lake, task, item, upstream)
    taken = {}
    for read in task["reads"]:
        scoped = in_scope(session, tables, lake, read, item, upstream)
        scoped.createOrReplaceTempView(f"_scoped_{read['table']}")
        taken[read["table"]] = sift(session, read, upstream[read["table"]], args)
    return taken


def mark_touched(
    session: Session,
    tables: Tables,
    lake: Lake,
    task: Mapping[str, Any],
    item: Mapping[str, Any],
    upstream: Mapping[str, dict[str, Any]],
) -> None:
    """The view `_touched`: each key that any upstream table of scope `affected` has changed."""
    keys = None
    for read in task["reads"]:
        if not isinstance(read["scope"], dict):
            continue
        path = lake.of(upstream[read["table"]])
        changed = tables.changed_keys(path, read["scope"]["affected"], item["since"][read["table"]])
        keys = changed if keys is None else keys.union(changed)
    if keys is not None:
        tables.materialise(keys.distinct()).createOrReplaceTempView("_touched")


def in_scope(
    session: Session,
    tables: Tables,
    lake: Lake,
    read: Mapping[str, Any],
    item: Mapping[str, Any],
    upstream: Mapping[str, dict[str, Any]],
) -> Any:
    whole = f"_whole_{read['table']}"
    if item["mode"] == "full" or read["scope"] == "all":
        return session.spark.sql(f"SELECT * FROM {whole}")
    if read["scope"] == "new":
        return tables.appended(lake.of(upstream[read["table"]]), item["since"][read["table"]])
    column = read["scope"]["affected"]
    # Keys are compared without surrounding blanks: in bronze they may still have some.
    return session.spark.sql(
        f"SELECT t.* FROM {whole} t LEFT SEMI JOIN _touched k ON trim(CAST(t.`{column}` AS STRING)) = k.key"
    )


def sift(session: Session, read: Mapping[str, Any], upstream: Mapping[str, Any], args: Mapping[str, Any]) -> Taken:
    """Judge each row by the rules in order, and leave those that pass in a view of the table's own name."""
    table = read["table"]
    has_row = upstream["kind"] == "ingest" or any(r["use"] == "rows" for r in upstream["reads"])
    row = "_row" if has_row else "xxhash64(" + ", ".join(f"`{k}`" for k in upstream["key"]) + ") AS _row"
    columns = ", ".join(f"`{c['name']}`" for c in upstream["columns"])
    stamps = "_source_file, _ingested_at, _run_id, " if upstream["kind"] == "ingest" else ""
    joins, cases = [], []
    for i, (verdict, rule) in enumerate([*(("q", r) for r in read["quarantine"]), *(("k", r) for r in read["keep"])]):
        if "isIn" in rule:
            keys = f"SELECT DISTINCT `{rule['column']}` AS _key FROM _whole_{rule['isIn']}"
            joins.append(f"LEFT JOIN ({keys}) j{i} ON s.`{rule['column']}` = j{i}._key")
            holds = f"j{i}._key IS NOT NULL"
        else:
            holds = rule["sql"]
        cases.append(f"WHEN NOT coalesce(({holds}), false) THEN '{verdict}:{rule['name']}'")
    verdict = f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS STRING)"
    flagged = f"SELECT {stamps}{row}, {columns}, {verdict} AS _verdict FROM _scoped_{table} s {' '.join(joins)}"
    frame = session.spark.sql(flagged, args=dict(args)) if args else session.spark.sql(flagged)
    frame.createOrReplaceTempView(f"_flagged_{table}")
    counts = session.arrow(
        session.spark.sql(
            f"SELECT _verdict, count(*) AS n, coalesce(sum(_row % 2147483647), 0) AS checksum FROM _flagged_{table} GROUP BY _verdict"
        )
    ).to_pylist()
    visible = f"{stamps}_row, {columns}"
    session.spark.sql(f"SELECT {visible} FROM _flagged_{table} WHERE _verdict IS NULL").createOrReplaceTempView(table)
    stopped = {row["_verdict"]: row["n"] for row in counts if row["_verdict"] is not None}
    passed = next((row for row in counts if row["_verdict"] is None), {"n": 0, "checksum": 0})
    quarantined = {name[2:]: n for name, n in stopped.items() if name.startswith("q:")}
    raw = f"to_json(struct({stamps}{columns}))"
    return Taken(
        table=table,
        use=read["use"],
        read=sum(row["n"] for row in counts),
        passed=passed["n"],
        checksum=passed["checksum"],
        filtered={name[2:]: n for name, n in stopped.items() if name.startswith("k:")},
        quarantined=quarantined,
        rejects=f"SELECT substr(_verdict, 3) AS _rule, {raw} AS _raw, _row FROM _flagged_{table} WHERE _verdict LIKE 'q:%'"
        if quarantined
        else None,
    )
