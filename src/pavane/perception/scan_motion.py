"""Movers: returns that move near the robot, told from the lidar alone, before anybody is detected and tracked."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.geometry import Pose
from pavane.core.messages import Scan
from pavane.perception.kernels.scan_motion import find_moving

APART = (0.12, 0.4)  # s at least between the scans that are compared: what is quick, and what is slow
REACH = 2.0  # m from the lidar as far as is looked
SPEEDS = 0.12, 3.0  # m/s: slowest and fastest that are told
NOISE, MARGIN = 4.0, 0.03  # of the range: standard deviations and metres at least that are no motion


class _ScanInOdom(NamedTuple):
    """A scan in ``odom``."""

    stamp: float
    sensor: Floats  # (3,) x, y, yaw
    ranges: Floats  # (N,) m; inf where nothing was met, nan where nothing is known
    angles: Floats  # (2,) of the first ray in the lidar's frame, and to the next, rad
    points: Floats  # (N, 2) where the rays ended, m; nan where they did not


class Movers:
    """Compares each scan with older ones: what is where the lidar lately saw through has come there.

    A scan counts as taken at once; one of a spinning lidar that turns with the robot has to be straightened before.

    Args:
        range_std: standard deviation of a range, m.
    """

    def __init__(self, range_std: float) -> None:
        self._margin = max(MARGIN, NOISE * range_std)
        self._scans: deque[_ScanInOdom] = deque()
        self._found: Floats = np.zeros((0, 4))  # x, y, vx, vy in odom

    def add(self, scan: Scan, odom_from_base: Pose) -> None:
        """Take in a scan, taken at ``odom_from_base``."""
        newest = _in_odom(scan, odom_from_base)
        while len(self._scans) > 1 and self._scans[1].stamp <= scan.stamp - max(APART):
            self._scans.popleft()
        near = np.where(newest.ranges[:, None] < REACH, newest.points, np.nan)
        parts = [np.zeros((0, 4))]
        for apart in APART:
            older = [old for old in self._scans if old.stamp <= scan.stamp - apart]
            if older and older[-1].stamp > scan.stamp - 2.0 * apart:
                old, out = older[-1], np.empty((len(near), 4))
                earlier = old.sensor, old.ranges, old.angles, old.points
                count = find_moving(near, earlier, scan.stamp - old.stamp, self._margin, SPEEDS, out)
                parts.append(out[:count])
        self._found = np.concatenate(parts)
        self._scans.append(newest)

    def at(self, time: float, map_from_odom: Pose) -> Floats:
        """Return the newest scan's returns that move, (M, 4) x, y, vx, vy in ``map``, where they will be if they go on.

        A return may be among them once for each of the older scans.
        """
        if len(self._found) == 0:
            return self._found
        places = self._found[:, :2] + (time - self._scans[-1].stamp) * self._found[:, 2:]
        return np.concatenate([map_from_odom.transform(places), map_from_odom.rotate(self._found[:, 2:])], axis=1)


def _in_odom(scan: Scan, odom_from_base: Pose) -> _ScanInOdom:
    """Return a scan that was taken at ``odom_from_base``."""
    sensor, angles = odom_from_base @ scan.mount, scan.angles
    ranges = np.where(scan.ranges < scan.range_max, scan.ranges, np.where(np.isnan(scan.ranges), np.nan, np.inf))
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = sensor.transform(np.where(np.isfinite(ranges), ranges, np.nan)[:, None] * rays)
    place = np.array([sensor.x, sensor.y, sensor.yaw])
    return _ScanInOdom(scan.stamp, place, ranges, np.array([scan.angle_min, scan.angle_increment]), points)
