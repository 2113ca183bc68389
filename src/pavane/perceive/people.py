"""PeopleTracker: from detections without identity to tracked people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from pavane.arrays import Floats
from pavane.belief import Track
from pavane.geometry import Gaussian, Pose
from pavane.messages import Detections

ACCELERATION_DENSITY = 0.05  # m^2/s^3, fitted on recorded pedestrians; the textbook's 1 is far too wide
GATE = 3.5  # standard deviations
FIRST_SPEED_STD = 0.7  # m/s
FORGET = 1.5  # s without a detection
PERSON_RADIUS = 0.25  # m


@dataclass(slots=True)
class _Filter:
    identity: int
    mean: Floats  # (4,) x, y, vx, vy in odom
    covariance: Floats  # (4, 4)
    born: float
    stamp: float
    detected: float


class PeopleTracker:
    """Constant-velocity Kalman filters, assigned to detections by the least total Mahalanobis distance."""

    def __init__(self) -> None:
        self._filters: list[_Filter] = []
        self._next = 1

    def update(self, detections: Detections, odom_from_base: Pose) -> tuple[Track, ...]:
        """Take in one frame of the detector, seen from ``odom_from_base``; the tracks at its stamp."""
        stamp = detections.stamp
        for f in self._filters:
            _predict(f, stamp)
        points = odom_from_base.transform(detections.positions)  # (N, 2)
        noise = np.eye(2) * max(detections.position_std, 0.02) ** 2
        free = set(range(len(points)))
        if self._filters and len(points):
            costs = np.array([[_distance(f, p, noise) for p in points] for f in self._filters])
            for i, j in zip(*linear_sum_assignment(np.minimum(costs, GATE)), strict=True):
                if costs[i, j] < GATE:
                    _correct(self._filters[i], points[j], noise)
                    free.discard(int(j))
        for j in sorted(free):
            covariance = np.diag([noise[0, 0], noise[1, 1], FIRST_SPEED_STD**2, FIRST_SPEED_STD**2])
            mean = np.array([points[j, 0], points[j, 1], 0.0, 0.0])
            self._filters.append(_Filter(self._next, mean, covariance, stamp, stamp, stamp))
            self._next += 1
        self._filters = [f for f in self._filters if stamp - f.detected < FORGET]
        return tuple(
            Track(f.identity, Gaussian(f.mean.copy(), f.covariance.copy()), stamp - f.born, f.detected, PERSON_RADIUS)
            for f in self._filters
        )


def _predict(f: _Filter, stamp: float) -> None:
    dt = stamp - f.stamp
    if dt <= 0.0:
        return
    step = np.eye(4)
    step[0, 2] = step[1, 3] = dt
    f.mean = step @ f.mean
    q = ACCELERATION_DENSITY
    noise = np.zeros((4, 4))
    for i in range(2):
        noise[i, i], noise[i, i + 2], noise[i + 2, i], noise[i + 2, i + 2] = (
            q * dt**3 / 3, q * dt**2 / 2, q * dt**2 / 2, q * dt,
        )  # fmt: skip
    f.covariance = step @ f.covariance @ step.T + noise
    f.stamp = stamp


def _distance(f: _Filter, point: Floats, noise: Floats) -> float:
    offset = point - f.mean[:2]
    return float(np.sqrt(offset @ np.linalg.solve(f.covariance[:2, :2] + noise, offset)))


def _correct(f: _Filter, point: Floats, noise: Floats) -> None:
    gain = f.covariance[:, :2] @ np.linalg.inv(f.covariance[:2, :2] + noise)
    f.mean = f.mean + gain @ (point - f.mean[:2])
    f.covariance = f.covariance - gain @ f.covariance[:2, :]
    f.detected = f.stamp
