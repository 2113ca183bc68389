"""PeopleTracker: from detections without identity to tracked people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from pavane.arrays import Floats
from pavane.belief import Track, walked_covariance
from pavane.geometry import Gaussian, Pose
from pavane.messages import Detections
from pavane.robot import Detector

GATE = 3.5  # standard deviations
FIRST_SPEED_STD = 0.7  # m/s
FORGET = 1.0  # s in view without a detection: they are gone
REMEMBER = 8.0  # s out of view: they are still somewhere there
EDGE = 0.1  # rad; so near to the edge of view nobody is missed with certainty
SLOWING = 1.5  # s, time constant with which somebody out of view is taken to slow down
PERSON_RADIUS = 0.25  # m


@dataclass(slots=True)
class _Filter:
    identity: int
    mean: Floats  # (4,) x, y, vx, vy in odom
    covariance: Floats  # (4, 4)
    born: float
    stamp: float
    detected: float
    missed: float = 0.0  # s in view since the last detection


class PeopleTracker:
    """Constant-velocity Kalman filters, assigned to detections by the least total Mahalanobis distance.

    Who leaves the detector's view is remembered for a while where they were last; who should be in view and is not seen
    is soon forgotten.

    Args:
        detector: its field of view and range; None if people are never seen.
    """

    def __init__(self, detector: Detector | None) -> None:
        self._detector = detector
        self._filters: list[_Filter] = []
        self._next = 1

    def update(self, detections: Detections, odom_from_base: Pose) -> tuple[Track, ...]:
        """Take in one frame of the detector, seen from ``odom_from_base``; the tracks at its stamp."""
        stamp = detections.stamp
        for f in self._filters:
            dt = stamp - f.stamp
            _predict(f, stamp)
            if self._in_view(f, odom_from_base):
                f.missed += dt
            else:
                f.mean[2:] *= np.exp(-dt / SLOWING)
        points = odom_from_base.transform(detections.positions)  # (N, 2)
        noise = np.eye(2) * max(detections.position_std, 0.02) ** 2
        free = set(range(len(points)))
        if self._filters and len(points):
            costs = np.array([[_distance(f, p, noise) for p in points] for f in self._filters])
            for i, j in zip(*linear_sum_assignment(np.minimum(costs, GATE)), strict=True):
                if costs[i, j] < GATE:
                    _correct(self._filters[i], points[j], noise)
                    free.discard(int(j))
        for new in sorted(free):
            covariance = np.diag([noise[0, 0], noise[1, 1], FIRST_SPEED_STD**2, FIRST_SPEED_STD**2])
            mean = np.array([points[new, 0], points[new, 1], 0.0, 0.0])
            self._filters.append(_Filter(self._next, mean, covariance, stamp, stamp, stamp))
            self._next += 1
        self._filters = [f for f in self._filters if f.missed < FORGET and stamp - f.detected < REMEMBER]
        return tuple(
            Track(f.identity, Gaussian(f.mean.copy(), f.covariance.copy()), stamp - f.born, f.detected, PERSON_RADIUS)
            for f in self._filters
        )

    def _in_view(self, f: _Filter, odom_from_base: Pose) -> bool:
        if self._detector is None:
            return True
        x, y = odom_from_base.inverse().transform(f.mean[None, :2])[0]
        near = float(np.hypot(x, y)) < self._detector.range_max
        return near and abs(float(np.arctan2(y, x))) < 0.5 * self._detector.field_of_view - EDGE


def _predict(f: _Filter, stamp: float) -> None:
    dt = stamp - f.stamp
    if dt <= 0.0:
        return
    f.mean[:2] += f.mean[2:] * dt
    f.covariance = walked_covariance(f.covariance, dt)
    f.stamp = stamp


def _distance(f: _Filter, point: Floats, noise: Floats) -> float:
    offset = point - f.mean[:2]
    return float(np.sqrt(offset @ np.linalg.solve(f.covariance[:2, :2] + noise, offset)))


def _correct(f: _Filter, point: Floats, noise: Floats) -> None:
    gain = f.covariance[:, :2] @ np.linalg.inv(f.covariance[:2, :2] + noise)
    f.mean = f.mean + gain @ (point - f.mean[:2])
    f.covariance = f.covariance - gain @ f.covariance[:2, :]
    f.detected, f.missed = f.stamp, 0.0
