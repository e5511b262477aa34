"""XGBoost's random forest: independent trees, each grown on a sample of the rows. A score is the mean of the trees."""

from engine.model.algorithm import Point
from engine.model.algorithms.trees import Fit, Rows, Trees, grown, parameters
from engine.model.objective import Loss
from engine.plan_types import RandomForest as Planned

#: The sample of rows for each tree, almost no regularisation (it would pull small leaves towards 0), and whole steps.
FOREST = {"subsample": 0.8, "lambda": 1e-5, "eta": 1.0}


class RandomForest(Trees):
    def plain(self, planned: Planned) -> Planned:
        grid = planned["grid"]
        return {**planned, "grid": {"maxDepth": sorted(set(grid["maxDepth"])), "trees": sorted(set(grid["trees"]))}}

    def searches(self, planned: Planned) -> list[list[Point]]:
        # Leaves are divided by the number of trees, so a fit of many trees does not contain a fit of fewer.
        grid = self.plain(planned)["grid"]
        return [[{"max_depth": depth, "trees": trees}] for depth in grid["maxDepth"] for trees in grid["trees"]]

    def cost(self, point: Point) -> tuple[int, ...]:
        return point["max_depth"], point["trees"]

    def settings(self, planned: Planned) -> dict[str, float]:
        return {"column_share": planned["columnShare"]}

    def fitted(self, prepared: Rows, point: Point, planned: Planned, loss: Loss, seed: int) -> Fit:
        shaped = {
            "max_depth": point["max_depth"],
            "num_parallel_tree": point["trees"],
            "colsample_bynode": planned["columnShare"],
        }
        return grown(prepared, parameters(loss, seed) | FOREST | shaped, 1)

    def rounds(self, point: Point) -> int:
        return 1
