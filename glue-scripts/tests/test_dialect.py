"""SQL that Sail would compute differently from Spark is rewritten, or refused with its place and a suggestion."""

from typing import Any

import pyarrow as pa
import pytest

from engine.check import check_query
from engine.check_casts import check_casts
from engine.check_plan import refusal, unplanned
from engine.dialect.differences import differences
from engine.dialect.parts import parts_of
from engine.dialect.patterns import java_pattern
from engine.dialect.sail import for_sail
from engine.dialect.unsupported import unsupported_in
from engine.session import Session
from engine.tables import Commit

INT, BIGINT = 2**31 - 1, 2**63 - 1


@pytest.fixture(scope="module")
def session(sail: tuple[Session, Any]) -> Session:
    found, _ = sail
    odd = pa.table(
        {
            "i": pa.array([INT], pa.int32()),
            "least": pa.array([-(2**31)], pa.int32()),
            "l": pa.array([BIGINT], pa.int64()),
            "two": pa.array([2], pa.int32()),
            "d": pa.array([1.005], pa.float64()),
            "s": pa.array(["2024-01-05T10:00:00"]),
        }
    )
    found.view("odd", odd)
    return found


def computed(session: Session, expression: str, table: str = "odd") -> Any:
    text = for_sail(session, f"SELECT {expression} AS r FROM {table}", {})
    return session.arrow(session.spark.sql(text)).to_pylist()[0]["r"]


OVERFLOWS = [
    *("i + 1", "least - 1", "i * two", "i * i", "i - least", "-least", "abs(least)", "l + 1", "l * two", "l - -1"),
    *("CASE WHEN two > 1 THEN i + 1 END", "coalesce(i + 1, 0)", "transform(array(i), x -> x + 1)", "sum(l) + 1"),
    *("aggregate(array(i, 1), 0, (a, x) -> a + x)", "sum(l * 2)", "CAST(i + 1 AS BIGINT)", "i + two * 1"),
    *("datediff(DATE'2024-03-01', DATE'2024-01-01') * 100000000", "row_number() OVER (ORDER BY i) * l + 1"),
    *("i + 1 > 0", "i * two IN (1, 2)", "NOT i + 1 > 0", "CAST(l AS INT) > 0", "sum(l) OVER () + 1"),
]


@pytest.mark.parametrize("expression", OVERFLOWS)
def test_an_integer_overflow_is_an_error_anywhere_in_the_sql(session: Session, expression: str) -> None:
    with pytest.raises(Exception, match=r"(?i)cast|overflow|out of range"):
        computed(session, expression)


def test_an_overflow_in_a_sum_a_filter_or_a_join_is_an_error(session: Session) -> None:
    session.view("many", pa.table({"l": pa.array([BIGINT, 1])}))
    for sql in ("SELECT sum(l) AS r FROM many", "SELECT l AS r FROM many WHERE l + 1 > 0"):
        with pytest.raises(Exception, match=r"(?i)cast|out of range"):
            session.arrow(session.spark.sql(for_sail(session, sql, {})))
    joined = "WITH a AS (SELECT i * two AS k FROM odd) SELECT count(*) AS r FROM a JOIN odd ON a.k = odd.i"
    with pytest.raises(Exception, match=r"(?i)cast"):
        session.arrow(session.spark.sql(for_sail(session, joined, {})))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) AS r FROM nans a JOIN nan b ON a.k = b.k",
        "SELECT count(b.k) AS r FROM nans a LEFT JOIN (SELECT DISTINCT k FROM nan) b ON b.k = a.k",
        "SELECT count(*) AS r FROM nans a WHERE EXISTS (SELECT 1 FROM nan b WHERE a.k <=> b.k)",
        "SELECT count(*) AS r FROM nans WHERE k = double('NaN')",
        "SELECT 3 - count(*) AS r FROM nans WHERE k <> double('NaN')",
    ],
)
def test_a_nan_is_found_by_a_join_and_a_filter(
    sail: tuple[Session, Any], session: Session, tmp_path: Any, sql: str
) -> None:
    # Stored in files: there Sail filters one side by the values of the other, and would not match NaN.
    _, tables = sail
    for name, values in (("nans", [1.0, float("nan"), -0.0]), ("nan", [float("nan")])):
        tables.write(str(tmp_path / name), pa.table({"k": values}), Commit("append", "app", 1))
        tables.frame(str(tmp_path / name)).createOrReplaceTempView(name)
    assert session.arrow(session.spark.sql(for_sail(session, sql, {}))).to_pylist() == [{"r": 1}]


