"""Rival objectives behind ours' protocol: a chance constraint, and a weighted sum with constant weights.

The space of motions, seeds, stages of the search with exact gradients, people's tracks and their predicted means, and
the taste for clearance from walls are ours; what a risk is worth is theirs. Each has three figures to be tuned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from pavane.arrays import Floats32
from pavane.bench.trial import MakePlanner
from pavane.kernels.context import Context
from pavane.kernels.rivals import evaluate_constrained, gradient_constrained
from pavane.kernels.search import accept, distinct, propose
from pavane.plan import Candidates, Plan, Stage
from pavane.robot import RobotProfile
from pavane.trajectory import Objective, PlannerConfig, TrajectoryPlanner
from pavane.trajectory.optimize import LENGTHS, SHRINK, Descent
from pavane.trajectory.planner import DISTINCT, never
from pavane.trajectory.scene import Scene
from pavane.trajectory.seeds import box

PRICE = 200.0  # m for each unit of probability beyond what is allowed: 1 % more for 2 m is no bargain
NOTHING = 1e-4  # share of their size to which hazards are taken, so that survival stays 1


@dataclass(frozen=True, slots=True)
class Tuning:
    """What is tuned of a rival, each a multiple of a plain choice.

    Args:
        people: of a weighted sum, the weight of harm to people; of a chance constraint, of the spread of where they
            will be.
        walls: weight of clearance from walls.
        effort: weight of acceleration, turning and jerk.
    """

    people: float = 1.0
    walls: float = 1.0
    effort: float = 1.0


class ChanceConstrained(TrajectoryPlanner):
    """The most progress among motions whose probability of a contact is at most ``allowed``; else the least risk.

    Args:
        allowed: probability of touching somebody or something over the horizon and the stop after it.
        tuning: see there.
        robot, config, rng: as :class:`TrajectoryPlanner`.
    """

    def __init__(
        self, allowed: float, tuning: Tuning, robot: RobotProfile, config: PlannerConfig, rng: np.random.Generator
    ) -> None:
        objective = replace(_with_effort(config.objective, tuning.effort), regret=tuning.walls)
        super().__init__(robot, replace(config, objective=objective), rng)
        self._limits = np.array([allowed, PRICE], np.float32)
        self._share = tuning.people

    def search(
        self,
        scene: Scene,
        previous: Plan | None,
        effect_time: float,
        overdue: Callable[[], bool] = never,
        began: float | None = None,
    ) -> Candidates:
        """See :class:`TrajectoryPlanner`; it always goes through all stages."""
        began = self._clock() if began is None else began
        context = self.context(replace(scene, people=spread(scene.people, self._share)))
        decisions, origins = self.seeds.make(scene, previous, effect_time)
        costs = np.empty(decisions.shape[1], np.float32)
        evaluate_constrained(decisions, *context.arguments, self._limits, costs)
        low, high = box(self.bounds)
        stages = self.config.search.stages
        chosen = np.empty(stages[0].kept, np.int64)
        distinct(decisions, np.argsort(costs, kind="stable"), 0.5 * (high - low), DISTINCT, chosen)
        descent = _Descent(np.ascontiguousarray(decisions[:, chosen]), low, high, context, self._limits)
        weighed, origins_left = len(costs) + len(chosen), origins[chosen]
        done = [(decisions, costs, origins)]
        for kept, rounds in stages:
            order = np.argsort(descent.costs, kind="stable")
            done.append((descent.u[:, order[kept:]], descent.costs[order[kept:]], origins_left[order[kept:]]))
            descent.narrow(order[:kept])
            origins_left = origins_left[order[:kept]]
            weighed += sum(descent.round() for _ in range(rounds))
        done.append((descent.u, descent.costs, origins_left))
        decisions, costs, origins = (np.concatenate(parts, axis=-1) for parts in zip(*done, strict=True))
        best = int(np.argmin(costs))
        stage = Stage(weighed, float(costs[best]), str(origins[best]), self._clock() - began)
        return Candidates(decisions, costs, origins, (stage,))


class _Descent(Descent):
    """Candidates on their way down as :class:`Descent` has them, under a chance constraint."""

    def __init__(self, u: Floats32, low: Floats32, high: Floats32, context: Context, limits: Floats32) -> None:
        super().__init__(u, low, high, context)
        self._limits = limits
        gradient_constrained(u, *context.arguments, limits, self.costs, self._slopes)

    def round(self) -> int:
        """See :class:`Descent`."""
        m: int = self.u.shape[1] * LENGTHS
        tried, values, slopes = np.empty((8, m), np.float32), np.empty(m, np.float32), np.empty((8, m), np.float32)
        propose(
            self.u, self._slopes, self._memory, self._moved, self._old, self._step,
            self._low, self._high, self._scale, SHRINK, tried,
        )  # fmt: skip
        gradient_constrained(tried, *self._arguments, self._limits, values, slopes)
        accept(
            self.u, self.costs, self._slopes, self._memory, self._moved, self._step, self._scale, tried, values, slopes
        )
        return m


def spread(people: Floats32, share: float) -> Floats32:
    """What the kernels read of people, (looks, P, PERSON_COLUMNS), so many times as unsure."""
    out = people.copy()
    out[:, :, 5] /= share**2
    out[:, :, 7] *= share**2
    return out


class WeightedSum(TrajectoryPlanner):
    """Progress minus effort minus constant weights times harm: our objective with a survival that is always 1.

    Hazards are all but nothing and harms as much larger, so that their products stay.
    """

    def __init__(self, tuning: Tuning, robot: RobotProfile, config: PlannerConfig, rng: np.random.Generator) -> None:
        ours = config.objective
        objective = replace(
            _with_effort(ours, tuning.effort),
            wall_scale=ours.wall_scale * NOTHING,
            touch_scale=ours.touch_scale * NOTHING,
            harm_base=ours.harm_base * tuning.walls / NOTHING,
            harm_speed=ours.harm_speed * tuning.walls / NOTHING,
            regret=0.0,
        )
        super().__init__(robot, replace(config, objective=objective), rng)
        self._people = tuning.people / tuning.walls

    def context(self, scene: Scene) -> Context:
        """See :class:`TrajectoryPlanner`."""
        people = scene.people.copy()
        people[:, :, 8:10] *= NOTHING
        people[:, :, 11] *= self._people
        return super().context(replace(scene, people=people))


def _with_effort(objective: Objective, share: float) -> Objective:
    """The objective with another weight of everything that makes motion rough."""
    efforts = ("effort_a", "effort_al", "effort_w", "effort_jerk", "effort_jerk_w")
    return replace(objective, **{name: share * getattr(objective, name) for name in efforts})


OURS = "ours"
RIVALS: dict[str, Callable[..., TrajectoryPlanner]] = {
    "chance_5": partial(ChanceConstrained, 0.05),
    "chance_20": partial(ChanceConstrained, 0.20),
    "weighted_sum": WeightedSum,
}


def maker(name: str, tuning: Tuning) -> MakePlanner:
    """What makes the planner of this name; ours is as it is."""
    return TrajectoryPlanner if name == OURS else partial(RIVALS[name], tuning)
