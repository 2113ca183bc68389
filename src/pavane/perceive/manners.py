"""How somebody is moving, told from their detections: an interacting multiple model filter with three manners.

Blom and Bar-Shalom, "The interacting multiple model algorithm for systems with Markovian switching coefficients", IEEE
Transactions on Automatic Control 33 (1988). Coordinates are independent and alike, so a covariance of x, y, vx, vy is
three numbers; what the means of manners differ by is spread evenly over all directions.

The figures are fitted to detections at 10 Hz of recorded pedestrians and simulated people (docs/bench.md, "risk").
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from pavane.arrays import Floats
from pavane.belief import Motion

RATES = np.array([[0.0, 0.289, 0.107], [0.083, 0.0, 0.048], [0.030, 0.143, 0.0]])  # 1/s, from a manner to another
DENSITIES = np.array([0.0, 0.041, 0.513])  # m^2/s^3 of acceleration: who stands has none
SWAY = 0.006  # m by which the place of who stands grows unsure in a second, to the power of a half
SETS_OFF = 0.29  # m/s, standard deviation of a coordinate of the velocity with which somebody begins to walk
AT_FIRST = np.array([0.4, 0.4, 0.2])  # weights at the first detection
FIRST_SPEED = 0.9  # m/s, likewise the standard deviation of a coordinate of the velocity
UNLIKELY = 1e-9  # 1/m^2, density of a detection that no manner explains
LEAP = 0.1  # s of the steps in which manners change


def begin(point: Floats, variance: float) -> Motion:
    """What is known of somebody after one detection: a point (2,) in ``odom``, m, and the variance of a coordinate."""
    means = np.zeros((3, 4))
    means[:, :2] = point
    spreads = np.zeros((3, 3))
    spreads[:, 0] = variance
    spreads[1:, 2] = FIRST_SPEED**2
    return Motion(AT_FIRST, means, spreads)


@lru_cache(maxsize=64)
def _changes(steps: int, dt: float) -> Floats:
    """Chances (3, 3) that a manner has become another after ``steps`` steps of ``dt`` s."""
    step = RATES * dt
    return np.linalg.matrix_power(step + np.diag(1.0 - step.sum(axis=1)), steps)


def advance(motions: Motion, dt: float) -> Motion:
    """The motions of N people, each array with a leading axis of N, ``dt`` > 0 seconds on."""
    weights, means, spreads = motions.weights, motions.means, motions.spreads
    steps = max(1, round(dt / LEAP))
    change = _changes(steps, round(dt / steps, 6))
    after = weights @ change  # (N, 3)
    share = weights[:, :, None] * change / after[:, None, :]  # (N, from, to)
    # who comes to stand loses the velocity, who sets off draws a new one
    resting = means * (1.0, 1.0, 0.0, 0.0)
    mean = np.empty_like(means)
    spread = np.empty_like(spreads)
    walking = spreads.copy()
    walking[:, 0, 1:] = 0.0, SETS_OFF**2
    for to in range(3):
        source, own = (resting, spreads * (1.0, 0.0, 0.0)) if to == 0 else (means, walking)
        part = share[:, :, to]
        mean[:, to] = np.einsum("ni,nij->nj", part, source)
        off = source - mean[:, to, None]
        place, speed = off[..., :2], off[..., 2:]
        apart = 0.5 * np.stack([(place * place).sum(-1), (place * speed).sum(-1), (speed * speed).sum(-1)], axis=-1)
        spread[:, to] = np.einsum("ni,nij->nj", part, own + apart)
    mean[..., :2] += mean[..., 2:] * dt
    pp, pv, vv = spread[..., 0], spread[..., 1], spread[..., 2]
    grown = np.stack(
        [
            pp + dt * (2.0 * pv + dt * (vv + DENSITIES * (dt / 3.0))),
            pv + dt * (vv + DENSITIES * (dt / 2.0)),
            vv + DENSITIES * dt,
        ],
        axis=-1,
    )
    grown[:, 0, 0] += SWAY**2 * dt
    return Motion(after, mean, grown)


def correct(motions: Motion, points: Floats, variance: float) -> Motion:
    """The motions of N people after detections at ``points`` (N, 2) with the variance of a coordinate."""
    off = points[:, None] - motions.means[..., :2]  # (N, 3, 2)
    total = motions.spreads[..., 0] + variance
    likelihood = np.exp(-0.5 * (off * off).sum(-1) / total) / (2.0 * np.pi * total) + UNLIKELY
    weights = motions.weights * likelihood
    place, speed = motions.spreads[..., 0] / total, motions.spreads[..., 1] / total
    means = motions.means + np.concatenate([place[..., None] * off, speed[..., None] * off], axis=-1)
    spreads = motions.spreads.copy()
    spreads[..., 2] -= speed * spreads[..., 1]
    spreads[..., :2] *= (1.0 - place)[..., None]
    return Motion(weights / weights.sum(axis=1, keepdims=True), means, spreads)
