"""One step of the filter of modes for one person; see ``perception.imm``.

An ``estimate`` is a tuple of weights (3,), means (3, 4) and covariances (3, 3); see ``belief.ModeEstimate``.
"""

from __future__ import annotations

import math

import numpy as np

from pavane.numerics.jit import exact_kernel


@exact_kernel
def mixed_and_moved(estimate, change, dt, densities, sway, sets_off):
    """Return the estimate ``dt`` seconds on: modes are mixed, then each moves its state.

    Args:
        estimate: see above.
        change: (3, 3) chances that a mode has become another; a person who comes to stand loses the velocity, one who
            sets off draws a new one.
        dt: s.
        densities: (3,) of acceleration, m^2/s^3.
        sway: m^2/s by which the variance of a standing person's place grows.
        sets_off: m^2/s^2, variance of a coordinate of the velocity with which a person sets off.
    """
    weights, means, covariances = estimate
    after, mean, spread = np.zeros(3), np.zeros((3, 4)), np.zeros((3, 3))
    share = np.empty(3)
    for to in range(3):
        for i in range(3):
            after[to] += weights[i] * change[i, to]
        lasting = 0.0 if to == 0 else 1.0
        for i in range(3):
            share[i] = weights[i] * change[i, to] / after[to]
            for k in range(4):
                mean[to, k] += share[i] * means[i, k] * (1.0 if k < 2 else lasting)
        pp, pv, vv = 0.0, 0.0, 0.0
        for i in range(3):
            held = 0.0 if i == 0 else lasting
            pp += share[i] * covariances[i, 0]
            pv += share[i] * covariances[i, 1] * held
            vv += share[i] * (covariances[i, 2] * held + (sets_off * lasting if i == 0 else 0.0))
            for k in range(2):
                place, speed = means[i, k] - mean[to, k], means[i, k + 2] * lasting - mean[to, k + 2]
                pp += 0.5 * share[i] * place * place
                pv += 0.5 * share[i] * place * speed
                vv += 0.5 * share[i] * speed * speed
        for k in range(2):
            mean[to, k] += mean[to, k + 2] * dt
        spread[to, 0] = pp + dt * (2.0 * pv + dt * (vv + densities[to] * (dt / 3.0)))
        spread[to, 1] = pv + dt * (vv + densities[to] * (dt / 2.0))
        spread[to, 2] = vv + densities[to] * dt
    spread[0, 0] += sway * dt
    return after, mean, spread


@exact_kernel
def corrected(estimate, x, y, variance, unlikely):
    """Return the estimate after a detection at (x, y).

    Args:
        estimate: see above.
        x: m.
        y: m.
        variance: of a coordinate of the detection, m^2.
        unlikely: density of a detection that no mode explains, 1/m^2.
    """
    weights, means, covariances = estimate
    after, mean, spread = np.empty(3), means.copy(), covariances.copy()
    for i in range(3):
        off_x, off_y, total = x - means[i, 0], y - means[i, 1], covariances[i, 0] + variance
        squared = off_x * off_x + off_y * off_y
        after[i] = weights[i] * (math.exp(-0.5 * squared / total) / (2.0 * math.pi * total) + unlikely)
        place, speed = covariances[i, 0] / total, covariances[i, 1] / total
        mean[i, 0] += place * off_x
        mean[i, 1] += place * off_y
        mean[i, 2] += speed * off_x
        mean[i, 3] += speed * off_y
        spread[i, 2] -= speed * covariances[i, 1]
        spread[i, 0] *= 1.0 - place
        spread[i, 1] *= 1.0 - place
    return after / after.sum(), mean, spread


@exact_kernel
def as_one(estimate):
    """Return one mean (4,) and covariance (4, 4) for all modes."""
    weights, means, covariances = estimate
    mean, covariance = np.zeros(4), np.zeros((4, 4))
    for i in range(3):
        for k in range(4):
            mean[k] += weights[i] * means[i, k]
    pp, pv, vv = 0.0, 0.0, 0.0
    for i in range(3):
        pp += weights[i] * covariances[i, 0]
        pv += weights[i] * covariances[i, 1]
        vv += weights[i] * covariances[i, 2]
        for k in range(2):
            place, speed = means[i, k] - mean[k], means[i, k + 2] - mean[k + 2]
            pp += 0.5 * weights[i] * place * place
            pv += 0.5 * weights[i] * place * speed
            vv += 0.5 * weights[i] * speed * speed
    for k in range(2):
        covariance[k, k], covariance[k + 2, k + 2] = pp, vv
        covariance[k, k + 2] = covariance[k + 2, k] = pv
    return mean, covariance