def test_arithmetic_without_overflow_gives_the_usual_result(session: Session) -> None:
    cases = {"i - 1": INT - 1, "two * 3 + 1": 7, "l - 1 + 1": BIGINT, "-two": -2, "two * 1.5D": 3.0}
    for expression, right in cases.items():
        assert computed(session, expression) == right, expression
    assert computed(session, "round(d, 2)") == 1.01
    assert str(computed(session, "try_cast(s AS DATE)")) == "2024-01-05"
    assert computed(session, "try_cast('on' AS BOOLEAN)") is None
    assert computed(session, "try_cast('1d' AS DOUBLE)") == 1.0
    assert computed(session, "CASE WHEN two = 2 THEN 1 ELSE 2.5D END") == 1.0


REFUSED = {
    "extract(DOW FROM CAST(s AS DATE))": "dayofweek",
    "CAST(5 AS DECIMAL(10,2)) / 3": "DOUBLE",
    "CAST(d AS STRING)": "format_number",
    "concat(s, d)": "format_number",
    "bround(d)": "round",
    "get_json_object(s, '$.a[*]')": "from_json",
    "quote(s)": "a function of",
    "s RLIKE 'a(?=b)'": "simpler",
    "DATE'2024-01-02' - DATE'2024-01-01'": "datediff",
    "percentile_approx(i, 0.5)": "percentile",
    "coalesce(i, 'x')": "CAST",
    "two / 0": "nullif",
}


@pytest.mark.parametrize("expression", REFUSED)
def test_sql_that_cannot_be_rewritten_for_sail_is_refused_with_its_place_and_a_rewrite(
    session: Session, expression: str
) -> None:
    found = differences(session, f"SELECT\n  i,\n  {expression} AS r\nFROM odd", {})
    assert found and all(each.code in ("MR116", "MR117") and each.at.startswith("3:") for each in found), found
    assert REFUSED[expression] in found[0].rewrite


def test_sql_that_would_miss_nan_is_refused(session: Session) -> None:
    for refused in (
        "SELECT a.i FROM odd a JOIN odd b USING (i, d)",
        "SELECT a.i FROM odd a JOIN odd AS b USING (d) WHERE a.i > 0",
        "SELECT i FROM odd WHERE d NOT IN (SELECT d FROM odd)",
    ):
        assert [each.code for each in differences(session, refused, {})] == ["MR116"], refused
    for taken in (
        "SELECT a.i FROM odd a JOIN odd b USING (i, s)",
        "SELECT i FROM odd WHERE d IN (1, -0.5) AND i IN (SELECT i FROM odd)",
    ):
        assert differences(session, taken, {}) == [], taken


def test_ordinary_sql_is_not_refused(session: Session) -> None:
    sql = (
        "WITH a AS (SELECT i, l, trim(s) AS s, count(*) OVER (PARTITION BY two) AS n, try_cast(s AS DOUBLE) AS d FROM odd) "
        "SELECT i + 1 AS x, sum(l) / nullif(count(*), 0) AS y, round(avg(d), 2) AS z, "
        "max(date_add(CAST('2024-01-01' AS DATE), i)) AS w, count_if(s LIKE '%a%' AND s RLIKE '^[0-9]+$') AS v, "
        "max(CASE WHEN n > 1 THEN 'a' ELSE 'b' END) AS u FROM a WHERE i > 0 GROUP BY i"
    )
    assert differences(session, sql, {}) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT i + 1 AS j, count(*) AS n FROM many GROUP BY i + 1",
        "SELECT i+1 AS j, CAST(sum(l) - 5 AS INT) AS n FROM many GROUP BY i + 1 HAVING i + 1 > 0",
        "SELECT j, n FROM (SELECT (i + 1) * 1 AS j, count(*) AS n FROM many GROUP BY (i + 1) * 1)",
        "SELECT CAST(s AS INT) + 1 AS j, count(*) AS n FROM many GROUP BY CAST(s AS INT) + 1, s",
    ],
)
def test_an_expression_in_group_by_keeps_the_same_text_in_the_select_list(session: Session, sql: str) -> None:
    many = {"i": pa.array([1, 1], pa.int32()), "l": pa.array([3, 4], pa.int64()), "s": pa.array(["1", "1"])}
    session.view("many", pa.table(many))
    assert session.arrow(session.spark.sql(for_sail(session, sql, {}))).to_pylist() == [{"j": 2, "n": 2}]


def test_an_overflow_in_group_by_is_an_error(session: Session) -> None:
    sql = "SELECT i + 1 AS j, max(l + 1) AS n FROM odd GROUP BY i + 1"
    with pytest.raises(Exception, match=r"(?i)overflow|cast"):
        session.arrow(session.spark.sql(for_sail(session, sql, {})))


@pytest.mark.parametrize("type", ["DATE", "BOOLEAN"])
def test_a_failing_cast_names_the_text_of_the_cell(session: Session, type: str) -> None:
    session.view("cells", pa.table({"s": ["soon"]}))
    with pytest.raises(Exception, match="soon"):
        session.arrow(session.spark.sql(for_sail(session, f"SELECT CAST(s AS {type}) AS r FROM cells", {})))


