"""XGBoost's boosted trees: each tree corrects the sum of the trees before it."""

from engine.model.algorithm import Point
from engine.model.algorithms.trees import Fit, Rows, Trees, grown, parameters
from engine.model.objective import Loss
from engine.plan_types import GradientBoostedTrees as Asked


class GradientBoostedTrees(Trees):
    def plain(self, asked: Asked) -> Asked:
        grid = asked["grid"]
        return {
            **asked,
            "grid": {"maxDepth": sorted(set(grid["maxDepth"])), "rounds": sorted(set(grid["rounds"]))},
        }

    def searches(self, asked: Asked) -> list[list[Point]]:
        # Boosting only adds trees: the fit of many rounds contains the fits of fewer rounds.
        grid = self.plain(asked)["grid"]
        return [[{"max_depth": depth, "rounds": rounds} for rounds in grid["rounds"]] for depth in grid["maxDepth"]]

    def cost(self, point: Point) -> tuple[int, ...]:
        return point["rounds"], point["max_depth"]

    def settings(self, asked: Asked) -> dict[str, float]:
        return {"learning_rate": asked["learningRate"]}

    def fitted(self, prepared: Rows, point: Point, asked: Asked, loss: Loss, seed: int) -> Fit:
        shaped = {"max_depth": point["max_depth"], "eta": asked["learningRate"]}
        return grown(prepared, parameters(loss, seed) | shaped, point["rounds"])

    def rounds(self, point: Point) -> int:
        return point["rounds"]
