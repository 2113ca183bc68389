"""Values that the layers hand to each other: Guidance, Plan, ScreenPlan, Command, Status."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

import numpy as np

from pavane.core.arrays import Floats, Floats32, Names
from pavane.core.geometry import Grid, Pose


class Status(Enum):
    """What a task has come to; the value is what a person is told."""

    IDLE = "nothing to do"
    ROUTING = "looking for a way"
    DRIVING = "on the way"
    FOLLOWING = "following"
    REACHED = "goal reached"
    STOPPED = "stopped on request"
    WAITING = "waiting: the way is blocked for now"
    LOST = "the person to follow is out of sight; waiting to see them again"
    NO_ROUTE = "no way leads there on this map; open a door or choose another goal"
    BLIND = "stopped: sensor data is missing or too old; check the sensors"


@dataclass(frozen=True, slots=True, eq=False)
class Guidance:
    """The global planner's loose advice.

    Args:
        goal: where the cost-to-go is zero, in ``map``.
        stand: the pose to end in: the goal, or with a stand-off the place short of it, turned to it.
        cost_to_go: metres still to travel from each cell (float32), clearance considered; inf where no way leads.
        path: (N, 2) a path in ``map`` for people to look at, from where the robot was.
        match_heading: whether the goal's yaw matters.
        tolerance: how near is "there", m.
        stand_off: metres of the way that need not be travelled (how far to stay behind a person).
        slow: (N, 3) x, y, radius of places that are blocked for now, in ``map``, m.
        pace: on the lattice of ``cost_to_go``, the share of full speed it was solved with (float32); None if unknown.
    """

    goal: Pose
    stand: Pose
    cost_to_go: Grid[np.float32]
    path: Floats
    match_heading: bool
    tolerance: float
    stand_off: float = 0.0
    slow: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    pace: Floats32 | None = None


@dataclass(frozen=True, slots=True)
class PlanPoint:
    """The plan at one moment: pose in ``odom``, commanded twist and acceleration."""

    pose: Pose
    v: float
    omega: float
    a: float
    alpha: float


class Stage(NamedTuple):
    """What one stage of a search came to.

    Args:
        weighed: candidates weighed up to its end.
        best: the lowest cost by then, m.
        origin: the kind of seed that the best one comes from.
        seconds: time spent up to its end.
    """

    weighed: int
    best: float
    origin: str
    seconds: float


class Explorer(NamedTuple):
    """A candidate that several cycles refine though it is not among the best yet.

    Args:
        decision: (8,) float32, from the plan's start on.
        turn: how many there were before it.
        age: cycles that have refined it; 0 if the next one is to begin with another.
    """

    decision: Floats32 = np.zeros(8, np.float32)
    turn: int = 0
    age: int = 0


FRESH = Explorer()  # with nothing refined yet


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The trajectories weighed in one cycle, kept for pictures and explanation: seeds, then what some of them became.

    Args:
        decisions: (8, N) float32 decision vectors.
        costs: (N,) float32, lower is better, metres.
        origins: (N,) the kind of seed that each one is or comes from.
        stages: what each stage came to; fewer than the configured ones when the deadline passed.
        explorer: what the next cycle goes on with beside the best.
    """

    decisions: Floats32
    costs: Floats32
    origins: Names
    stages: tuple[Stage, ...]
    explorer: Explorer = FRESH


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A trajectory of commands, stamped, that ends at rest.

    Sample k holds at ``start + k * dt``; between samples accelerations are linear, and every planner keeps
    ``v[k + 1] = v[k] + (a[k] + a[k + 1]) / 2 * dt`` (omega likewise), so that speeds are continuously differentiable.
    After the last sample the robot stands.

    Args:
        start: effect time: when the first sample is what the wheels do, s.
        dt: time between samples, s.
        poses: (K, 3) x, y, yaw in ``odom``; yaw is continuous.
        v: (K,) m/s.
        omega: (K,) rad/s.
        a: (K,) m/s^2.
        alpha: (K,) rad/s^2.
        decision: (8,) the decision vector it was made from.
        cost: its cost in metres of progress, lower is better.
        candidates: what it was chosen from.
    """

    start: float
    dt: float
    poses: Floats
    v: Floats
    omega: Floats
    a: Floats
    alpha: Floats
    decision: Floats32
    cost: float
    candidates: Candidates | None = None

    @property
    def end(self) -> float:
        """Stamp of the last sample, s."""
        return self.start + self.dt * (len(self.v) - 1)

    def at(self, time: float) -> PlanPoint:
        """Return the plan at a moment; before the start its first sample, after the end a stand."""
        v, omega, a, alpha = self.commanded(time)
        position = max((time - self.start) / self.dt, 0.0)
        k = min(int(position), len(self.v) - 1)
        x, y, yaw = self.poses[k].tolist()
        if k == len(self.v) - 1:
            return PlanPoint(Pose(x, y, yaw), v, omega, a, alpha)
        # what the speeds are on average from sample k on: their exact integral over tau, divided by tau
        tau = (position - k) * self.dt
        v0, omega0, a0, alpha0 = self.v.item(k), self.omega.item(k), self.a.item(k), self.alpha.item(k)
        mean_v = v0 + (2.0 * a0 + a) * tau / 6.0
        mean_omega = omega0 + (2.0 * alpha0 + alpha) * tau / 6.0
        return PlanPoint(Pose(x, y, yaw).advance(mean_v, mean_omega, tau), v, omega, a, alpha)

    def commanded(self, time: float) -> tuple[float, float, float, float]:
        """Return v, omega, a, alpha at a moment, as :meth:`at` has them."""
        position = max((time - self.start) / self.dt, 0.0)
        k = int(position)
        if k >= len(self.v) - 1:
            return 0.0, 0.0, 0.0, 0.0
        tau = (position - k) * self.dt
        # plain numbers: NumPy's take ten times as long, and this is read at each tick
        a0, alpha0 = self.a.item(k), self.alpha.item(k)
        a = a0 + (self.a.item(k + 1) - a0) / self.dt * tau
        alpha = alpha0 + (self.alpha.item(k + 1) - alpha0) / self.dt * tau
        return self.v.item(k) + 0.5 * (a0 + a) * tau, self.omega.item(k) + 0.5 * (alpha0 + alpha) * tau, a, alpha


@dataclass(frozen=True, slots=True, eq=False)
class ScreenPlan:
    """Where the screen looks: pan (K,), rate (K,) and acceleration (K,) from ``start`` every ``dt`` seconds, rad."""

    start: float
    dt: float
    pan: Floats
    rate: Floats
    acceleration: Floats

    def at(self, time: float) -> tuple[float, float, float]:
        """Return pan, rate and acceleration at a moment, rad, rad/s, rad/s^2; after the end the last pan, at rest."""
        position = max((time - self.start) / self.dt, 0.0)
        k = int(position)
        if k >= len(self.pan) - 1:
            return self.pan.item(-1), 0.0, 0.0
        tau = (position - k) * self.dt
        pan, rate, acceleration = self.pan.item(k), self.rate.item(k), self.acceleration.item(k)
        jerk = (self.acceleration.item(k + 1) - acceleration) / self.dt
        pan += (rate + (0.5 * acceleration + jerk * tau / 6.0) * tau) * tau
        return pan, rate + (acceleration + 0.5 * jerk * tau) * tau, acceleration + jerk * tau


@dataclass(frozen=True, slots=True)
class Command:
    """What is sent to the base and the screen at ``stamp``.

    Args:
        stamp: when it is sent, s.
        v: forward speed asked for, m/s.
        omega: yaw rate asked for, rad/s.
        pan: screen angle asked for, rad.
        emergency: True when the guard used the emergency limits on this tick.
        reason: why the guard changed what the plan wanted; empty when it did not.
    """

    stamp: float
    v: float
    omega: float
    pan: float = 0.0
    emergency: bool = False
    reason: str = ""
