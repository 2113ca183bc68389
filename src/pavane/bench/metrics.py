"""What is measured of a drive, judged on the truth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import dropwhile

import numpy as np

from pavane.arrays import Floats
from pavane.bench.violations import find_violations
from pavane.kernels.overlap import cell_clearance
from pavane.run import GoalRecord, Run

NEAR, TURNED = 0.10, math.radians(10.0)  # m and rad within which a goal counts as reached
STILL, STILL_TURN = 0.02, 0.05  # m/s, rad/s: slower is at rest
WALL_REACH = 0.5  # m beyond which the clearance from walls is not told apart
WALL_EVERY = 5  # ticks between the poses at which it is taken


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a request ended.

    Args:
        reached: at rest within 0.10 m and 10 degrees of the goal.
        seconds: from the request to its end.
        error: distance from the goal, m.
        turn_error: difference of the headings, rad.
    """

    reached: bool
    seconds: float
    error: float
    turn_error: float


@dataclass(frozen=True, slots=True)
class Metrics:
    """A whole drive in figures.

    Args:
        seconds: its duration.
        distance: length of the way driven, m.
        rms_jerk: root mean square of the true jerk along the way, m/s^3.
        sparc: spectral arc length of the speed, smoother is nearer to 0.
        contacts: touches of any kind.
        contacts_by_robot: walls touched, and people run into at more than 0.05 m/s.
        person_distance: least gap between the robot's outline and a person's body, m; inf without people.
        wall_clearance: least gap from walls, furniture and the unknown, m, at most 0.5.
        guard_ticks: ticks on which the guard changed the command; the first, before anything is sensed, do not count.
        emergency_ticks: ticks on which it used the emergency limits.
        limit_violations: limits that plans, commands and joins did not keep; see :func:`violations`.
    """

    seconds: float
    distance: float
    rms_jerk: float
    sparc: float
    contacts: int
    contacts_by_robot: int
    person_distance: float
    wall_clearance: float
    guard_ticks: int
    emergency_ticks: int
    limit_violations: int

    @property
    def mean_speed(self) -> float:
        """m/s"""
        return self.distance / max(self.seconds, 1e-9)


def measure(run: Run) -> Metrics:
    """Figures of a drive."""
    return Metrics(
        seconds=run.duration,
        distance=run.distance,
        rms_jerk=rms_jerk(run.times, run.v),
        sparc=sparc(run.times, run.v),
        contacts=len(run.contacts),
        contacts_by_robot=sum(c.caused_by_robot for c in run.contacts),
        person_distance=float(person_gaps(run).min(initial=np.inf)),
        wall_clearance=wall_clearance(run),
        guard_ticks=sum(bool(reason) for reason in dropwhile(bool, run.reasons)),
        emergency_ticks=int(run.emergency.sum()),
        limit_violations=violations(run),
    )


def violations(run: Run) -> int:
    """How often plans, commands and joins broke a limit; ``violations.find_violations`` says which."""
    return len(find_violations(run))


def arrival(run: Run, goal: GoalRecord) -> Arrival:
    """Judge one request of a drive by where the robot really was when it ended."""
    k = run.index(goal.ended)
    x, y, yaw = run.poses[k]
    error = math.hypot(goal.pose.x - x, goal.pose.y - y)
    turn_error = abs(math.remainder(goal.pose.yaw - yaw, 2.0 * math.pi))
    rest = abs(run.v[k]) < STILL and abs(run.omega[k]) < STILL_TURN
    reached = bool(rest and error <= NEAR and turn_error <= TURNED)
    return Arrival(reached, goal.ended - goal.requested, error, turn_error)


def rms_jerk(times: Floats, v: Floats) -> float:
    """Root mean square of the second derivative of a speed (T,) m/s at even times (T,) s, m/s^3."""
    if len(times) < 3:
        return 0.0
    dt = (times[-1] - times[0]) / (len(times) - 1)
    return float(np.sqrt(np.mean((np.diff(v, 2) / dt**2) ** 2)))


def sparc(times: Floats, v: Floats, highest: float = 10.0, threshold: float = 0.05) -> float:
    """Spectral arc length of a speed (T,) at even times (T,): 0 or less, smoother is nearer to 0.

    Balasubramanian, Melendez-Calderon, Roby-Brami and Burdet 2015: minus the length of the curve of the normalised
    magnitude spectrum, up to the last frequency (at most ``highest``, Hz) whose magnitude is above ``threshold``.
    """
    if len(times) < 3 or not np.abs(v).max() > 0.0:
        return 0.0
    dt = (times[-1] - times[0]) / (len(times) - 1)
    size = 1 << (math.ceil(math.log2(len(v))) + 4)  # padded, so that the arc is finely drawn
    magnitude = np.abs(np.fft.rfft(np.abs(v), size))
    magnitude = magnitude / magnitude.max()
    frequency = np.fft.rfftfreq(size, dt)
    below = frequency <= highest
    magnitude, frequency = magnitude[below], frequency[below]
    last = int(np.flatnonzero(magnitude >= threshold)[-1]) + 1
    rise, run = np.diff(magnitude[:last]), np.diff(frequency[:last]) / max(frequency[last - 1], 1e-9)
    return -float(np.hypot(rise, run).sum())


def person_gaps(run: Run) -> Floats:
    """(T, N) gaps between the robot's outline and each person's body, m; inf while a person is not there."""
    ticks, people = run.people.shape[:2]
    if people == 0:
        return np.full((ticks, 0), np.inf)
    offset = run.people[..., :2] - run.poses[:, None, :2]
    cosine, sine = np.cos(run.poses[:, 2])[:, None], np.sin(run.poses[:, 2])[:, None]
    ahead = cosine * offset[..., 0] + sine * offset[..., 1]
    left = cosine * offset[..., 1] - sine * offset[..., 0]
    points = np.stack([ahead, left], axis=-1).reshape(-1, 2)
    gaps = run.robot.shape.signed_distance(points).reshape(ticks, people) - run.people[..., 5]
    return np.where(np.isfinite(gaps), gaps, np.inf)


def wall_clearance(run: Run) -> float:
    """Least gap between the robot's outline and what is solid or unknown on the map, m, at most 0.5."""
    grid, shape = run.home.grid, run.robot.shape
    solid = np.ascontiguousarray(run.home.solid)
    frame = (grid.resolution, grid.origin.x, grid.origin.y)
    return min(
        cell_clearance(shape.vertices, shape.radius, float(x), float(y), float(yaw), solid, *frame, WALL_REACH)
        for x, y, yaw in run.poses[::WALL_EVERY]
    )
