"""Where people and other things that move will be: a few hypotheses with weights, and one mean for simpler uses.

Nobody is predicted to make room: what the robot does may change what people do, and is not counted on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.belief import LocalMap, ModeEstimate, Track
from pavane.core.geometry import Gaussian, Pose
from pavane.prediction.forecast_parameters import FORECAST_PARAMETERS, PEOPLE
from pavane.prediction.kernels.forecast import forecast_track, rooms_in, walked

ACCELERATION_DENSITY = 0.05  # m^2/s^3, fitted on recorded pedestrians; the textbook's 1 is far too wide
TIRING = 25.0  # s, time constant with which a mean walk ends (docs/concepts/people.md)
STILL_SPEED, STILL_BAND = 0.19, 0.05  # m/s; people slower than this mostly stay where they are
CHANGES = 0.1  # share of those who move and are about to change, where only a state is known
BODY = 0.6  # m from somebody's middle from which on walls are looked for
NARROW = 0.2  # m of clearance that nobody walks into
FAR = 4.0  # m as far as walls are looked for


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """Hypotheses of where one track will be, at K times: Gaussians of place and velocity, alike in all directions.

    Args:
        weights: (M,) their probabilities; their sum is 1.
        means: (M, K, 2) places in ``odom``, m.
        velocities: (M, K, 2) of the means, m/s.
        sigma_pp: (M, K) variance of a coordinate of the place, m^2.
        sigma_pv: (M, K) its covariance with that coordinate's velocity, m^2/s.
        sigma_vv: (M, K) variance of a coordinate of the velocity, m^2/s^2.
    """

    weights: Floats
    means: Floats
    velocities: Floats
    sigma_pp: Floats
    sigma_pv: Floats
    sigma_vv: Floats


def hypotheses(tracks: Sequence[Track], elapsed: Floats, rooms: Floats | None = None) -> list[Forecast]:
    """What each track may do, ``elapsed`` (K,) s after its state: stand, go on, hold its course exactly, change.

    Args:
        tracks: of things that move; a kind without parameters of its own has those of people.
        elapsed: (K,) s from the tracks' states on.
        rooms: (N,) m that each can go on before a wall (``rooms_ahead``); None: no walls are known.
    """
    forecasts = []
    for n, track in enumerate(tracks):
        modes, parameters = track.modes or guessed(track), FORECAST_PARAMETERS.get(track.kind, PEOPLE)
        late, room = 0.0 if track.modes is None else track.elapsed, math.inf if rooms is None else float(rooms[n])
        parts = modes.weights, modes.means, modes.covariances
        since = np.maximum(late + elapsed, 1e-6)
        forecasts.append(Forecast(*forecast_track(*parts, modes.innovation, parameters, room, since)))
    return forecasts


def rooms_ahead(tracks: Sequence[Track], window: LocalMap, map_from_odom: Pose) -> Floats:
    """How far (N,) each track can go on before it meets what is solid in the local map, m; inf where nothing is."""
    window_from_odom = window.origin.inverse() @ map_from_odom
    states = np.array([t.state.mean if t.modes is None else t.modes.means[1] for t in tracks]).reshape(-1, 4)
    frame = window_from_odom.x, window_from_odom.y, window_from_odom.yaw
    rooms: Floats = rooms_in(window.clearance, window.resolution, states, frame, BODY, FAR, NARROW)
    return rooms


def guessed(track: Track) -> ModeEstimate:
    """What a track's state alone says of how it moves."""
    still = still_share(float(np.hypot(*track.velocity)))
    means = np.tile(track.state.mean, (3, 1))
    means[0, 2:] = 0.0
    c = track.state.covariance
    pp, pv, vv = (0.5 * float(c[i, j] + c[i + 1, j + 1]) for i, j in ((0, 0), (0, 2), (2, 2)))
    covariances = np.array([[pp, 0.0, 0.0], [pp, pv, vv], [pp, pv, vv]])
    weights = np.array([still, (1.0 - still) * (1.0 - CHANGES), (1.0 - still) * CHANGES])
    return ModeEstimate(weights, means, covariances)


def still_share(speed: float) -> float:
    """Probability that somebody who seems to move at ``speed`` m/s in fact stands, where only the state is known."""
    return 0.87 / (1.0 + math.exp(min((speed - STILL_SPEED) / STILL_BAND, 700.0)))


def _going(track: Track) -> Floats:
    """The mean velocity (2,) m/s: a state made from detections of all modes holds those who stand already."""
    if track.modes is not None:
        return track.velocity
    return track.velocity * (1.0 - still_share(float(np.hypot(*track.velocity))))


def walk(track: Track, elapsed: Floats) -> tuple[Floats, Floats]:
    """Mean positions (K, 2), m, and velocities (K, 2), m/s, in ``odom``, ``elapsed`` (K,) s after the stamp."""
    velocity = _going(track)
    decay = np.exp(-elapsed[:, None] / TIRING)
    return track.position + velocity * TIRING * (1.0 - decay), velocity * decay


def later(track: Track, dt: float) -> Track:
    """The track ``dt`` seconds on: its mean walks, its covariance grows; what was sensed when stays."""
    if dt <= 0.0:
        return track
    mean = track.state.mean.copy()
    mean[:2] += _going(track) * dt
    covariance = walked(track.state.covariance, dt, ACCELERATION_DENSITY)
    t, state = track, Gaussian(mean, covariance)
    return Track(t.identity, state, t.age + dt, t.sensed, t.radius, t.kind, t.modes, t.elapsed + dt)
