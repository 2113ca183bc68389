"""Strategies: who plans, who turns the screen, and who checks; studies and the viewer hand in others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.belief import Belief, NearMap, ScreenState, Track
from pavane.core.plan import Plan, PlanPoint, ScreenPlan
from pavane.core.robot import RobotProfile, Screen
from pavane.motion.model import Bounds
from pavane.planning.local_planner import PlannerConfig, TrajectoryPlanner
from pavane.planning.local_planner.search import never
from pavane.planning.reactive import Proposal, Verdict, guard
from pavane.planning.screen import plan_gaze
from pavane.prediction import walk

GAZE_STEPS = 61  # of a plan, for which it is said where the followed person is


class LocalPlanner(Protocol):
    """Makes plans; it keeps nothing from one to the next."""

    def plan(
        self, belief: Belief, scheduled: PlanPoint, previous: Plan | None, overdue: Callable[[], bool] = never
    ) -> Plan:
        """See :meth:`pavane.planning.local_planner.TrajectoryPlanner.plan`."""
        ...


class GazePlanner(Protocol):
    """Turns the screen."""

    def __call__(self, plan: Plan, state: ScreenState, screen: Screen, person: Floats | None) -> ScreenPlan:
        """See :func:`pavane.planning.screen.plan_gaze`."""
        ...


class Guard(Protocol):
    """Checks each command."""

    def __call__(self, near: NearMap, proposal: Proposal, robot: RobotProfile, bounds: Bounds) -> Verdict:
        """See :func:`pavane.planning.reactive.guard`."""
        ...


MakePlanner = Callable[[RobotProfile, PlannerConfig, np.random.Generator], LocalPlanner]


@dataclass(frozen=True, slots=True)
class Strategies:
    """Who does what.

    Args:
        make_planner: makes the local planner.
        gaze: turns the screen, if there is one.
        guard: checks each command before it leaves.
    """

    make_planner: MakePlanner = TrajectoryPlanner
    gaze: GazePlanner = plan_gaze
    guard: Guard = guard


OURS = Strategies()


def look(gaze: GazePlanner, plan: Plan, belief: Belief, screen: Screen, person: Track | None) -> ScreenPlan:
    """The screen's plan beside the base's.

    Args:
        gaze: turns the screen.
        plan: of the base.
        belief: at the plan's effect time.
        screen: its limits.
        person: who is followed, as the belief has them; None where nobody is.
    """
    places = None if person is None else walk(person, plan.dt * np.arange(GAZE_STEPS, dtype=np.float64))[0]
    return gaze(plan, belief.screen, screen, places)
