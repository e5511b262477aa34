"""All objectives and algorithms. To add one, write its record and add it here."""

from engine.model.algorithm import Algorithm
from engine.model.algorithms.gradient_boosted_trees import GradientBoostedTrees
from engine.model.algorithms.random_forest import RandomForest
from engine.model.document_types import Dossier, Model
from engine.model.objective import Objective
from engine.model.objectives.binary import Binary
from engine.model.objectives.regression import Regression
from engine.plan_types import TrainTask

OBJECTIVES: dict[str, Objective] = {"binary": Binary(), "regression": Regression()}
ALGORITHMS: dict[str, Algorithm] = {
    "gradient-boosted-trees": GradientBoostedTrees(),
    "random-forest": RandomForest(),
}


def objective_of(document: TrainTask | Model | Dossier) -> Objective:
    """The record of a document's objective. Documents from when there was only one do not name it: it is the first."""
    return OBJECTIVES[document.get("objective", next(iter(OBJECTIVES)))]


def algorithm_of(document: TrainTask | Model) -> Algorithm:
    named = document["algorithm"]
    return ALGORITHMS[named if isinstance(named, str) else named["name"]]
