"""Observations: their spaces, and the newest messages put into them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import ArrayLike

from pavane.core.arrays import Floats, Floats32
from pavane.core.geometry import Pose
from pavane.core.messages import Detections, Localization, Message, Odometry, Scan
from pavane.core.robot import RobotProfile

Observation = dict[str, Any]
FAR = 100.0  # m; a goal that is farther is said to be this far
OLD = 10.0  # s, the age of what is older still, or was never heard
MEMORY = 200  # odometry messages, 2 s at 100 Hz: hardly a camera is later
SAME = 0.6  # m between two people whom two cameras see, below which they are the same person


def observation_space(robot: RobotProfile, people: int) -> spaces.Dict:
    """Return the spaces of an observation.

    Args:
        robot: whose sensors they are.
        people: how many detected people there is room for.
    """
    limits, rays = robot.limits, robot.lidar.rays
    cameras = [robot.detector, None if robot.screen is None else robot.screen.detector]
    seen = 2.0 * max([camera.range_max for camera in cameras if camera is not None], default=1.0)
    return spaces.Dict(
        {
            "lidar": _box(np.zeros(rays), np.full(rays, robot.lidar.range_max)),
            "goal": _symmetric([FAR, FAR, 1.0, 1.0]),
            "velocity": _symmetric([2.0 * limits.vx_max, 2.0 * limits.wz_max]),  # room for noise and false scales
            "people": _symmetric(np.full((people, 2), seen)),
            "present": spaces.MultiBinary(people),
            "ages": _box([0.0, 0.0], [OLD, OLD]),
        }
    )


class Observer:
    """Keeps the newest message of each kind; newest by its stamp.

    Args:
        robot: whose sensors they are.
        start: map_from_base, which the robot is told at the start.
        space: of the observations.
    """

    def __init__(self, robot: RobotProfile, start: Pose, space: spaces.Dict) -> None:
        self._space = space
        self._range_max = robot.lidar.range_max
        self._missing = {Scan, Odometry, Localization} | ({Detections} if robot.detector is not None else set())
        self._odometry = Odometry(0.0, Pose(0.0, 0.0), 0.0, 0.0)
        self._localization = Localization(0.0, start)
        self._scan: Scan | None = None
        self._track: deque[Odometry] = deque([self._odometry], maxlen=MEMORY)
        self._people: dict[bool, tuple[float, Floats]] = {}  # by camera: on the base, or not; stamp, (N, 2) in odom

    @property
    def complete(self) -> bool:
        """Whether every sensor has spoken."""
        return not self._missing

    def hear(self, messages: Iterable[Message]) -> None:
        """Take in messages."""
        for message in messages:
            self._missing.discard(type(message))
            match message:
                case Odometry():
                    self._track.append(message)
                    if message.stamp >= self._odometry.stamp:
                        self._odometry = message
                case Localization():
                    if message.stamp >= self._localization.stamp:
                        self._localization = message
                case Scan():
                    if self._scan is None or message.stamp >= self._scan.stamp:
                        self._scan = message
                case Detections():
                    camera = message.view is None
                    if message.stamp >= self._people.get(camera, (-math.inf,))[0]:
                        self._people[camera] = message.stamp, self._odom_at(message.stamp).transform(message.positions)
                case _:
                    pass

    def observe(self, now: float, goal: Pose) -> Observation:
        """Return what the robot knows.

        Args:
            now: what its clock says, s.
            goal: map_from_goal.
        """
        odometry = self._odometry
        ahead = (self._localization.map_from_odom @ odometry.pose).inverse() @ goal
        reach = np.inf if self._scan is None else self._scan.ranges
        ranges = np.nan_to_num(reach, nan=self._range_max, posinf=self._range_max)
        people, present = self._seen(odometry.pose)
        looks = [stamp for stamp, _ in self._people.values()]
        stamps = (-math.inf if self._scan is None else self._scan.stamp, max(looks, default=-math.inf))
        return {
            "lidar": self._fit("lidar", np.broadcast_to(ranges, self._space["lidar"].shape or ())),
            "goal": self._fit("goal", [ahead.x, ahead.y, math.sin(ahead.yaw), math.cos(ahead.yaw)]),
            "velocity": self._fit("velocity", [odometry.v, odometry.omega]),
            "people": self._fit("people", people),
            "present": present,
            "ages": self._fit("ages", [now - stamp for stamp in stamps]),
        }

    def points(self) -> Floats:
        """Return where the robot believes the newest scan's rays to end, (N, 2) in ``map``, the lidar itself first."""
        scan = self._scan
        if scan is None:
            return np.zeros((0, 2))
        ranges = np.minimum(np.nan_to_num(scan.ranges, nan=0.0, posinf=self._range_max), self._range_max)
        rays = ranges[:, None] * np.stack([np.cos(scan.angles), np.sin(scan.angles)], axis=1)
        map_from_lidar = self._localization.map_from_odom @ self._odom_at(scan.stamp) @ scan.mount
        return map_from_lidar.transform(np.vstack([np.zeros((1, 2)), rays]))

    def _seen(self, odom_from_base: Pose) -> tuple[Floats, Any]:
        """Return the nearest people (P, 2) in base, zeros where there is nobody, and (P,) int8, 1 for somebody."""
        space = self._space["people"]
        room = space.shape[0] if space.shape else 0
        base, screen = (self._people[key][1] if key in self._people else np.zeros((0, 2)) for key in (True, False))
        apart = np.hypot(*(screen[:, None] - base[None]).transpose(2, 0, 1)).min(axis=1, initial=math.inf)
        points = odom_from_base.inverse().transform(np.concatenate([base, screen[apart > SAME]]))
        nearest = points[np.argsort(np.hypot(points[:, 0], points[:, 1]), kind="stable")][:room]
        people, present = np.zeros((room, 2)), np.zeros(room, np.int8)
        people[: len(nearest)], present[: len(nearest)] = nearest, 1
        return people, present

    def _odom_at(self, stamp: float) -> Pose:
        """Return odom_from_base as it was at a stamp, by the nearest odometry."""
        return min(self._track, key=lambda odometry: abs(odometry.stamp - stamp)).pose

    def _fit(self, key: str, values: ArrayLike) -> Floats32:
        """Return values as the space of a key has them, clipped to its bounds."""
        box = self._space[key]
        assert isinstance(box, spaces.Box)
        fitted: Floats32 = np.clip(np.asarray(values, np.float32), box.low, box.high)
        return fitted


def _box(low: ArrayLike, high: ArrayLike) -> spaces.Box:
    """Return the space of float32 values between two bounds."""
    return spaces.Box(np.asarray(low, np.float32), np.asarray(high, np.float32), dtype=np.float32)


def _symmetric(most: ArrayLike) -> spaces.Box:
    """Return the space from ``-most`` to ``most``."""
    return _box(-np.asarray(most), most)
