"""The trajectory planner with one of its parts replaced; each takes its place in the closed loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from pavane.baselines.trajectory_spaces import LATTICE_SPEEDS, LATTICE_TURNS
from pavane.core.arrays import Floats32
from pavane.core.belief import Belief
from pavane.core.plan import Candidates, Plan, PlanPoint, Stage
from pavane.core.robot import RobotProfile
from pavane.motion.model import Bounds
from pavane.navigator import MakePlanner
from pavane.planning.local_planner import PlannerConfig, Search, TrajectoryPlanner
from pavane.planning.local_planner.bfgs import LENGTHS
from pavane.planning.local_planner.search import CostFunction, Question, never
from pavane.planning.local_planner.seeds import Seeds

SPEEDS_CROWD, TURNS_CROWD = 1.5, 2.5  # powers of even steps; the best of several on 13 drives


class ColdPlanner:
    """Begins each search without the last plan: no seed continues it, and those near it lie near a stop.

    Args:
        robot, config, rng: as :class:`TrajectoryPlanner`.
    """

    def __init__(self, robot: RobotProfile, config: PlannerConfig, rng: np.random.Generator) -> None:
        self._planner = TrajectoryPlanner(robot, config, rng)

    def plan(
        self, belief: Belief, scheduled: PlanPoint, previous: Plan | None, overdue: Callable[[], bool] = never
    ) -> Plan:
        """See :class:`TrajectoryPlanner`."""
        return self._planner.plan(belief, scheduled, None, overdue)


class LatticeSearch:
    """Takes the best of all points of a lattice, a stop among them, and the last plan; motion and costs are ours.

    Args:
        bounds, config, seeds, cost, clock: as :class:`pavane.planning.local_planner.search.StagedSearch`.
    """

    def __init__(
        self, bounds: Bounds, config: Search, seeds: Seeds, cost: CostFunction, clock: Callable[[], float]
    ) -> None:
        self._seeds, self._cost, self._clock = seeds, cost, clock
        self._points = lattice(bounds)

    def __call__(self, question: Question) -> Candidates:
        """See :class:`pavane.planning.local_planner.search.SearchStrategy`."""
        seeds, kinds = self._seeds.make(question.problem, question.previous, question.effect_time)
        decisions = np.concatenate([seeds[:, :1], self._points], axis=1)  # the first seed continues the last plan
        costs = np.empty(decisions.shape[1], np.float32)
        self._cost.evaluate(decisions, *question.context.arguments, costs)
        origins = np.append(kinds[:1], np.repeat("lattice", self._points.shape[1]))
        best = int(np.argmin(costs))
        stage = Stage(len(costs), float(costs[best]), str(origins[best]), self._clock() - question.began)
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
    OURS: TrajectoryPlanner,
    "lattice": partial(TrajectoryPlanner, make_search=LatticeSearch),
    "one_stage": one_stage,
    "cold": ColdPlanner,
}
