"""TrajectoryPlanner: one cycle from a belief at the effect time to a plan."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter

import numpy as np

from pavane.core.arrays import Floats32, Names
from pavane.core.belief import Belief
from pavane.core.plan import Candidates, Explorer, Plan, PlanPoint, Stage
from pavane.core.robot import RobotProfile
from pavane.motion.limits import bounds
from pavane.motion.model import DT, STEPS
from pavane.planning.local_planner.bfgs import Descent
from pavane.planning.local_planner.config import PlannerConfig
from pavane.planning.local_planner.kernels import distinct
from pavane.planning.local_planner.objective.arguments import Context, gather
from pavane.planning.local_planner.objective.cost import evaluate, gradient, rollout
from pavane.planning.local_planner.problem import PlanningProblem, build_problem
from pavane.planning.local_planner.seeds import EXPLORER, Seeds, box, explored_by

SETTLE = 1.4  # s in which what is left of the speed dies away
DISTINCT = 0.25  # share of the box by which two refined candidates must differ
WORTH = 1e-3  # m by which a motion without a goal must be better than none
PATIENCE = 4  # cycles that refine an explorer


def never() -> bool:
    """No deadline."""
    return False


class TrajectoryPlanner:
    """Searches the space of smooth, realizable motions for the one with the best uncertainty-adjusted progress.

    Args:
        robot: its limits shape the space.
        config: what is weighed and how hard to look.
        rng: scrambles the scattered seeds.
        clock: what the stages' times are read from, s.
    """

    def __init__(
        self,
        robot: RobotProfile,
        config: PlannerConfig,
        rng: np.random.Generator,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._clock = clock
        # rivals in studies have other kernels, and a context for them
        self._evaluate: Callable[..., None] = evaluate
        self._gradient: Callable[..., None] = gradient
        self.config = config
        self.bounds = bounds(robot)
        self.shape = robot.shape
        self.seeds = Seeds(self.bounds, config.search.spread, config.search.nearby, rng)
        # a robot that hardly reverses had better turn round, even for a goal close behind it
        self._back = np.float32(float(self.bounds.v_high) / max(-float(self.bounds.v_low), 0.01) - 1.0)
        limits = robot.limits
        forward = stop_seconds(limits.vx_max, min(-limits.ax_min, limits.ax_max), limits.ax_max, limits.jx_max)
        turning = stop_seconds(limits.wz_max, limits.az_max, limits.az_max, limits.jz_max)
        self._tail = math.ceil((max(forward, turning) + SETTLE) / DT)

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
        if belief.guidance is None:  # who has nowhere to go does not stir for next to nothing
            stops = np.flatnonzero(~found.decisions.any(axis=0))
            if found.costs[stops].min(initial=np.inf) < found.costs[best] + WORTH:
                best = int(stops[0])
        decision = found.decisions[:, best].copy()
        states = np.empty((STEPS + 1 + self._tail, 7))
        in_odom = np.append(belief.robot.pose.array(), start)
        rollout(decision.astype(np.float64), in_odom, self.bounds, self._tail, states)
        return Plan(
            belief.stamp,
            DT,
            states[:, :3].copy(),
            states[:, 3],
            states[:, 4],
            states[:, 5],
            states[:, 6],
            decision,
            float(found.costs[best]),
            found,
        )

    def context(self, problem: PlanningProblem) -> Context:
        """What candidates are judged by in a problem."""
        goal = problem.goal._replace(back=self._back)
        start = problem.start.astype(np.float32)
        return gather(
            start, self.bounds, problem.weights, problem.fields, goal,
            problem.discs, problem.body, problem.people, problem.discount,
        )  # fmt: skip

    def weigh(self, problem: PlanningProblem, decisions: Floats32) -> Floats32:
        """Costs (N,) of decisions (8, N) in a problem, m; N >= 32."""
        costs = np.empty(decisions.shape[1], np.float32)
        self._evaluate(decisions, *self.context(problem).arguments, costs)
        return costs

    def search(
        self,
        problem: PlanningProblem,
        previous: Plan | None,
        effect_time: float,
        overdue: Callable[[], bool] = never,
        began: float | None = None,
    ) -> Candidates:
        """Every candidate weighed: the seeds, then what the best of them became. At least the seeds are weighed.

        The last of those that are refined is an explorer: in turns one of those that are not the best, which PATIENCE
        cycles refine. What one cycle can refine to its end is what looks good at once; where that is to stand still, a
        robot would stand for ever.

        Args:
            problem: what the candidates meet.
            previous: the committed plan, for the warm start.
            effect_time: when the new plan takes effect, s.
            overdue: see :meth:`plan`.
            began: reading of the clock that the stages' times count from, s; None for now.
        """
        began = self._clock() if began is None else began
        seeds, kinds = self.seeds.make(problem, previous, effect_time)
        context = self.context(problem)
        costs = np.empty(seeds.shape[1], np.float32)
        self._evaluate(seeds, *context.arguments, costs)
        weighed = seeds.shape[1]

        def reached(costs: Floats32, origins: Names) -> Stage:
            best = int(np.argmin(costs))
            return Stage(weighed, float(costs[best]), str(origins[best]), self._clock() - began)

        stages = [reached(costs, kinds)]
        explorer = explored_by(previous)
        if overdue() or not self.config.search.stages:
            onward = explorer._replace(decision=seeds[:, EXPLORER].copy())
            return Candidates(seeds, costs, kinds, tuple(stages), onward)
        low, high = box(self.bounds)
        chosen = np.empty(self.config.search.stages[0].kept, np.int64)
        distinct(seeds, np.argsort(costs, kind="stable"), 0.5 * (high - low), DISTINCT, chosen)
        if explorer.age and not (chosen == EXPLORER).any():
            chosen[-1] = EXPLORER
        one = int(np.flatnonzero(chosen == EXPLORER)[0]) if explorer.age else -1
        first = np.ascontiguousarray(seeds[:, chosen])
        descent, origins = Descent(first, low, high, context, self._gradient), kinds[chosen]
        weighed += len(chosen)
        done = [(seeds, costs, kinds)]
        for kept, rounds in self.config.search.stages:
            if kept < len(origins):
                order = np.argsort(descent.costs, kind="stable")
                one = one if one >= 0 else int(order[kept - 1 + explorer.turn % (len(order) - kept + 1)])
                others = order[order != one]
                order = np.concatenate([others[: kept - 1], [one], others[kept - 1 :]])
                one = kept - 1
                left = order[kept:]
                done.append((descent.u[:, left], descent.costs[left], origins[left]))
                descent.narrow(order[:kept])
                origins = origins[order[:kept]]
            for _ in range(rounds):
                if overdue():
                    break
                weighed += descent.round()
            stages.append(reached(descent.costs, origins))
        done.append((descent.u, descent.costs, origins))
        every = zip(*done, strict=True)
        decisions, costs, origins = (np.concatenate(list(part), axis=-1) for part in every)
        if one < 0:
            return Candidates(decisions, costs, origins, tuple(stages))
        last = int(np.argmin(descent.costs)) == one or explorer.age + 1 == PATIENCE
        onward = Explorer(descent.u[:, one].copy(), explorer.turn + last, 0 if last else explorer.age + 1)
        return Candidates(decisions, costs, origins, tuple(stages), onward)


def stop_seconds(speed: float, brake: float, acceleration: float, jerk: float) -> float:
    """Longest time, s, to come to rest from ``speed`` while still gaining it at ``acceleration``, jerk limited."""
    ramp = acceleration / jerk
    peak = speed + 0.5 * acceleration * ramp
    if peak * jerk >= brake * brake:
        return ramp + peak / brake + brake / jerk
    return ramp + 2.0 * math.sqrt(peak / jerk)
