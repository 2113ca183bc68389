"""How somebody is moving, told from their detections: an interacting multiple model filter with three manners.

Blom and Bar-Shalom, "The interacting multiple model algorithm for systems with Markovian switching coefficients", IEEE
Transactions on Automatic Control 33 (1988). Coordinates are independent and alike, so a covariance of x, y, vx, vy is
three numbers; what the means of manners differ by is spread evenly over all directions.

The figures are fitted to detections at 10 Hz of recorded pedestrians and simulated people (docs/bench.md, "risk").
"""

from __future__ import annotations

from collections.abc import Sequence
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
# who comes to stand loses the velocity, who sets off draws a new one: [from,] to, number of the mean or the spread
KEPT_MEANS = np.array([[1.0, 1.0, 0.0, 0.0], [1.0] * 4, [1.0] * 4])
KEPT_SPREADS = np.ones((3, 3, 3))
KEPT_SPREADS[0, :, 1:] = KEPT_SPREADS[:, 0, 1:] = 0.0
DRAWN_SPREADS = np.zeros((3, 3, 3))
DRAWN_SPREADS[0, 1:, 2] = SETS_OFF**2


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
    source = means[:, :, None] * KEPT_MEANS  # (N, from, to, 4)
    mean = (share[..., None] * source).sum(axis=1)
    off = source - mean[:, None]
    place, speed = off[..., :2], off[..., 2:]
    spread = (share[..., None] * (spreads[:, :, None] * KEPT_SPREADS + DRAWN_SPREADS)).sum(axis=1)
    part = 0.5 * share[..., None]
    spread[..., 0] += (part * place * place).sum(axis=(1, 3))
    spread[..., 1] += (part * place * speed).sum(axis=(1, 3))
    spread[..., 2] += (part * speed * speed).sum(axis=(1, 3))
    mean[..., :2] += mean[..., 2:] * dt
    pp, pv, vv = spread[..., 0], spread[..., 1], spread[..., 2]
    grown = np.empty_like(spread)
    grown[..., 0] = pp + dt * (2.0 * pv + dt * (vv + DENSITIES * (dt / 3.0)))
    grown[..., 1] = pv + dt * (vv + DENSITIES * (dt / 2.0))
    grown[..., 2] = vv + DENSITIES * dt
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


def together(motions: Motion) -> tuple[Floats, Floats]:
    """One mean (N, 4) and covariance (N, 4, 4) each for all manners of N people."""
    share = motions.weights[..., None]
    mean = (share * motions.means).sum(axis=1)
    off = motions.means - mean[:, None]
    place, speed = off[..., :2], off[..., 2:]
    pp, pv, vv = (share * motions.spreads).sum(axis=1).T
    covariance = np.zeros((len(mean), 4, 4))
    covariance[:, [0, 1], [0, 1]] = (pp + 0.5 * (share * place * place).sum(axis=(1, 2)))[:, None]
    covariance[:, [2, 3], [2, 3]] = (vv + 0.5 * (share * speed * speed).sum(axis=(1, 2)))[:, None]
    covariance[:, [0, 1, 2, 3], [2, 3, 0, 1]] = (pv + 0.5 * (share * place * speed).sum(axis=(1, 2)))[:, None]
    return mean, covariance


def stacked(motions: Sequence[Motion]) -> Motion:
    """The motions of several people, with a leading axis."""
    return Motion(
        np.array([m.weights for m in motions]),
        np.array([m.means for m in motions]),
        np.array([m.spreads for m in motions]),
    )


def each(motions: Motion) -> list[Motion]:
    """The motions of several people one by one."""
    parts = zip(motions.weights, motions.means, motions.spreads, strict=True)
    return [Motion(weights, means, spreads) for weights, means, spreads in parts]
