"""Sensors: what the robot would measure of the truth, as stamped messages."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator

from pavane.arrays import Bools, Floats
from pavane.geometry import Pose
from pavane.kernels.raycast import cast_rays, in_sight
from pavane.maps import OCCUPIED, OccupancyMap
from pavane.messages import Detections, Localization, Odometry, Scan
from pavane.robot import RobotProfile
from pavane.sim.config import WorldSettings


class Sensors:
    """The sensors of one robot in one home; each draws its noise from its own stream.

    Args:
        home: the true home.
        robot: ranges, fields of view, mounts.
        settings: noise.
        streams: one generator each for lidar, detector, odometry and localization.
    """

    def __init__(
        self, home: OccupancyMap, robot: RobotProfile, settings: WorldSettings, streams: list[Generator]
    ) -> None:
        grid, lidar = home.grid, robot.lidar
        self._solid: Bools = np.ascontiguousarray(home.solid)
        self._walls: Bools = np.ascontiguousarray(grid.data == OCCUPIED)
        self._frame = (grid.resolution, grid.origin.x, grid.origin.y)
        self._robot = robot
        self._settings = settings
        self._lidar_noise, self._detector_noise, self._odometry_noise, self._localization_noise = streams
        self._range_std = lidar.range_std if settings.range_std is None else settings.range_std
        around = lidar.field_of_view_deg >= 360.0  # then the last ray must not repeat the first
        self._increment = lidar.field_of_view / (lidar.rays if around else lidar.rays - 1)
        self._angle_min = -0.5 * lidar.field_of_view
        self._angles = self._angle_min + self._increment * np.arange(lidar.rays, dtype=np.float64)
        self._mount = lidar.mount
        self._gains = (settings.odometry_scale, settings.odometry_turn_scale)

    def scan(self, stamp: float, map_from_base: Pose, people: Floats) -> Scan:
        """One sweep of the lidar; ``people`` (N, 3) are x, y, radius in ``map``."""
        eye = map_from_base @ self._mount
        range_max = self._robot.lidar.range_max
        ranges = cast_rays(self._solid, *self._frame, eye.x, eye.y, eye.yaw + self._angles, range_max, people)
        if self._range_std > 0.0:
            ranges += self._lidar_noise.normal(0.0, self._range_std, len(ranges))  # inf stays inf
            np.maximum(ranges, 0.0, out=ranges)
        return Scan(stamp, self._angle_min, self._increment, ranges, range_max, self._mount)

    def detections(self, stamp: float, map_from_base: Pose, people: Floats) -> Detections:
        """The people (N, 3) that the camera makes out: near enough, in view, no wall before their centre.

        Raises:
            ValueError: the robot has no detector.
        """
        detector = self._robot.detector
        if detector is None:
            raise ValueError("the robot has no detector")
        std = detector.position_std if self._settings.detection_std is None else self._settings.detection_std
        # drawn for everyone at every look, so that who is in view does not shift the stream of the others
        noise = self._detector_noise.normal(0.0, std, (len(people), 2))
        missed = self._detector_noise.random(len(people)) < self._settings.detection_miss
        seen = []
        base_from_map = map_from_base.inverse()
        for i, (x, y) in enumerate(base_from_map.transform(people[:, :2])):
            if missed[i] or math.hypot(x, y) > detector.range_max:
                continue
            if abs(math.atan2(y, x)) > 0.5 * detector.field_of_view:
                continue
            if in_sight(self._walls, *self._frame, map_from_base.x, map_from_base.y, people[i, 0], people[i, 1]):
                seen.append((x + noise[i, 0], y + noise[i, 1]))
        return Detections(stamp, np.array(seen, dtype=np.float64).reshape(-1, 2), detector.position_std)

    def odometry(self, stamp: float, odom_from_base: Pose, v: float, omega: float) -> Odometry:
        """What the wheels say: the pose as they integrate it, and the speeds with a little noise."""
        settings, noise = self._settings, self._odometry_noise.standard_normal(2)
        return Odometry(
            stamp,
            odom_from_base,
            v * self._gains[0] + settings.odometry_v_std * float(noise[0]),
            omega * self._gains[1] + settings.odometry_omega_std * float(noise[1]),
        )

    def localization(self, stamp: float, map_from_base: Pose, odom_from_base: Pose) -> Localization:
        """Where the odometry frame stands, from a base pose that is known up to noise."""
        std, yaw_std = self._settings.localization_std, self._settings.localization_yaw_std
        noise = self._localization_noise.standard_normal(3)
        believed = Pose(
            map_from_base.x + std * float(noise[0]),
            map_from_base.y + std * float(noise[1]),
            map_from_base.yaw + yaw_std * float(noise[2]),
        )
        return Localization(stamp, believed @ odom_from_base.inverse())
