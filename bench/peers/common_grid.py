"""The training that the two XGBoost peers share: the naive grid of 12 fits and a refit, as anyone would write it."""

from typing import Any

CATEGORICAL = ["plan_type", "device_type", "contract_type", "payment_method", "region_id"]


def prepared(frame: Any, split: str) -> Any:
    """The rows in the order of the split, with its `part`. Counts of customers without interactions become 0, empty text missing."""
    import pandas as pd

    parts = pd.read_parquet(split)
    unmatched = set(frame["customer_id"]) ^ set(parts["customer_id"])
    if unmatched:
        raise SystemExit(f"{len(unmatched)} customers are on one side only, such as {sorted(unmatched)[:3]}")
    frame = parts.merge(frame, on="customer_id")
    counts = [
        name for name in frame.columns if name.endswith(("_30d", "_90d")) and not name.startswith(("mean", "share"))
    ]
    frame[counts] = frame[counts].fillna(0)
    frame[CATEGORICAL] = frame[CATEGORICAL].replace("", None)
    return frame


def cross_validated_grid(frame: Any, xgb: Any, np: Any) -> tuple[float, dict[str, int], Any]:
    """The hold-out AUC, the best grid point and the refitted booster. Encoders learn from training rows only."""
    from sklearn.metrics import roc_auc_score

    def fit(x: Any, y: Any, depth: int, rounds: int) -> Any:
        params = {
            "objective": "binary:logistic",
            "max_depth": depth,
            "eta": 0.1,
            "tree_method": "hist",
            "nthread": 2,
            "seed": 42,
        }
        return xgb.train(params, xgb.DMatrix(x, y), num_boost_round=rounds)

    part = frame["part"].to_numpy()
    labels = frame["churn"].astype(int).to_numpy()
    inputs = frame.drop(columns=["customer_id", "churn", "part"])
    folds = []
    for fold in range(3):
        learn, judge = (part >= 0) & (part != fold), part == fold
        x_learn, x_judge = encoded(inputs[learn], inputs[judge], np)
        folds.append((x_learn, labels[learn], x_judge, labels[judge]))
    scores = {}
    for depth in (3, 5):
        for rounds in (50, 100):
            fold_scores = [
                roc_auc_score(yj, fit(xl, yl, depth, rounds).predict(xgb.DMatrix(xj))) for xl, yl, xj, yj in folds
            ]
            scores[(depth, rounds)] = float(np.mean(fold_scores))
    depth, rounds = max(scores, key=lambda point: scores[point])
    x_train, x_test = encoded(inputs[part >= 0], inputs[part < 0], np)
    booster = fit(x_train, labels[part >= 0], depth, rounds)
    auc = float(roc_auc_score(labels[part < 0], booster.predict(xgb.DMatrix(x_test))))
    return auc, {"max_depth": depth, "rounds": rounds}, booster


def encoded(train: Any, other: Any, np: Any) -> tuple[Any, Any]:
    """Both frames with one-hot encoding and median imputation, learned from `train`."""
    parts: list[list[Any]] = [[], []]
    for name in train.columns:
        if name in CATEGORICAL:
            for category in sorted(train[name].dropna().unique()):
                for part, frame in zip(parts, (train, other), strict=True):
                    part.append((frame[name] == category).to_numpy(dtype=np.float32))
        else:
            median = train[name].astype(float).median()
            for part, frame in zip(parts, (train, other), strict=True):
                part.append(frame[name].astype(float).fillna(median).to_numpy(dtype=np.float32))
    return np.column_stack(parts[0]), np.column_stack(parts[1])
