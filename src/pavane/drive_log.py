"""Run: what happened in one drive, as plain arrays; made by ``drive``, read by pictures, the bench and recordings."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pavane.core.arrays import Bools, Floats, Floats32
from pavane.core.geometry import Grid, Pose
from pavane.core.plan import Plan, Status
from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap


@dataclass(frozen=True, slots=True)
class GoalRecord:
    """One request and what became of it.

    Args:
        requested: when it was made, s.
        name: what a person would call it.
        pose: where to end, in ``map``; for a task without one place, where the robot ended.
        status: what the task had come to at the end.
        ended: when it was reached, given up or replaced, s.
    """

    requested: float
    name: str
    pose: Pose
    status: Status
    ended: float


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """A touch, judged on exact shapes.

    Args:
        time: first moment of the touch, s.
        kind: what was touched: ``wall`` (and all that stands), ``person``, ``object`` (what lies on the floor).
        robot_speed: speed of the robot at that moment, m/s.
        caused_by_robot: False when the robot stood or was walked into.
        index: number of the person or low object; -1 for a wall.
        closing_speed: how fast the gap was closing at the point of contact, m/s.
    """

    time: float
    kind: str
    robot_speed: float
    caused_by_robot: bool
    index: int = -1
    closing_speed: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One planning cycle in full, everything in ``map``.

    Args:
        time: effect time of the plan, s.
        pose: the robot at that time.
        pan: the screen at that time, rad.
        clearance: distance to the nearest solid cell around the robot, negative inside, m.
        seen: bool of the same shape, False where no sensor ever looked.
        candidates: (N, K, 2) positions along each candidate, m.
        costs: (N,) lower is better.
        best: index of the candidate that was chosen.
        path: (M, 2) the guidance's path; M may be 0.
        cost_to_go: the guidance around the robot, m; inf where no way leads. None without guidance.
        people: (H, K, 2) predicted places of each likely hypothesis about somebody, m.
        sigma: (H, K) their standard deviation, m.
        radii: (H,) radii of the bodies, m.
    """

    time: float
    pose: Pose
    pan: float
    clearance: Grid[np.float32]
    seen: Bools
    candidates: Floats32
    costs: Floats32
    best: int
    path: Floats
    cost_to_go: Grid[np.float32] | None
    people: Floats
    sigma: Floats
    radii: Floats


@dataclass(frozen=True, slots=True, eq=False)
class PlanRecord:
    """A plan and how it was carried out.

    Args:
        plan: without its candidates.
        map_from_odom: where its ``odom`` stood in ``map`` when it was made.
        delay: with which it was commanded: what it says of a moment was sent so long before it, s.
        snapshot: the planning cycle in full, where it was kept.
    """

    plan: Plan
    map_from_odom: Pose
    delay: float
    snapshot: Snapshot | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CommandSeries:
    """The commands of a run, one each tick.

    Args:
        v: (T,) speed asked for, m/s.
        omega: (T,) yaw rate asked for, rad/s.
        emergency: (T,) True where the guard used the emergency limits.
        reasons: T texts, why the guard changed what the plan wanted; empty where it did not.
    """

    v: Floats
    omega: Floats
    emergency: Bools
    reasons: tuple[str, ...]

    def __post_init__(self) -> None:
        if any(len(series) != len(self.v) for series in (self.omega, self.emergency, self.reasons)):
            raise ValueError(f"every series of commands needs one value for each of its {len(self.v)} ticks")


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One drive from start to end, sampled at every reactive tick.

    Args:
        home: the map that was driven on.
        robot: whose profile drove.
        times: (T,) s, increasing.
        poses: (T, 3) true map_from_base.
        v: (T,) true forward speed, m/s.
        omega: (T,) true yaw rate, rad/s.
        commands: T of them, what was asked for.
        pan: (T,) screen angle, rad.
        people: (T, N, 6) true x, y, yaw, vx, vy, radius of each person; NaN while a person is not there.
        goals: requests in order.
        contacts: touches in order.
        plans: every plan in order of its start.
        sightings: (S, 3) arrival s, moment of sensing s and index of each person whom a received message really shows.
        truth: what was really there at the end; None where that is the map.
        low: (M, 4) x, y, radius of low objects on the floor, and how near a lidar must be to see them, m.
    """

    home: OccupancyMap
    robot: RobotProfile
    times: Floats
    poses: Floats
    v: Floats
    omega: Floats
    commands: CommandSeries
    pan: Floats
    people: Floats
    goals: tuple[GoalRecord, ...] = ()
    contacts: tuple[ContactRecord, ...] = ()
    plans: tuple[PlanRecord, ...] = ()
    sightings: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    truth: OccupancyMap | None = None
    low: Floats = field(default_factory=lambda: np.zeros((0, 4)))

    def __post_init__(self) -> None:
        ticks = len(self.times)
        series = (self.poses, self.v, self.omega, self.commands.v, self.pan, self.people)
        if ticks == 0 or any(len(values) != ticks for values in series):
            raise ValueError(f"every series of a Run needs one value for each of its {ticks} >= 1 ticks")

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """The planning cycles that were kept in full."""
        return tuple(record.snapshot for record in self.plans if record.snapshot is not None)

    @property
    def true_home(self) -> OccupancyMap:
        """What was really there at the end."""
        return self.home if self.truth is None else self.truth

    @property
    def duration(self) -> float:
        """From the first tick to the last, s."""
        return float(self.times[-1] - self.times[0])

    @property
    def distance(self) -> float:
        """Length of the path driven, m."""
        return float(np.hypot(*np.diff(self.poses[:, :2], axis=0).T).sum())

    def index(self, time: float) -> int:
        """Return the last tick at or before a moment; the first one for moments before the run."""
        return max(int(np.searchsorted(self.times, time + 1e-9, side="right")) - 1, 0)
