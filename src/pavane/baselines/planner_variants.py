"""The trajectory planner with one of its parts replaced; each takes its place in the closed loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pavane.baselines.trajectory_spaces import LATTICE_SPEEDS, LATTICE_TURNS
from pavane.core.arrays import Floats32
from pavane.core.plan import Candidates, Plan, Stage
from pavane.core.robot import RobotProfile
from pavane.motion.model import Bounds
from pavane.navigator import MakePlanner
from pavane.planning.local_planner import PlannerConfig, Search, TrajectoryPlanner
from pavane.planning.local_planner.bfgs import LENGTHS
from pavane.planning.local_planner.objective.cost import evaluate
from pavane.planning.local_planner.planner import never
from pavane.planning.local_planner.problem import PlanningProblem

SPEEDS_CROWD, TURNS_CROWD = 1.5, 2.5  # powers of even steps; the best of several on 13 drives


class ColdPlanner(TrajectoryPlanner):
    """Begins each search without the last plan: no seed continues it, and those near it lie near a stop."""

    def search(
        self,
        problem: PlanningProblem,
        previous: Plan | None,
        effect_time: float,
        overdue: Callable[[], bool] = never,
        began: float | None = None,
    ) -> Candidates:
        """See :class:`TrajectoryPlanner`."""
        return super().search(problem, None, effect_time, overdue, began)


class LatticePlanner(TrajectoryPlanner):
    """Takes the best of all points of a lattice, a stop among them, and the last plan; motion and costs are ours."""

    def __init__(self, robot: RobotProfile, config: PlannerConfig, rng: np.random.Generator) -> None:
        super().__init__(robot, config, rng)
        self._points = lattice(self.bounds)

    def search(
        self,
        problem: PlanningProblem,
        previous: Plan | None,
        effect_time: float,
        overdue: Callable[[], bool] = never,
        began: float | None = None,
    ) -> Candidates:
        """See :class:`TrajectoryPlanner`."""
        began = self._clock() if began is None else began
        seeds, kinds = self.seeds.make(problem, previous, effect_time)
        decisions = np.concatenate([seeds[:, :1], self._points], axis=1)  # the first seed continues the last plan
        costs = np.empty(decisions.shape[1], np.float32)
        evaluate(decisions, *self.context(problem).arguments, costs)
        origins = np.append(kinds[:1], np.repeat("lattice", self._points.shape[1]))
        best = int(np.argmin(costs))
        stage = Stage(len(costs), float(costs[best]), str(origins[best]), self._clock() - began)
        return Candidates(decisions, costs, origins, (stage,))


def lattice(b: Bounds) -> Floats32:
    """Every decision (8, N) of a state lattice: a pair of speed and yaw rate for the first 1.1 s and one for the rest.

    Values as many as of :class:`LatticeSpace`, and the highest reverse; here they crowd around zero, because a lattice
    with even steps, the least of them 0.2 m/s, hardly ever comes to rest at a goal.
    """
    ahead = np.linspace(0.0, 1.0, LATTICE_SPEEDS + 1) ** SPEEDS_CROWD * b.v_high
    shares = np.linspace(-1.0, 1.0, 2 * LATTICE_TURNS + 1)
    speeds, turns = np.append(ahead, b.v_low), np.sign(shares) * np.abs(shares) ** TURNS_CROWD * b.w_high
    v, w, later_v, later_w = (a.ravel() for a in np.meshgrid(speeds, turns, speeds, turns))
    return np.array([v, v, later_v, later_v, w, w, later_w, later_w], np.float32)


def one_stage(robot: RobotProfile, config: PlannerConfig, rng: np.random.Generator) -> TrajectoryPlanner:
    """Seeds alone: points near the last plan take the place of what refinement weighs.

    There they are worth most: spread over the whole space, they reach fewer goals and far more slowly.
    """
    ours = config.search
    refined = ours.stages[0].kept + LENGTHS * sum(stage.kept * stage.rounds for stage in ours.stages)
    search = Search(ours.spread, ours.nearby + refined, stages=())
    return TrajectoryPlanner(robot, replace(config, search=search), rng)


OURS = "ours"
VARIANTS: dict[str, MakePlanner] = {
    OURS: TrajectoryPlanner, "lattice": LatticePlanner, "one_stage": one_stage, "cold": ColdPlanner,
}  # fmt: skip
