"""Where a tracked person will be: they walk on and tire slowly; who stands, stays."""

from __future__ import annotations

from dataclasses import replace

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


def later(track: Track, dt: float) -> Track:
    """The track ``dt`` seconds on: its mean walks, its covariance grows; what was sensed when stays."""
    if dt <= 0.0:
        return track
    moving = 1.0 - still_share(float(np.hypot(*track.velocity)))
    mean = track.state.mean.copy()
    mean[:2] += track.velocity * moving * dt
    covariance = walked_covariance(track.state.covariance, dt)
    return replace(track, state=Gaussian(mean, covariance), age=track.age + dt)
