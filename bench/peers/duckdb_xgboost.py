"""Peer (c): one script with DuckDB and XGBoost, as an expert would write it for this data set."""

import argparse
import json
import time
from pathlib import Path

import duckdb
import numpy as np
import xgboost as xgb
from common_grid import cross_validated_grid, prepared

COLUMNS = [
    "customer_id", "status", "join_date", "updated_at", "plan_type", "device_type", "contract_type", "payment_method",
    "age", "monthly_charges", "total_charges", "region_id",
]  # fmt: skip

CUSTOMERS = """
CREATE TABLE customers AS
SELECT trim(customer_id) AS customer_id, (lower(trim(status)) = 'cancelled')::INT AS churn,
  try_cast(trim(join_date) AS DATE) AS join_date, trim(plan_type) AS plan_type, trim(device_type) AS device_type,
  trim(contract_type) AS contract_type, trim(payment_method) AS payment_method, try_cast(trim(age) AS DOUBLE) AS age,
  try_cast(trim(monthly_charges) AS DOUBLE) AS monthly_charges, try_cast(trim(total_charges) AS DOUBLE) AS total_charges,
  trim(region_id) AS region_id
FROM read_csv('{data}/customers/*.csv', header = true, all_varchar = true, ignore_errors = true, null_padding = false,
  columns = {columns})
WHERE trim(customer_id) <> '' AND try_cast(trim(join_date) AS DATE) IS NOT NULL
  AND (coalesce(trim(age), '') = '' OR try_cast(trim(age) AS DOUBLE) IS NOT NULL)
  AND (coalesce(trim(monthly_charges), '') = '' OR try_cast(trim(monthly_charges) AS DOUBLE) IS NOT NULL)
  AND (coalesce(trim(total_charges), '') = '' OR try_cast(trim(total_charges) AS DOUBLE) IS NOT NULL)
QUALIFY row_number() OVER (PARTITION BY trim(customer_id) ORDER BY try_cast(trim(updated_at) AS TIMESTAMP) DESC NULLS LAST) = 1
"""

FEATURES = """
CREATE TABLE features AS
WITH recent AS (
  SELECT trim(customer_id) AS customer_id, try_cast(ts AS TIMESTAMP) AS ts, lower(trim(type)) AS type,
    duration::DOUBLE AS duration, sentiment, resolved,
    try_cast(ts AS TIMESTAMP) >= DATE '{snapshot}' - 30 AS m
  FROM read_json('{data}/interactions/*.json', format = 'newline_delimited', ignore_errors = true,
    columns = {{customer_id: 'VARCHAR', ts: 'VARCHAR', type: 'VARCHAR', duration: 'JSON', sentiment: 'DOUBLE', resolved: 'BOOLEAN'}})
  WHERE try_cast(ts AS TIMESTAMP) < DATE '{snapshot}' AND try_cast(ts AS TIMESTAMP) >= DATE '{snapshot}' - 90
    AND json_type(duration) IS DISTINCT FROM 'VARCHAR'
),
activity AS (
  SELECT customer_id, count(*) FILTER (m) AS interactions_30d, count(*) AS interactions_90d,
    {counts},
    avg(sentiment) FILTER (m) AS mean_sentiment_30d, avg(sentiment) AS mean_sentiment_90d,
    avg(resolved::INT) FILTER (m) AS share_resolved_30d, avg(resolved::INT) AS share_resolved_90d,
    avg(round(duration)) AS mean_duration_90d, date_diff('day', max(ts)::DATE, DATE '{snapshot}') AS days_since_last
  FROM recent GROUP BY 1
)
SELECT c.customer_id, c.churn, date_diff('day', c.join_date, DATE '{snapshot}') AS tenure_days, c.plan_type, c.device_type,
  c.contract_type, c.payment_method, c.age, c.monthly_charges, c.total_charges,
  a.* EXCLUDE (customer_id), c.region_id, r.population, r.average_income, r.competitors
FROM customers c LEFT JOIN activity a USING (customer_id)
LEFT JOIN read_parquet('{data}/regions/*.parquet') r ON r.region_id = c.region_id
"""

TYPES = {"complaint": "complaints", "billing": "billing", "support": "support", "upgrade": "upgrades", "info": "infos"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--split", required=True, help="Parquet of customer_id and part: -1 is held out, else the fold")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    snapshot = json.loads((Path(arguments.data) / "generator.json").read_text())["snapshot"]
    phases, started = {}, time.monotonic()
    connection = duckdb.connect()
    columns = "{" + ", ".join(f"{name}: 'VARCHAR'" for name in COLUMNS) + "}"
    connection.execute(CUSTOMERS.format(data=arguments.data, columns=columns))
    counts = ", ".join(
        f"count(*) FILTER (m AND type = '{kind}') AS {name}_30d, count(*) FILTER (type = '{kind}') AS {name}_90d"
        for kind, name in TYPES.items()
    )
    connection.execute(FEATURES.format(data=arguments.data, snapshot=snapshot, counts=counts))
    Path(arguments.out).mkdir(parents=True, exist_ok=True)
    connection.execute(f"COPY features TO '{arguments.out}/features.parquet' (FORMAT parquet)")
    frame = connection.execute("SELECT * FROM features").df()
    phases["features"] = time.monotonic() - started
    started = time.monotonic()
    rows = prepared(frame, arguments.split)
    auc, best, booster = cross_validated_grid(rows, xgb, np)
    booster.save_model(f"{arguments.out}/model.json")
    phases["training"] = time.monotonic() - started
    print(json.dumps({"peer": "duckdb", "customers": len(frame), "auc": auc, "best": best, "seconds_by_phase": phases}))


if __name__ == "__main__":
    main()
