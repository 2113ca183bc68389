"""Weighing: which sources make a plan what it is, found by planning the same moment again without each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats, Floats32
from pavane.core.geometry import transform_poses
from pavane.explain.circumstances import Circumstances
from pavane.explain.counterfactual import without
from pavane.explain.sources import Source
from pavane.motion.model import DT
from pavane.planning.local_planner import motions
from pavane.planning.local_planner.problem import PlanningProblem

SOON = 1.5  # s over which speeds are compared
GROUPED = 1.5  # a group counts as one cause if it is worth so many times the sum of its members
LEAST = 0.01  # m; a source that is worth less is no cause


@dataclass(frozen=True, slots=True, eq=False)
class ChosenMotion:
    """The motion that one decision makes from the effect time on.

    Args:
        decision: (8,) decision vector.
        states: (61, 7) x, y, yaw, v, omega, a, alpha in the window frame.
        path: (61, 3) x, y, yaw in ``map``.
    """

    decision: Floats32
    states: Floats
    path: Floats

    @property
    def speed(self) -> float:
        """Mean forward speed over the next ``SOON`` s, m/s."""
        return float(self.states[: round(SOON / DT) + 1, 3].mean())

    @property
    def turn(self) -> float:
        """Turn over the next ``SOON`` s, rad."""
        return float(self.states[round(SOON / DT), 2] - self.states[0, 2])

    @property
    def way(self) -> float:
        """Length of the path, m."""
        return float(np.hypot(*np.diff(self.states[:, :2], axis=0).T).sum())

    def apart(self, other: ChosenMotion) -> float:
        """Return how far the two are from each other at most, m."""
        return float(np.hypot(*(self.states[:, :2] - other.states[:, :2]).T).max())


@dataclass(frozen=True, slots=True, eq=False)
class Cause:
    """Something that makes the plan what it is.

    Args:
        sources: that make it up; several where only all of them together matter.
        price: progress that the robot gives up because of them, m: what it would gain without them.
        without: the motion that it would choose without them.
        instead: the motion with which that is compared: the chosen one, or for an end of the way the one without walls.
    """

    sources: tuple[Source, ...]
    price: float
    without: ChosenMotion
    instead: ChosenMotion

    @property
    def kind(self) -> str:
        """Kind of its sources."""
        return self.sources[0].kind


class Weighing:
    """Plans a moment again and again, each time with some sources left out.

    Args:
        around: the moment.

    Attributes:
        plan: in force.
        chosen: the motion that it makes.
    """

    def __init__(self, around: Circumstances) -> None:
        self._around, self._planner, self.plan = around, around.moment.planner, around.plan
        self.chosen = self.motion(around.plan.decision)
        # what the search would gain by looking twice is due to no source
        self._slack = self._price(around.problem)[0]

    def motion(self, decision: Floats32) -> ChosenMotion:
        """Return the motion that a decision (8,) makes."""
        problem = self._around.problem
        states = motions(decision[:, None], problem.start, self._planner.bounds)[0]
        belief = self._around.belief
        path = transform_poses(belief.map_from_odom @ problem.odom_from_window, states[:, :3])
        return ChosenMotion(decision, states, path)

    def cost(self, problem: PlanningProblem, decision: Floats32) -> float:
        """Return the cost of a decision (8,) in a problem, m."""
        many = np.ascontiguousarray(np.repeat(decision[:, None], 32, axis=1))
        return float(self._planner.weigh(problem, many)[0])

    def _price(self, problem: PlanningProblem) -> tuple[float, Floats32]:
        """Return how much better than the plan the best motion of another problem fares there, m, and its decision."""
        found = self._planner.search(problem, self.plan, self._around.belief.stamp)
        best = int(np.argmin(found.costs))
        gain = self.cost(problem, self.plan.decision) - float(found.costs[best])
        return max(gain, 0.0), found.decisions[:, best].copy()

    def cause(self, sources: Sequence[Source], *, through: bool = False) -> Cause:
        """Return the motion that the robot would choose without some sources, and how much better it would fare.

        Args:
            sources: that are left out.
            through: whether it may drive through walls that are left out.
        """
        price, decision = self._price(without(self._around, sources, through=through))
        return Cause(tuple(sources), max(price - self._slack, 0.0), self.motion(decision), self.chosen)

    def _ends(self) -> list[Cause]:
        """Return what the goal and the bend of the way are worth: without them the robot would drive straight on.

        Walls are left out with them, as they would stop it, and what those alone are worth is taken off the price.
        """
        known, found = self._around.sources, []
        walls = self.cause([known.wall], through=True)
        spent = walls.price
        if known.goal is not None:
            end = self.cause([known.wall, known.goal], through=True)
            found.append(Cause((known.goal,), max(end.price - spent, 0.0), end.without, walls.without))
            spent = max(spent, end.price)
        if known.way is not None:
            end = self.cause([known.wall, known.way], through=True)
            price = max(end.price - spent, 0.0)
            if all(price > goal.price for goal in found):  # a way that leads on straight has no end either
                found.append(Cause((known.way,), price, end.without, walls.without))
        return found

    def causes(self) -> list[Cause]:
        """Return all causes that are worth something, dearest first."""
        known = self._around.sources
        walls = self.cause([known.wall])
        singles = [*known.moving, *known.detected, *known.obstacles, *known.entities, *known.corners]
        found = [walls, *(self.cause([source]) for source in singles)]
        found += self._ends()
        for group in (known.moving, [*known.detected, *known.obstacles], known.corners):
            if len(group) < 2:
                continue
            members = [c for c in found if c.sources[0] in group]
            together = self.cause(group)
            if together.price > GROUPED * sum(c.price for c in members) + LEAST:
                found.append(together)
        return sorted((c for c in found if c.price >= LEAST), key=lambda c: -c.price)
