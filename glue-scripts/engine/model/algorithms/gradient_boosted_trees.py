"""XGBoost's boosted trees: each tree corrects the sum of the trees before it."""

from engine.model.algorithm import Point
from engine.model.algorithms.trees import Fit, Rows, Trees, grown, parameters
from engine.model.objective import Loss
from engine.plan_types import GradientBoostedTrees as Planned


class GradientBoostedTrees(Trees):
    def plain(self, planned: Planned) -> Planned:
        grid = planned["grid"]
        return {
            **planned,
            "grid": {"maxDepth": sorted(set(grid["maxDepth"])), "rounds": sorted(set(grid["rounds"]))},
        }

    def searches(self, planned: Planned) -> list[list[Point]]:
        # Boosting only adds trees: the fit of many rounds contains the fits of fewer rounds.
        grid = self.plain(planned)["grid"]
        return [[{"max_depth": depth, "rounds": rounds} for rounds in grid["rounds"]] for depth in grid["maxDepth"]]

    def cost(self, point: Point) -> tuple[int, ...]:
        return point["rounds"], point["max_depth"]

    def settings(self, planned: Planned) -> dict[str, float]:
        return {"learning_rate": planned["learningRate"]}

    def fitted(self, prepared: Rows, point: Point, planned: Planned, loss: Loss, seed: int) -> Fit:
        shaped = {"max_depth": point["max_depth"], "eta": planned["learningRate"]}
        return grown(prepared, parameters(loss, seed) | shaped, point["rounds"])

    def rounds(self, point: Point) -> int:
        return point["rounds"]
