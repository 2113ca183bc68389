"""TrajectoryPlanner: one cycle from a belief at the effect time to a plan."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter
from typing import cast

import numpy as np

from pavane.core.arrays import Floats32
from pavane.core.belief import Belief
from pavane.core.plan import Candidates, Plan, PlanPoint
from pavane.core.robot import RobotProfile
from pavane.motion.limits import bounds
from pavane.motion.model import DT, STEPS
from pavane.motion.rollout import rollout
from pavane.planning.local_planner.config import PlannerConfig
from pavane.planning.local_planner.objective.arguments import Arguments, Context, gather
from pavane.planning.local_planner.problem import PlanningProblem, build_problem
from pavane.planning.local_planner.search import OBJECTIVE, CostFunction, MakeSearch, Question, StagedSearch, never
from pavane.planning.local_planner.seeds import Seeds

SETTLE = 1.4  # s in which what is left of the speed dies away
WORTH = 1e-3  # m by which a motion without a goal must be better than none


class TrajectoryPlanner:
    """Searches the space of smooth, realizable motions for the one with the best uncertainty-adjusted progress.

    Args:
        robot: its limits shape the space.
        config: what is weighed and how hard to look.
        rng: scrambles the scattered seeds.
        clock: what the stages' times are read from, s.
        cost: what candidates are judged by; rivals in studies have others.
        make_search: how they are found; likewise.

    Attributes:
        tail: steps after the horizon within which every motion comes to rest.
    """

    def __init__(
        self,
        robot: RobotProfile,
        config: PlannerConfig,
        rng: np.random.Generator,
        *,
        clock: Callable[[], float] = perf_counter,
        cost: CostFunction = OBJECTIVE,
        make_search: MakeSearch = StagedSearch,
    ) -> None:
        self._clock, self._cost = clock, cost
        self.config = config
        self.bounds = bounds(robot)
        self.shape = robot.shape
        self.seeds = Seeds(self.bounds, config.search.spread, config.search.nearby, rng)
        self._search = make_search(self.bounds, config.search, self.seeds, cost, clock)
        # a robot that hardly reverses had better turn round, even for a goal close behind it
        self._back = np.float32(float(self.bounds.v_high) / max(-float(self.bounds.v_low), 0.01) - 1.0)
        limits = robot.limits
        forward = stop_seconds(limits.vx_max, min(-limits.ax_min, limits.ax_max), limits.ax_max, limits.jx_max)
        turning = stop_seconds(limits.wz_max, limits.az_max, limits.az_max, limits.jz_max)
        self.tail = math.ceil((max(forward, turning) + SETTLE) / DT)

    def plan(
        self,
        belief: Belief,
        scheduled: PlanPoint,
        previous: Plan | None,
        overdue: Callable[[], bool] = never,
    ) -> Plan:
        """The plan that takes effect at ``belief.stamp`` from the scheduled command, at the predicted pose.

        Args:
            belief: fast-forwarded to the effect time.
            scheduled: what will be commanded there: v, omega, a, alpha.
            previous: the committed plan, for the warm start.
            overdue: asked between rounds; once true the best so far is the plan, which is as legal as any.
        """
        began = self._clock()
        start = (scheduled.v, scheduled.omega, scheduled.a, scheduled.alpha)
        problem = build_problem(belief, self.shape, self.config.objective, start, self.config.most_tracks)
        found = self.search(problem, previous, belief.stamp, overdue, began)
        best = int(np.argmin(found.costs))
        if belief.guidance is None:  # with nowhere to go it does not stir for next to nothing
            stops = np.flatnonzero(~found.decisions.any(axis=0))
            if found.costs[stops].min(initial=np.inf) < found.costs[best] + WORTH:
                best = int(stops[0])
        decision = found.decisions[:, best].copy()
        states = np.empty((STEPS + 1 + self.tail, 7))
        in_odom = np.append(belief.robot.pose.array(), start)
        rollout(decision.astype(np.float64), in_odom, self.bounds, self.tail, states)
        v, omega, a, alpha = states[:, 3:].T
        return Plan(
            belief.stamp, DT, states[:, :3].copy(), v, omega, a, alpha, decision, float(found.costs[best]), found
        )

    def context(self, problem: PlanningProblem) -> Context:
        """What candidates are judged by in a problem."""
        problem = self._cost.adapt(problem)
        goal = problem.goal._replace(back=self._back)
        start = problem.start.astype(np.float32)
        context = gather(
            start, self.bounds, problem.weights, problem.fields, goal,
            problem.discs, problem.body, problem.people, problem.discount,
        )  # fmt: skip
        return context._replace(arguments=cast(Arguments, (*context.arguments, *self._cost.figures)))

    def weigh(self, problem: PlanningProblem, decisions: Floats32) -> Floats32:
        """Costs (N,) of decisions (8, N) in a problem, m; N >= 32."""
        costs = np.empty(decisions.shape[1], np.float32)
        self._cost.evaluate(decisions, *self.context(problem).arguments, costs)
        return costs

    def search(
        self,
        problem: PlanningProblem,
        previous: Plan | None,
        effect_time: float,
        overdue: Callable[[], bool] = never,
        began: float | None = None,
    ) -> Candidates:
        """Every candidate weighed; see :class:`StagedSearch`.

        Args:
            problem: what the candidates meet.
            previous: the committed plan, for the warm start.
            effect_time: when the new plan takes effect, s.
            overdue: see :meth:`plan`.
            began: reading of the clock that the stages' times count from, s; None for now.
        """
        began = self._clock() if began is None else began
        return self._search(Question(problem, self.context(problem), previous, effect_time, overdue, began))


def stop_seconds(speed: float, brake: float, acceleration: float, jerk: float) -> float:
    """Longest time, s, to come to rest from ``speed`` while still gaining it at ``acceleration``, jerk limited."""
    ramp = acceleration / jerk
    peak = speed + 0.5 * acceleration * ramp
    if peak * jerk >= brake * brake:
        return ramp + peak / brake + brake / jerk
    return ramp + 2.0 * math.sqrt(peak / jerk)