def test_both_sides_of_an_equality_are_found() -> None:
    sql = "SELECT a + 1 = b * (c - 2) AND NOT d <> -e FROM x JOIN y ON x.k <=> y.k WHERE a = b = c"
    found = [[sql[slice(*span)] for span in part.arguments] for part in parts_of(sql) if part.kind == "equality"]
    assert found == [["a + 1", "b * (c - 2)"], ["d", "-e"], ["x.k", "y.k"], ["a", "b"], ["a = b", "c"]]


def test_parts_are_found_by_precedence_and_brackets() -> None:
    windowed = "sum(x * y) FILTER (WHERE z - 1 > 0) OVER (ORDER BY q) / 2"
    sql = f"SELECT a + b * -c, count(*), t.*, {windowed} -- d + e\nFROM t WHERE 'f + g' = :h - 1"
    found = [sql[slice(*part.span)] for part in parts_of(sql) if part.kind == "operator"]
    assert found == ["b * -c", "a + b * -c", "x * y", "z - 1", windowed, ":h - 1"]


def test_a_pattern_matches_what_it_matches_in_java() -> None:
    assert java_pattern(r"^\d+[\w-]\S$", whole=False) == r"^[0-9]+[A-Za-z0-9_-][^ \t\n\x0B\f\r]$"
    assert java_pattern(r"\.\$", whole=True) == r"\.\$"


def test_a_try_cast_without_a_rule_is_a_warning() -> None:
    task = {
        "kind": "transform",
        "sqlFile": "t.sql",
        "sql": "SELECT _row,\n  try_cast(trim(p.born) AS DATE) AS born,\n  try_cast(age AS INT) AS age FROM p",
        "lineage": {"born": ["p.born"], "age": ["p.age"]},
        "reads": [{"quarantine": [{"name": "age_is_a_number", "sql": "try_cast(age AS INT) IS NOT NULL"}], "keep": []}],
    }
    [found] = check_casts({"tasks": [task]})
    assert found["code"] == "MR119" and found["path"] == "t.sql:2:3"
    assert found["hint"].endswith('"born IS NULL OR try_cast(trim(p.born) AS DATE) IS NOT NULL"')


ORDERED = [
    "SELECT s, sum(two) AS t FROM odd GROUP BY s ORDER BY sum(two) + 1",
    "SELECT s, sum(two) AS t FROM odd GROUP BY s ORDER BY t + 1",
    "SELECT s, sum(l) AS t FROM odd GROUP BY s ORDER BY sum(l) - 1",
    "SELECT DISTINCT two FROM odd ORDER BY two + 1",
    "SELECT row_number() OVER (PARTITION BY two * 2 ORDER BY two + 1) AS r FROM odd",
    "SELECT row_number() OVER w AS r FROM odd WINDOW w AS (ORDER BY -two)",
    "SELECT two FROM odd LIMIT 1 + 1",
    "SELECT two + 1 AS t, count(*) AS n FROM odd GROUP BY two + 1 ORDER BY two + 1",
    "SELECT (two + 1) * 2 AS t, count(*) AS n FROM odd GROUP BY (two + 1) * 2 ORDER BY (two + 1) * 2",
    "SELECT two + 1 AS two FROM odd UNION ALL SELECT 9 ORDER BY two + 1",
    "WITH t AS (SELECT two + 1 AS u FROM odd ORDER BY two * 2) SELECT u FROM t SORT BY u + 1 LIMIT 2",
]


@pytest.mark.parametrize("sql", ORDERED)
def test_arithmetic_in_order_by_group_by_and_limit_works(session: Session, sql: str) -> None:
    assert differences(session, sql, {}) == []
    assert unplanned(session, sql, {}) is None
    assert session.arrow(session.spark.sql(for_sail(session, sql, {}))).num_rows > 0


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT two FROM odd ORDER BY i + 1",
        "SELECT s, max(i) AS m FROM odd GROUP BY s ORDER BY m + 1",
        "SELECT row_number() OVER (ORDER BY i + 1) AS r FROM odd",
    ],
)
def test_an_overflow_in_order_by_is_an_error(session: Session, sql: str) -> None:
    with pytest.raises(Exception, match=r"(?i)cast|out of range"):
        session.arrow(session.spark.sql(for_sail(session, sql, {})))


@pytest.mark.parametrize(
    ("sql", "does"),
    [
        ("SELECT s, sum(two) AS t FROM odd GROUP BY s ORDER BY min(two)", "ORDER BY that name"),
        ("SELECT s, count(*) AS n FROM odd GROUP BY s HAVING count(*) > 1 ORDER BY count(*)", "ORDER BY that name"),
        ("SELECT two AS t, t AS u FROM odd", "repeat the expression"),
        ("SELECT two FROM odd CLUSTER BY two", "remove it"),
    ],
)
def test_sql_that_the_engine_cannot_execute_is_refused_with_a_hint(session: Session, sql: str, does: str) -> None:
    reason = unplanned(session, sql, {})
    assert reason is not None and does in refusal(session, "x.sql", sql, reason)["hint"]


