"""Peer (b): tuned local Spark, with explicit schemas, 4 shuffle partitions, and features through Arrow to XGBoost on the driver."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import xgboost as xgb
from common_grid import cross_validated_grid, prepared
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F
from spark_features import CORRUPT, CUSTOMER_SCHEMA, INTERACTION_SCHEMA, activity_columns


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--split", required=True, help="Parquet of customer_id and part: -1 is held out, else the fold")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    data = arguments.data
    snapshot = json.loads((Path(data) / "generator.json").read_text())["snapshot"]
    phases, started = {}, time.monotonic()
    spark = (
        SparkSession.builder.master("local[*]")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.driver.memory", "4g")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    phases["start"] = time.monotonic() - started
    started = time.monotonic()
    raw = spark.read.csv(
        f"{data}/customers", header=True, schema=CUSTOMER_SCHEMA, mode="PERMISSIVE", columnNameOfCorruptRecord=CORRUPT
    )
    raw = raw.where(F.col(CORRUPT).isNull()).drop(CORRUPT)
    text = raw.select(*(F.trim(name).alias(name) for name in raw.columns))
    valid = F.to_date("join_date").isNotNull()
    for name in ("age", "monthly_charges", "total_charges"):
        valid = valid & ((F.coalesce(name, F.lit("")) == "") | F.col(name).cast("double").isNotNull())
    newest = Window.partitionBy("customer_id").orderBy(F.col("updated_at").cast("timestamp").desc_nulls_last())
    customers = (
        text.where(valid)
        .withColumn("_n", F.row_number().over(newest))
        .where("_n = 1")
        .select(
            "customer_id",
            (F.lower("status") == "cancelled").cast("int").alias("churn"),
            F.datediff(F.lit(snapshot), F.to_date("join_date")).alias("tenure_days"),
            *("plan_type", "device_type", "contract_type", "payment_method", "region_id"),
            *(F.col(name).cast("double").alias(name) for name in ("age", "monthly_charges", "total_charges")),
        )
    )
    interactions = spark.read.json(
        f"{data}/interactions", schema=INTERACTION_SCHEMA, mode="PERMISSIVE", columnNameOfCorruptRecord=CORRUPT
    ).where(F.col(CORRUPT).isNull())
    activity = activity_columns(interactions, snapshot)
    regions = spark.read.parquet(f"{data}/regions")
    features = customers.join(activity, "customer_id", "left").join(F.broadcast(regions), "region_id", "left")
    features = features.cache()
    features.write.mode("overwrite").parquet(f"{arguments.out}/features")
    frame = features.toPandas()
    phases["features"] = time.monotonic() - started
    started = time.monotonic()
    auc, best, booster = cross_validated_grid(prepared(frame, arguments.split), xgb, np)
    booster.save_model(f"{arguments.out}/model.json")
    phases["training"] = time.monotonic() - started
    print(json.dumps({"peer": "tuned", "customers": len(frame), "auc": auc, "best": best, "seconds_by_phase": phases}))
    spark.stop()


if __name__ == "__main__":
    main()
