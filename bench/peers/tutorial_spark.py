"""Peer (a): local Spark as in tutorials, with inferred schemas, 200 shuffle partitions, and MLlib in a CrossValidator."""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from pyspark.ml import Pipeline
from pyspark.ml.classification import GBTClassifier
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import Imputer, OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F
from spark_features import activity_columns

CATEGORICAL = ["plan_type", "device_type", "contract_type", "payment_method", "region_id"]


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
        .config("spark.driver.memory", "4g")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    raw = spark.read.csv(f"{data}/customers", header=True, inferSchema=True, mode="DROPMALFORMED", ignoreLeadingWhiteSpace=True,
                         ignoreTrailingWhiteSpace=True)  # fmt: skip
    valid = F.to_date("join_date").isNotNull()
    for name in ("age", "monthly_charges", "total_charges"):
        text = F.col(name).cast("string")
        valid = valid & ((F.coalesce(text, F.lit("")) == "") | text.cast("double").isNotNull())
    newest = Window.partitionBy("customer_id").orderBy(F.col("updated_at").cast("timestamp").desc_nulls_last())
    customers = raw.where(valid).withColumn("_n", F.row_number().over(newest)).where("_n = 1").drop("_n")
    customers = customers.withColumn("churn", (F.lower("status") == "cancelled").cast("int"))
    customers = customers.withColumn("tenure_days", F.datediff(F.lit(snapshot), F.to_date("join_date")))
    numeric = ["tenure_days", "age", "monthly_charges", "total_charges"]
    customers = customers.select(
        "customer_id", "churn", *CATEGORICAL, *(F.col(n).cast("double").alias(n) for n in numeric)
    )
    interactions = spark.read.json(f"{data}/interactions", mode="DROPMALFORMED")
    typed = interactions.select("customer_id", "ts", "type", F.col("duration").cast("double"), "sentiment", "resolved")
    activity = activity_columns(typed, snapshot)
    regions = spark.read.parquet(f"{data}/regions")
    features = customers.join(activity, "customer_id", "left").join(regions, "region_id", "left")
    counts = [n for n in activity.columns if n.endswith(("_30d", "_90d")) and not n.startswith(("mean", "share"))]
    # All programs use the same folds; MLlib's own split is not stratified.
    features = features.join(spark.read.parquet(arguments.split), "customer_id", "left")
    features = features.fillna(0, counts).fillna("missing", CATEGORICAL).cache()
    features.drop("part").write.mode("overwrite").parquet(f"{arguments.out}/features")
    customers_modelled = features.count()
    phases["features"] = time.monotonic() - started
    started = time.monotonic()
    numbers = [n for n in features.columns if n not in (*CATEGORICAL, "customer_id", "churn", "part")]
    features = features.select("churn", "part", *CATEGORICAL, *(F.col(n).cast("double").alias(n) for n in numbers))
    train, test = features.where("part >= 0"), features.where("part < 0")
    indexed = [f"{n}_index" for n in CATEGORICAL]
    encoded = [f"{n}_vector" for n in CATEGORICAL]
    filled = [f"{n}_filled" for n in numbers]
    classifier = GBTClassifier(labelCol="churn", seed=42)
    pipeline = Pipeline(
        stages=[
            StringIndexer(inputCols=CATEGORICAL, outputCols=indexed, handleInvalid="keep"),
            OneHotEncoder(inputCols=indexed, outputCols=encoded),
            Imputer(inputCols=numbers, outputCols=filled, strategy="median"),
            VectorAssembler(inputCols=[*encoded, *filled], outputCol="features"),
            classifier,
        ]
    )
    grid = ParamGridBuilder().addGrid(classifier.maxDepth, [3, 5]).addGrid(classifier.maxIter, [50, 100]).build()
    evaluator = BinaryClassificationEvaluator(labelCol="churn")
    validator = CrossValidator(
        estimator=pipeline, estimatorParamMaps=grid, evaluator=evaluator, numFolds=3, foldCol="part", seed=42
    )
    model = validator.fit(train)
    auc = float(evaluator.evaluate(model.transform(test)))
    fitted: Any = model.bestModel
    fitted.write().overwrite().save(f"{arguments.out}/model")
    phases["training"] = time.monotonic() - started
    point = grid[max(range(len(grid)), key=lambda i: model.avgMetrics[i])]
    best = {"max_depth": point[classifier.maxDepth], "rounds": point[classifier.maxIter]}
    print(
        json.dumps(
            {"peer": "tutorial", "customers": customers_modelled, "auc": auc, "best": best, "seconds_by_phase": phases}
        )
    )
    spark.stop()


if __name__ == "__main__":
    main()
