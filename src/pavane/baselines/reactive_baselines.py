"""Simple robots, as somebody might write them in an afternoon: what a scenario must be hard for.

All are one driver: it follows the map's shortest way by pure pursuit and stops for what the map does not explain.
Each baseline takes something away from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pavane.core.arrays import Bools, Floats
from pavane.core.belief import Belief
from pavane.core.errors import BadSetting
from pavane.core.geometry import Grid, Pose, wrap_angle
from pavane.core.messages import Detections, Localization, Message, Odometry, Scan
from pavane.core.plan import Command, Plan, Status
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Follow, GoTo, Stop, Task
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.planning.global_planner import RoutePlanner

TICK = 0.02  # s
PACE = 0.7  # share of the top speed
LOOK_AHEAD = 0.4  # m
TURN_FIRST = 0.6  # rad off the way from which it turns in place
THERE, TURNED = 0.05, 0.08  # m and rad from the goal that are good enough
MARGIN = 0.05  # m on either side of the stop zone
GAP = 0.20  # m that it wants to keep to what it stops for
EXPLAINED = 0.12  # m from what the map shows within which a return is taken for it
PERSON = 0.25  # m, radius of a detected person
STALE = 0.5  # s without odometry or scan after which it stops
FORGET = 0.6  # s for which a detection counts
DISTANCE = 1.2  # m that it stays behind somebody it follows
RADIUS_MIN = 0.35  # m, of the turns of a robot that cannot turn in place
CIRCLE = 0.15  # m of air that a stop circle has


@dataclass(frozen=True, slots=True)
class RobotTraits:
    """What one simple robot has and what it lacks.

    Args:
        about: it in one line.
        route: follows the map's shortest way; else it goes straight at the goal and has no map at all.
        localizes: asks again and again where it is; else it believes its odometry from the start on.
        watches: stops for what it sees ahead.
        zone: where it looks for that: the lane it needs to brake, or a circle around it in which nothing may be.
        foresees: the lane is longer by the way it makes before it can react, and by what comes towards it.
        spins: can turn in place.
        gain: yaw rate for each rad off the way, 1/s.
        abrupt: uses the emergency limits all the time.
    """

    about: str
    route: bool = True
    localizes: bool = True
    watches: bool = True
    zone: Literal["lane", "circle"] = "lane"
    foresees: bool = True
    spins: bool = True
    gain: float = 2.0
    abrupt: bool = False


BASELINES: dict[str, RobotTraits] = {
    "stop_and_go": RobotTraits("follows the shortest way and stops for whatever is ahead"),
    "straight": RobotTraits("goes straight at the goal, blind", route=False, watches=False),
    "mapless": RobotTraits("goes straight at the goal and stops for whatever its lidar shows ahead", route=False),
    "dead_reckoning": RobotTraits("follows the shortest way, and believes its odometry", localizes=False),
    "no_reflex": RobotTraits("follows the shortest way, blind to what the map does not know", watches=False),
    "no_prediction": RobotTraits("stops for what is ahead now, as if it could stop at once", foresees=False),
    "forward_only": RobotTraits("as stop_and_go, but cannot turn in place", spins=False),
    "stop_circle": RobotTraits("does not move at all while anything is close", zone="circle"),
    "wobbly": RobotTraits("as stop_and_go, but steers hard, as if nothing was ever late", gain=8.0),
    "abrupt": RobotTraits("as stop_and_go, but starts and stops as hard as it can", abrupt=True),
}


def make_baseline(name: str, robot: RobotProfile, home: OccupancyMap) -> Baseline:
    """A simple robot by its name.

    Raises:
        BadSetting: there is none of this name.
    """
    if name not in BASELINES:
        raise BadSetting("no such baseline", value=name, limit=", ".join(BASELINES))
    return Baseline(BASELINES[name], robot, home)


class _Sight:
    """What a simple robot has seen last.

    Args:
        traits: what it lacks.
        clearance: of the map, m.

    Attributes:
        odometry, place: the newest; None before the first.
        points: (N, 2) of the newest scan that the map does not explain, in base.
        nearest: m, of all its points from the base.
        scanned: s, stamp of the newest scan.
        people: (P, 2) as detected last, in base.
        detected: s, stamp of that.
        closing: m/s, how fast the nearest person came.
    """

    def __init__(self, traits: RobotTraits, clearance: Grid[np.float32]) -> None:
        self._traits, self._clearance = traits, clearance
        self.odometry: Odometry | None = None
        self.place: Localization | None = None
        self.points: Floats = np.empty((0, 2))
        self.nearest = math.inf
        self.scanned = self.detected = -math.inf
        self.people: Floats = np.empty((0, 2))
        self.closing = 0.0

    def take(self, message: Message, v: float) -> None:
        """Take in a message; the newest of each kind counts. ``v`` is the robot's own speed, m/s."""
        match message:
            case Odometry():
                self.odometry = message
            case Localization() if self._traits.localizes or self.place is None:
                self.place = message
            case Scan():
                self._take_scan(message)
            case Detections():
                before, since = self.people, message.stamp - self.detected
                self.people, self.detected = message.positions, message.stamp
                if not len(self.people):
                    self.closing = 0.0  # whoever came has gone
                elif len(before) and since > 0.0:
                    gap = float(np.hypot(*self.people.T).min() - np.hypot(*before.T).min())
                    self.closing = min(max(-gap / since - v, 0.0), 2.0)

    def _take_scan(self, scan: Scan) -> None:
        self.scanned = scan.stamp
        hit = np.isfinite(scan.ranges) & (scan.ranges < scan.range_max)
        angles, ranges = scan.angles[hit], scan.ranges[hit]
        points = scan.mount.transform(np.column_stack([np.cos(angles) * ranges, np.sin(angles) * ranges]))
        self.nearest = float(np.hypot(*points.T).min()) if len(points) else math.inf
        if self.odometry is not None and self.place is not None and self._traits.route:
            at = self.place.map_from_odom @ self.odometry.pose
            points = points[self._clearance.sample(at.transform(points)) > EXPLAINED]
        self.points = points

    def here(self, now: float) -> Pose | None:
        """Where the robot is; None where it is not known now, or something else that is needed is too old."""
        if self.odometry is None or self.place is None or abs(now - self.odometry.stamp) > STALE:
            return None
        if self._traits.watches and abs(now - self.scanned) > STALE:
            return None
        return self.place.map_from_odom @ self.odometry.pose

    def has_people(self, now: float) -> bool:
        """Whether somebody was detected a moment ago."""
        return now - self.detected < FORGET and len(self.people) > 0


