"""Schedule: work under way beside the tick, when its results are taken over, and which plan is in use."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pavane.core.belief import Belief
from pavane.core.executor import Executor, Pending
from pavane.core.geometry import Pose
from pavane.core.plan import Plan, PlanPoint, ScreenPlan
from pavane.core.robot import RobotProfile
from pavane.navigator.base import EARLY, TICK
from pavane.planning.reactive import CommandState
from pavane.prediction import LatencyMonitor

SEARCH_SHARE = 0.8  # of the planning time: what follows the search needs the rest
SEAM = 3e-3  # m/s and rad/s by which the commands may leave the plan before the next one starts from the commands
PLAN, ROUTE = "plan", "route"  # what can be under way
LANES = {PLAN: "planning", ROUTE: "routing"}  # where it runs, and what its time is noted under


class Planned(NamedTuple):
    """A plan, and what it was made from.

    Args:
        plan: of the base.
        screen: of the screen; None without one.
        belief: at the plan's effect time.
    """

    plan: Plan
    screen: ScreenPlan | None
    belief: Belief


class Finished(NamedTuple):
    """What work under way has come to: a result, or what it raised."""

    name: str
    result: Any
    error: Exception | None


class Schedule:
    """One plan and one route may be under way; a plan comes into use on the tick it was made for, not before.

    Args:
        robot: its profile says how long planning and routing take.
        executor: where they run.
        latencies: is told how long they took, and what was late or missing; says what time to leave for planning.

    Attributes:
        robot: see above.
        planned: the plan in use; None before the first.
        use: s, the tick that is to read the plan under way first.
    """

    def __init__(self, robot: RobotProfile, executor: Executor, latencies: LatencyMonitor) -> None:
        self.robot = robot
        self._executor, self._latencies = executor, latencies
        self.reset()

    def reset(self) -> None:
        """Forget what is under way, and the plan in use."""
        self.planned: Planned | None = None
        self.use = -math.inf
        self._jobs: dict[str, Pending] = {}  # in the order of their start

    @property
    def plan(self) -> Plan | None:
        """The plan in use."""
        return None if self.planned is None else self.planned.plan

    @property
    def screen_plan(self) -> ScreenPlan | None:
        """The screen's."""
        return None if self.planned is None else self.planned.screen

    def command_at(self, effect: float, state: CommandState) -> PlanPoint:
        """What the plan in use commands at a time, s; ``state``, what will be commanded, where the two differ."""
        if self.plan is not None:
            point = self.plan.at(effect)
            if max(abs(point.v - state.v), abs(point.omega - state.omega)) < SEAM:
                return point
        return as_point(state)

    def is_under_way(self, name: str) -> bool:
        """Whether a plan or a route is being made."""
        return name in self._jobs

    def drop(self, name: str) -> None:
        """Do not wait any more for what is under way, if it is."""
        self._jobs.pop(name, None)

    def overruns(self, now: float) -> bool:
        """Whether the plan of the last cycle is still to come; counted as missing if its time has passed."""
        if not self.is_under_way(PLAN):
            return False
        self._latencies.missing += now > self.use + EARLY
        return True

    def reserve(self, now: float) -> float:
        """Leave time for planning from ``now`` on: the first tick that reads the new plan, s."""
        budget = self._latencies.budget(self.robot.latency.planning)
        self.use = now + TICK * math.ceil(budget / TICK - 1e-6)
        return self.use

    def overdue(self) -> Callable[[], bool]:
        """Tells the search from now on whether its time is up; it belongs to the plan that is submitted next."""
        return self._executor.overdue(SEARCH_SHARE * self.robot.latency.planning)

    def submit(self, name: str, job: Callable[[], Any], now: float) -> None:
        """Begin a plan (``job`` gives a :class:`Planned`) or a route."""
        latency = self.robot.latency
        seconds = latency.planning if name == PLAN else latency.routing
        self._jobs[name] = self._executor.submit(LANES[name], job, now, seconds)

    def finished(self, now: float) -> Iterator[Finished]:
        """Take over what is done; a plan that is early waits for its tick, and until then the old one holds.

        A plan that failed counts as missing: the old one, which ends in a stop, goes on.
        """
        for name in [name for name, job in self._jobs.items() if job.done(now)]:
            if name == PLAN and now < self.use - EARLY:
                continue
            job = self._jobs.pop(name)
            self._latencies.add(LANES[name], job.took())
            self._latencies.late += name == PLAN and now > self.use + EARLY
            try:
                result = job.result()
            except Exception as error:  # whatever it is: the robot must go on being steered
                self._latencies.missing += name == PLAN
                yield Finished(name, None, error)
                continue
            if name == PLAN:
                self.planned = result
            yield Finished(name, result, None)


def as_point(state: CommandState) -> PlanPoint:
    """A command as the point that a plan may start from; its pose is not asked for."""
    return PlanPoint(Pose(0.0, 0.0), state.v, state.omega, state.a, state.alpha)