@pytest.mark.parametrize(
    ("sql", "at", "what", "does"),
    [
        ("SELECT two, count(*) AS n FROM odd GROUP BY\n ALL", "1:36", "GROUP BY ALL", "GROUP BY a, b"),
        ("SELECT two FROM odd ORDER BY ALL", "1:21", "ORDER BY ALL", "remove it"),
        ("SELECT *\nFROM (SELECT s, two FROM odd) PIVOT (sum(two) FOR s IN ('x' AS x))", "2:31", "PIVOT", "CASE WHEN"),
        ("FROM odd SELECT two", "1:1", "FROM before SELECT", "SELECT a FROM t"),
        ("SELECT x FROM\n (FROM odd SELECT two AS x)", "2:3", "FROM before SELECT", "SELECT a FROM t"),
        ("SELECT two FROM odd UNION ALL FROM odd SELECT two", "1:31", "FROM before SELECT", "SELECT a FROM t"),
        (
            "WITH a AS (SELECT extract(DAY FROM s) AS d FROM odd) FROM a SELECT d",
            "1:54",
            "FROM before SELECT",
            "SELECT a FROM t",
        ),
        ("SELECT two FROM odd WHERE s LIKE ANY ('x%', '%y')", "1:29", "LIKE ANY", "OR"),
        ("SELECT two FROM odd WHERE s LIKE ALL ('x%', '%y')", "1:29", "LIKE ALL", "AND"),
        ("SELECT * EXCEPT (two) FROM odd", "1:8", "EXCEPT", "names of the columns"),
        ("SELECT two FROM odd QUALIFY row_number() OVER (ORDER BY two) = 1", "1:21", "QUALIFY", "WHERE"),
        ("SELECT two FROM odd WHERE two = ANY (SELECT two FROM odd)", "1:31", "ANY", "IN (SELECT"),
        ("SELECT o.two FROM odd o, LATERAL (SELECT p.l FROM odd p WHERE p.two = o.two) q", "1:26", "LATERAL", "JOIN"),
        ("SELECT TOP 1 two FROM odd", "1:1", "TOP", "LIMIT"),
        ("SELECT 'ä' AS x,\n two two two FROM odd", "2:10", "cannot be parsed at two", "sql-ref-syntax"),
        ("SELECT two,\n initcapp(s) AS t FROM odd", "2:2", "unknown function: initcapp", "initcap?"),
        ("SELECT xyzzy_9(s) AS t FROM odd", "1:8", "unknown function", "spark.apache.org/docs/3.5.6/api/sql"),
        ("DROP TABLE odd", None, "query", "write one SELECT"),
        ("SELECT two FROM odd; SELECT two FROM odd", None, "one statement", "nothing after its semicolon"),
    ],
)
def test_sql_that_the_engine_does_not_support_is_refused_with_its_place_and_a_hint(
    session: Session, sql: str, at: str | None, what: str, does: str
) -> None:
    task: Any = {"sql": sql, "sqlFile": "x.sql", "columns": [], "expect": [], "name": "x"}
    [found] = check_query(session, task, {})
    assert found["code"] == "MR301" and found["path"] == ("x.sql" if at is None else f"x.sql:{at}"), found
    assert what in found["message"] and len(found["message"]) < 150 and does in found["hint"], found


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT trim(BOTH 'x' FROM s) AS t, extract(DAY FROM DATE'2024-01-05') AS d FROM odd WHERE two IN (SELECT two FROM odd)",
        "SELECT a.two FROM (SELECT two FROM odd) a EXCEPT (SELECT two FROM odd) UNION ALL SELECT substring(s FROM 2 FOR 1) FROM odd",
        "SELECT top FROM odd",
    ],
)
def test_supported_words_are_not_called_unsupported(session: Session, sql: str) -> None:
    assert unsupported_in(session, sql) is None


def test_a_nan_in_a_file_is_greater_than_any_number(session: Session) -> None:
    """Neither the filter nor the maximum uses the file's statistics, which leave NaN out."""
    session.view("measured", pa.table({"k": [1, 2, 3], "x": [1.0, float("nan"), None]}))
    found = session.arrow(
        session.spark.sql("SELECT k FROM measured WHERE x > 1 UNION SELECT k FROM measured WHERE x <= 1")
    )
    assert sorted(found["k"].to_pylist()) == [1, 2]
    assert str(session.arrow(session.spark.sql("SELECT max(x) AS m FROM measured"))["m"][0].as_py()) == "nan"
