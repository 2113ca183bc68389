"""How a person is moving, told from their detections: an interacting multiple model filter with three modes.

Blom and Bar-Shalom, "The interacting multiple model algorithm for systems with Markovian switching coefficients", IEEE
Transactions on Automatic Control 33 (1988). Coordinates are independent and alike, so a covariance of x, y, vx, vy is
three numbers; what the means of modes differ by is spread evenly over all directions.

The figures are fitted to detections at 10 Hz of recorded pedestrians and simulated people (docs/benchmarks/risk.md).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.belief import ModeEstimate
from pavane.perception.kernels.imm import as_one, corrected, mixed_and_moved

RATES = np.array([[0.0, 0.289, 0.107], [0.083, 0.0, 0.048], [0.030, 0.143, 0.0]])  # 1/s, from a mode to another
DENSITIES = np.array([0.0, 0.041, 0.513])  # m^2/s^3 of acceleration: a standing person has none
SWAY = 0.006  # m by which a standing person's place grows unsure in a second, to the power of a half
SETS_OFF = 0.29  # m/s, standard deviation of a coordinate of the velocity with which a person begins to walk
AT_FIRST = np.array([0.4, 0.4, 0.2])  # weights at the first detection
FIRST_SPEED = 0.9  # m/s, likewise the standard deviation of a coordinate of the velocity
UNLIKELY = 1e-9  # 1/m^2, density of a detection that no mode explains
LEAP = 0.1  # s of the steps in which modes change


def begin(point: Floats, variance: float) -> ModeEstimate:
    """Return what one detection at a point (2,) in ``odom``, m, says; the variance is that of a coordinate, m^2."""
    means = np.zeros((3, 4))
    means[:, :2] = point
    covariances = np.zeros((3, 3))
    covariances[:, 0] = variance
    covariances[1:, 2] = FIRST_SPEED**2
    return ModeEstimate(AT_FIRST, means, covariances)


@lru_cache(maxsize=64)
def _changes(steps: int, dt: float) -> Floats:
    """Return the chances (3, 3) that a mode has become another after ``steps`` steps of ``dt`` s."""
    step = RATES * dt
    return np.linalg.matrix_power(step + np.diag(1.0 - step.sum(axis=1)), steps)


def advance(estimate: ModeEstimate, dt: float) -> ModeEstimate:
    """Return the estimate ``dt`` > 0 seconds on."""
    steps = max(1, round(dt / LEAP))
    change = _changes(steps, round(dt / steps, 6))
    parts = estimate.weights, estimate.means, estimate.covariances
    return ModeEstimate(*mixed_and_moved(parts, change, dt, DENSITIES, SWAY**2, SETS_OFF**2))


def correct(estimate: ModeEstimate, point: Floats, variance: float) -> ModeEstimate:
    """Return the estimate after a detection at a point (2,) in ``odom``, m, with the variance of a coordinate, m^2."""
    x, y = point
    parts = estimate.weights, estimate.means, estimate.covariances
    return ModeEstimate(*corrected(parts, x, y, variance, UNLIKELY))


def together(estimate: ModeEstimate) -> tuple[Floats, Floats]:
    """Return one mean (4,) and covariance (4, 4) for all modes."""
    mean, covariance = as_one((estimate.weights, estimate.means, estimate.covariances))
    return mean, covariance
