"""XGBoost's own JSON as the trees of `contracts/model.schema.json`."""

import json
import math
from collections.abc import Mapping
from typing import Any

from engine.model.document_types import Tree


def trees_of(raw: Mapping[str, Any]) -> list[Tree]:
    """Parallel arrays a tree. In XGBoost's file a leaf keeps its value where an inner node keeps its threshold."""
    return [flattened(tree) for tree in raw["learner"]["gradient_booster"]["model"]["trees"]]


def flattened(tree: Mapping[str, Any]) -> Tree:
    left, right = tree["left_children"], tree["right_children"]
    inner = [child != -1 for child in left]
    conditions = [float(value) for value in tree["split_conditions"]]
    return {
        "left": left,
        "right": [child if has else -1 for child, has in zip(right, inner, strict=True)],
        "feature": [index if has else 0 for index, has in zip(tree["split_indices"], inner, strict=True)],
        "threshold": [value if has else 0.0 for value, has in zip(conditions, inner, strict=True)],
        "value": [0.0 if has else value for value, has in zip(conditions, inner, strict=True)],
    }


def base_margin_of(raw: Mapping[str, Any]) -> float:
    """Log-odds that every score starts from. XGBoost 3 keeps the probability as text, in brackets: "[2.1E-1]"."""
    text = raw["learner"]["learner_model_param"]["base_score"]
    value = json.loads(text)
    probability = float(value[0] if isinstance(value, list) else value)
    return math.log(probability / (1 - probability))
