"""The chance of a contact with somebody whose place and velocity are Gaussian: the rate at which they come in.

A Gaussian relative position enters a disc at a rate (Rice, "Mathematical analysis of random noise", Bell System
Technical Journal 24, 1945, for one dimension); here it is summed over the disc's rim in closed form. Contact is one
entry for each person: its probability is the integral of the rate, not 1 - exp of it.
"""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats

ENTRIES = 1.1  # contacts for each unit of the integral, fitted to Monte Carlo (tests)
KNEE = 0.75  # integral times ENTRIES from which on survival falls ever slower and stays above 0
LEAST = 1e-9  # m^2/s^2


def entry_rate(
    offset: Floats, velocity: Floats, radius: Floats | float, sigma_pp: Floats, sigma_pv: Floats, sigma_vv: Floats
) -> Floats:
    """Rate (...), 1/s, at which somebody enters the disc around the robot.

    Args:
        offset: (..., 2) mean of person minus robot, m.
        velocity: (..., 2) mean of its velocity, m/s.
        radius: of both bodies together, m.
        sigma_pp: (...) variance of a coordinate of the offset, m^2; coordinates are independent and alike.
        sigma_pv: (...) its covariance with that coordinate of the velocity, m^2/s.
        sigma_vv: (...) variance of a coordinate of the velocity, m^2/s^2.
    """
    x, y, vx, vy = offset[..., 0], offset[..., 1], velocity[..., 0], velocity[..., 1]
    distance = np.maximum(np.hypot(x, y), 1e-6)
    gap, closing, across = distance - radius, -(x * vx + y * vy) / distance, (x * vy - y * vx) / distance
    # what a place off the mean says of the velocity there, and what remains open
    pull, rest = sigma_pv / sigma_pp, np.maximum(sigma_vv - sigma_pv**2 / sigma_pp, 0.0)
    bend = radius * distance / sigma_pp  # how much of the rim the nearest point stands for
    turn = 1.0 / np.sqrt(bend * bend + bend + 1.0 + 6.0 / (bend + 2.0))
    rim = np.sqrt(1.0 + 2.0 * np.pi * bend - 2.5708 * bend / (bend + 0.6))
    inward = closing + pull * distance
    mean = bend * turn * inward - pull * radius
    std = np.sqrt(np.maximum(rest + across**2 * turn + inward**2 / (2.0 + bend * bend), LEAST))
    z = mean / std
    u = np.abs(z)
    # E[max(0, z + n)] for a standard normal n
    speed = std * (np.maximum(z, 0.0) + 0.39894 * np.exp(-u * (1.25177 + u * (0.29188 + 0.02251 * u))))
    rate: Floats = radius / sigma_pp * np.exp(-0.5 * gap * gap / sigma_pp) / rim * speed
    return rate


def survival(integral: Floats) -> Floats:
    """Chance (...) that there is no contact, from the integral of the rate: 1 - 1.1 of it, softly kept above 0."""
    x = ENTRIES * integral
    beyond = (1.0 - KNEE) * np.exp(-(np.maximum(x, KNEE) - KNEE) / (1.0 - KNEE))
    out: Floats = np.where(x < KNEE, 1.0 - x, beyond)
    return out


def contact_probability(weights: Floats, rates: Floats, dt: float) -> Floats:
    """Chance (..., K) of a contact by the end of each of K steps of ``dt`` s.

    Args:
        weights: (..., M) of one person's hypotheses.
        rates: (..., M, K) of each, in the middle of each step, 1/s.
        dt: s.
    """
    out: Floats = 1.0 - np.einsum("...m,...mk->...k", weights, survival(np.cumsum(rates, axis=-1) * dt))
    return out