class Baseline:
    """A simple robot; it keeps the profile's limits. See :class:`pavane.drive.Driver`."""

    plan: Plan | None = None  # it does not plan
    belief: Belief | None = None

    def __init__(self, traits: RobotTraits, robot: RobotProfile, home: OccupancyMap) -> None:
        self.robot, self.home = robot, home
        self.status = Status.IDLE
        self._traits = traits
        self._task: Task | None = None
        clearance = clearance_grid(home)
        self._route, self._sight = RoutePlanner(clearance, robot), _Sight(traits, clearance)
        self._path: Floats | None = None  # (N, 2) in map
        self._passed = 0
        self._goal: Pose | None = None
        self._command = Command(-math.inf, 0.0, 0.0)
        self._still = 0.0  # s at rest at the goal
        self._routed = -math.inf

    def request(self, task: Task) -> None:
        """Take on a task."""
        self._task, self._path, self._goal, self._still = task, None, None, 0.0
        self._routed = -math.inf
        self.status = Status.DRIVING
        if isinstance(task, GoTo):
            self._goal = self.home.place(task.target) if isinstance(task.target, str) else task.target

    def observe(self, message: Message) -> None:
        """Take in a message; the newest of each kind counts."""
        self._sight.take(message, self._command.v)

    def step(self, now: float) -> Command:
        """Steer."""
        here, before = self._sight.here(now), self._command
        v, omega = (0.0, 0.0) if here is None or self._task is None else self._wanted(here, now)
        limits, emergency = self.robot.limits, self.robot.emergency
        brake = -emergency.ax_min if self._traits.abrupt else -limits.ax_min
        speed_up = brake if self._traits.abrupt else limits.ax_max
        twist = emergency.az_max if self._traits.abrupt else limits.az_max
        v = min(max(v, before.v - brake * TICK), before.v + speed_up * TICK)
        omega = min(max(omega, before.omega - twist * TICK), before.omega + twist * TICK)
        self._command = Command(now, v, omega)
        return self._command

    def _wanted(self, here: Pose, now: float) -> tuple[float, float]:
        """Speed and yaw rate that it would like."""
        if isinstance(self._task, Stop):
            if self._command.v == 0.0 and self._command.omega == 0.0:
                self.status, self._task = Status.STOPPED, None
            return 0.0, 0.0
        if isinstance(self._task, Follow):
            self._chase(here, now)
        if self._goal is None:
            return 0.0, 0.0
        if self._path is None and not self._find_way(here):
            return 0.0, 0.0
        assert self._path is not None
        rest = math.hypot(self._goal.x - here.x, self._goal.y - here.y)
        if rest < THERE and isinstance(self._task, GoTo):
            return self._arrive(here, self._task)
        return self._pursue(here, self._path, rest, now)

    def _find_way(self, here: Pose) -> bool:
        assert self._goal is not None
        self._passed = 0
        goal, off = self._goal, DISTANCE if isinstance(self._task, Follow) else 0.0
        self._path = np.linspace((here.x, here.y), (goal.x, goal.y), max(int(here.distance(goal) / 0.05), 2))
        if self._traits.route:
            guidance = self._route.plan(goal, here, match_heading=True, tolerance=THERE, stand_off=off)
            if guidance is None:
                # a false alarm in a wall must not end the following
                self.status = Status.LOST if isinstance(self._task, Follow) else Status.NO_ROUTE
                self._path = None
                return False
            self._path = np.vstack([guidance.path, [[goal.x, goal.y]]])
        if off > 0.0:  # not all the way to somebody
            left = np.cumsum(np.hypot(*np.diff(self._path[::-1], axis=0).T))
            keep = len(self._path) - 1 - int(np.searchsorted(left, off))
            self._path = self._path[: max(keep, 1)]
        return True

    def _chase(self, here: Pose, now: float) -> None:
        """Follow the person who was seen nearest."""
        self.status = Status.FOLLOWING if self._sight.has_people(now) else Status.LOST
        if self.status is Status.FOLLOWING and now - self._routed > 0.5:
            people = self._sight.people
            x, y = here.transform(people[[int(np.hypot(*people.T).argmin())]])[0]
            self._goal, self._path, self._routed = Pose(float(x), float(y)), None, now

    def _arrive(self, here: Pose, task: GoTo) -> tuple[float, float]:
        assert self._goal is not None
        turn = wrap_angle(self._goal.yaw - here.yaw)
        turned = abs(turn) < TURNED or not task.match_heading or not self._traits.spins
        odometry = self._sight.odometry
        assert odometry is not None
        rests = abs(odometry.v) < 0.015 and abs(odometry.omega) < 0.03
        self._still = self._still + TICK if turned and rests else 0.0
        if self._still > 0.3:
            self.status, self._task = Status.REACHED, None
        return 0.0, 0.0 if turned else self._turn(turn)

    def _turn(self, angle: float) -> float:
        most = self.robot.limits.wz_max
        gentle = math.copysign(math.sqrt(self.robot.limits.az_max * abs(angle)), angle)  # can still stop in time
        return min(max(self._traits.gain * angle, -most, -abs(gentle)), most, abs(gentle))

    def _pursue(self, here: Pose, path: Floats, rest: float, now: float) -> tuple[float, float]:
        """Pure pursuit of a point ahead on the way; R. C. Coulter, CMU-RI-TR-92-01, 1992."""
        away = np.hypot(path[self._passed :, 0] - here.x, path[self._passed :, 1] - here.y)
        self._passed += int(np.argmin(away[:40]))
        beyond = np.flatnonzero(np.hypot(*(path[self._passed :] - (here.x, here.y)).T) > LOOK_AHEAD)
        target = path[self._passed + int(beyond[0])] if len(beyond) else path[-1]
        dx, dy = float(target[0]) - here.x, float(target[1]) - here.y
        distance, bearing = math.hypot(dx, dy), wrap_angle(math.atan2(dy, dx) - here.yaw)
        if isinstance(self._task, Follow) and not len(beyond) and distance < 0.1:
            return 0.0, 0.0
        limits = self.robot.limits
        if self._traits.spins and abs(bearing) > TURN_FIRST:
            return (0.0, 0.0) if self._hemmed() else (0.0, self._turn(bearing))
        left = max(rest if isinstance(self._task, GoTo) else distance, distance)
        v = min(PACE * limits.vx_max, math.sqrt(2.0 * 0.6 * -limits.ax_min * max(left - 0.5 * THERE, 0.0)))
        v = 0.0 if self._hemmed() or self._blocked(now) else v * max(math.cos(bearing), 0.2)
        omega = self._traits.gain * bearing
        if not self._traits.spins:
            omega = min(max(omega, -v / RADIUS_MIN), v / RADIUS_MIN)
        wheels = self.robot.wheels
        most = min(limits.wz_max, max(0.0, 2.0 * (wheels.speed_max - v) / wheels.track_width))
        return v, min(max(omega, -most), most)

    def _hemmed(self) -> bool:
        """Whether something is in the circle in which nothing may be."""
        if self._traits.zone != "circle" or not self._traits.watches:
            return False
        return self._sight.nearest < self.robot.shape.circumscribed_radius + CIRCLE

    def _blocked(self, now: float) -> bool:
        """Whether something that the map does not explain is in the lane that it needs to stop."""
        if not self._traits.watches or self._traits.zone != "lane":
            return False
        latency, brake, v = self.robot.latency, -self.robot.limits.ax_min, self._command.v
        length = GAP + v**2 / (2.0 * brake)
        if self._traits.foresees:
            late = latency.perception + latency.actuation_delay
            length += v * late + self._sight.closing * (late + v / brake)
        shape = self.robot.shape
        ahead = shape.circumscribed_radius
        half = ahead + MARGIN
        sight = self._sight
        if _inside(sight.points, ahead + length, half).any():
            return True
        return sight.has_people(now) and bool(_inside(sight.people, ahead + length + PERSON, half + PERSON).any())


def _inside(points: Floats, length: float, half: float) -> Bools:
    """Which points (N, 2) in base lie in the lane ahead."""
    inside: Bools = (points[:, 0] > 0.0) & (points[:, 0] < length) & (np.abs(points[:, 1]) < half)
    return inside
