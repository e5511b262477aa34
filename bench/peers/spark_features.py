"""Schemas and aggregates that the two Spark peers share."""

from typing import Any

from pyspark.sql import functions as F

CORRUPT = "_corrupt_record"
CUSTOMER_SCHEMA = ", ".join(
    f"{name} STRING"
    for name in (
        *("customer_id", "status", "join_date", "updated_at", "plan_type", "device_type", "contract_type"),
        *("payment_method", "age", "monthly_charges", "total_charges", "region_id", CORRUPT),
    )
)
INTERACTION_SCHEMA = (
    "customer_id STRING, ts STRING, channel STRING, type STRING, duration DOUBLE, sentiment DOUBLE, resolved BOOLEAN, "
    f"{CORRUPT} STRING"
)
TYPES = {"complaint": "complaints", "billing": "billing", "support": "support", "upgrade": "upgrades", "info": "infos"}


def activity_columns(interactions: Any, snapshot: str) -> Any:
    """One row per customer: counts by type, means and recency over the 30 and 90 days before the snapshot."""
    at = F.to_timestamp("ts")
    in_30d = at >= F.date_sub(F.lit(snapshot), 30).cast("timestamp")
    recent = interactions.where(
        (at < F.lit(snapshot).cast("timestamp")) & (at >= F.date_sub(F.lit(snapshot), 90).cast("timestamp"))
    )
    kind = F.lower(F.trim("type"))
    counts = []
    for value, name in TYPES.items():
        counts.append(F.count(F.when(in_30d & (kind == value), 1)).alias(f"{name}_30d"))
        counts.append(F.count(F.when(kind == value, 1)).alias(f"{name}_90d"))
    return recent.groupBy(F.trim("customer_id").alias("customer_id")).agg(
        F.count(F.when(in_30d, 1)).alias("interactions_30d"),
        F.count(F.lit(1)).alias("interactions_90d"),
        *counts,
        F.avg(F.when(in_30d, F.col("sentiment"))).alias("mean_sentiment_30d"),
        F.avg("sentiment").alias("mean_sentiment_90d"),
        F.avg(F.when(in_30d, F.col("resolved").cast("int"))).alias("share_resolved_30d"),
        F.avg(F.col("resolved").cast("int")).alias("share_resolved_90d"),
        F.avg(F.round("duration")).alias("mean_duration_90d"),
        F.datediff(F.lit(snapshot), F.to_date(F.max(at))).alias("days_since_last"),
    )
