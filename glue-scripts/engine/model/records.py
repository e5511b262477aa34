"""What a model may predict, and how it may learn: a new objective or algorithm is a file in its folder and a line here."""

from engine.model.algorithm import Algorithm
from engine.model.algorithms.gradient_boosted_trees import GradientBoostedTrees
from engine.model.document_types import Dossier, Model
from engine.model.objective import Objective
from engine.model.objectives.binary import Binary
from engine.plan_types import TrainTask

OBJECTIVES: dict[str, Objective] = {"binary": Binary()}
ALGORITHMS: dict[str, Algorithm] = {"gradient-boosted-trees": GradientBoostedTrees()}


def objective_of(document: TrainTask | Model | Dossier) -> Objective:
    """Documents of models that were trained when there was one objective do not name it: it is the first."""
    return OBJECTIVES[document.get("objective", next(iter(OBJECTIVES)))]


def algorithm_of(document: TrainTask | Model) -> Algorithm:
    named = document["algorithm"]
    return ALGORITHMS[named if isinstance(named, str) else named["name"]]
