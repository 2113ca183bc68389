"""Where a tracked person will be: they walk on and tire slowly; who stands, stays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pavane.arrays import Floats
from pavane.belief import Track, walked_covariance
from pavane.geometry import Gaussian

TIRING = 25.0  # s, time constant with which a mean walk ends (ARCHITECTURE, "People")
STILL_SPEED, STILL_BAND = 0.19, 0.05  # m/s; people slower than this mostly stay where they are


def still_share(speed: float) -> float:
    """Probability that somebody who seems to move at ``speed`` m/s in fact stands."""
    return 0.87 / (1.0 + float(np.exp((speed - STILL_SPEED) / STILL_BAND)))


def walk(track: Track, elapsed: Floats) -> tuple[Floats, Floats]:
    """Mean positions (K, 2), m, and velocities (K, 2), m/s, in ``odom``, ``elapsed`` (K,) s after the stamp."""
    velocity = track.velocity * (1.0 - still_share(float(np.hypot(*track.velocity))))
    decay = np.exp(-elapsed[:, None] / TIRING)
    return track.position + velocity * TIRING * (1.0 - decay), velocity * decay


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """Where somebody will be: a mixture of M hypotheses, each a Gaussian at K times with one variance in x and y.

    Args:
        weights: (M,) how likely each is.
        means: (M, K, 2) places in ``odom``, m.
        velocities: (M, K, 2) m/s.
        sigma_pp: (M, K) variance of the place along an axis, m^2.
        sigma_pv: (M, K) its covariance with the velocity along that axis, m^2/s.
        sigma_vv: (M, K) variance of the velocity, m^2/s^2.
    """

    weights: Floats
    means: Floats
    velocities: Floats
    sigma_pp: Floats
    sigma_pv: Floats
    sigma_vv: Floats


def hypotheses(track: Track, elapsed: Floats, unseen: float) -> Forecast:
    """Where a track will be ``elapsed`` (K,) s after its stamp; it was sensed ``unseen`` s before."""
    still = still_share(float(np.hypot(*track.velocity)))
    tau = unseen + elapsed
    decay = np.exp(-elapsed[:, None] / TIRING)
    w, spread, base, means, velocities = [], [], [], [], []
    for weight, moving, growth, first in ((still, 0.0, 0.03, 0.04), (1.0 - still, 1.0, 0.17, 0.06)):
        if weight > 0.02:
            w.append(weight)
            means.append(track.position + moving * track.velocity * TIRING * (1.0 - decay))
            velocities.append(moving * track.velocity * decay)
            spread.append(growth)
            base.append(first)
    growth = np.array(spread)[:, None]
    return Forecast(
        np.array(w), np.array(means), np.array(velocities), np.array(base)[:, None] ** 2 + (growth * tau) ** 2,
        growth**2 * tau, growth**2 + 0.0 * tau,
    )


def later(track: Track, dt: float) -> Track:
    """The track ``dt`` seconds on: its mean walks, its covariance grows; what was sensed when stays."""
    if dt <= 0.0:
        return track
    moving = 1.0 - still_share(float(np.hypot(*track.velocity)))
    mean = track.state.mean.copy()
    mean[:2] += track.velocity * moving * dt
    covariance = walked_covariance(track.state.covariance, dt)
    return replace(track, state=Gaussian(mean, covariance), age=track.age + dt)
