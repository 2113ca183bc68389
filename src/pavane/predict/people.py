"""Where people and other things that move will be: a few hypotheses with weights, and one mean for who needs no more.

Nobody is foretold to make room: what the robot does may change what people do, and is not counted on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pavane.arrays import Floats
from pavane.belief import LocalMap, Motion, Track, walked_covariance
from pavane.geometry import Gaussian, Grid, Pose
from pavane.predict.habits import HABITS, PEOPLE

TIRING = 25.0  # s, time constant with which a mean walk ends (ARCHITECTURE, "People")
STILL_SPEED, STILL_BAND = 0.19, 0.05  # m/s; people slower than this mostly stay where they are
CHANGES = 0.1  # share of those who move and are about to change, where only a state is known
LEAST = 0.005  # hypotheses that weigh less are left out
SLOW = 0.05  # m/s; who is slower has no way ahead
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
        tracks: of things that move; a kind without habits of its own has those of people.
        elapsed: (K,) s from the tracks' states on.
        rooms: (N,) m that each can go on before a wall (``rooms_ahead``); None: no walls are known.
    """
    if not tracks:
        return []
    motions = [track.motion or guessed(track) for track in tracks]
    habits = np.array([HABITS.get(track.kind, PEOPLE).row for track in tracks])
    logs, jitter = habits[:, :9].reshape(-1, 3, 3), habits[:, 25:, None]
    (soon, wall, rough, sway, tire_on, tire_changing, drift, drift_power, kept, slow, fast, stray_power, restless,
     steady, unsteady, exact) = habits[:, 9:25].T  # fmt: skip
    late = np.array([0.0 if track.motion is None else track.elapsed for track in tracks])
    t = np.maximum(late[:, None] + elapsed, 1e-6)  # (N, K) s since sensing
    means, spreads = np.array([m.means for m in motions]), np.array([m.spreads for m in motions])
    unrest = np.array([m.unrest for m in motions])
    speed = np.hypot(means[:, :, 2], means[:, :, 3])  # (N, 3)
    ahead = np.full(len(tracks), np.inf) if rooms is None else rooms
    until = ahead / np.maximum(speed[:, 1], SLOW)  # (N,) s to the wall

    turning = wall * np.exp(-until / soon) + rough * unrest
    logs[:, 1, 2] += turning
    logs[:, 2, 1] -= turning
    become = np.exp(logs - logs.max(axis=2, keepdims=True))
    become /= become.sum(axis=2, keepdims=True)
    stands, on, changes = np.einsum("ni,nij->jn", np.array([m.weights for m in motions]), become)
    exactly = on / (1.0 + np.exp(unsteady * unrest - steady))
    weights = np.stack([stands, on - exactly, exactly, changes], axis=1)  # (N, 4)

    tires = np.stack([tire_on, tire_changing], axis=1)[:, :, None]  # (N, 2, 1)
    fading = np.exp(-t[:, None] / tires)  # (N, 2, K)
    way = tires * (1.0 - fading)  # s of the velocity of now that are walked, without walls
    zero, free = np.zeros_like(t), way[:, 0] < until[:, None]
    on_way, on_pace = np.minimum(way[:, 0], until[:, None]), fading[:, 0] * free
    walked = np.stack([zero, on_way, on_way, way[:, 1]], axis=1)[..., None]  # (N, 4, K, 1)
    pace = np.stack([zero, on_pace, on_pace, fading[:, 1]], axis=1)[..., None]
    start = means[:, [0, 1, 1, 2], None]
    places, velocities = start[..., :2] + start[..., 2:] * walked, start[..., 2:] * pace

    # variances of the place, and half their slopes: those are its covariances with the velocity
    pp, pv, vv = (spreads[:, :, i, None] for i in range(3))  # (N, 3, 1)
    counted = np.stack([kept, np.ones_like(kept)], axis=1)[:, :, None]
    power = np.stack([drift_power, stray_power], axis=1)[:, :, None]
    strays = (slow**2 + (fast * speed[:, 2]) ** 2) * np.exp(2.0 * restless * unrest)
    growth = np.stack([drift**2, strays], axis=1)[:, :, None] * t[:, None] ** power
    place = pp[:, 1:] + counted * way * (2.0 * pv[:, 1:] + way * vv[:, 1:]) + growth
    slope = counted * fading * (pv[:, 1:] + way * vv[:, 1:]) + 0.5 * power * growth / t[:, None]
    sway, exact = sway[:, None] ** 2, exact[:, None]
    sigma_pp = np.stack([pp[:, 0] + sway * t * t, place[:, 0], exact * place[:, 0], place[:, 1]], axis=1)
    sigma_pv = np.stack([sway * t, slope[:, 0], exact * slope[:, 0], slope[:, 1]], axis=1)
    sigma_vv = sigma_pv**2 / sigma_pp + jitter[:, [0, 1, 1, 2]] ** 2
    return [
        Forecast(w[k] / w[k].sum(), places[i, k], velocities[i, k], sigma_pp[i, k], sigma_pv[i, k], sigma_vv[i, k])
        for i, w in enumerate(weights)
        for k in [np.flatnonzero(w >= LEAST)]
    ]


def rooms_ahead(tracks: Sequence[Track], window: LocalMap, map_from_odom: Pose) -> Floats:
    """How far (N,) each track can go on before it meets what is solid in the local map, m; inf where nothing is."""
    if not tracks:
        return np.zeros(0)
    grid = Grid(window.clearance, window.resolution, window.origin, "map")
    steps = np.arange(BODY, FAR, window.resolution)
    states = np.array([(m.means[1] if (m := t.motion) is not None else t.state.mean) for t in tracks]).reshape(-1, 4)
    heading = states[:, 2:] / np.maximum(np.hypot(states[:, 2], states[:, 3]), 1e-9)[:, None]
    points = states[:, None, :2] + heading[:, None] * steps[:, None]  # (N, S, 2) in odom
    cells = np.rint(grid.cells(map_from_odom.transform(points.reshape(-1, 2)))).astype(np.int64)
    rows, columns = window.clearance.shape
    inside = ((cells >= 0) & (cells < (columns, rows))).all(axis=1)
    clear = np.full(len(cells), np.inf)
    clear[inside] = window.clearance[cells[inside, 1], cells[inside, 0]]
    blocked = clear.reshape(len(tracks), -1) < NARROW
    first: Floats = np.where(blocked.any(axis=1), steps[np.argmax(blocked, axis=1)], np.inf)
    return first


def guessed(track: Track) -> Motion:
    """What a track's state alone says of how it moves."""
    still = still_share(float(np.hypot(*track.velocity)))
    means = np.tile(track.state.mean, (3, 1))
    means[0, 2:] = 0.0
    c = track.state.covariance
    pp, pv, vv = (0.5 * float(c[i, j] + c[i + 1, j + 1]) for i, j in ((0, 0), (0, 2), (2, 2)))
    spreads = np.array([[pp, 0.0, 0.0], [pp, pv, vv], [pp, pv, vv]])
    weights = np.array([still, (1.0 - still) * (1.0 - CHANGES), (1.0 - still) * CHANGES])
    return Motion(weights, means, spreads)


def still_share(speed: float) -> float:
    """Probability that somebody who seems to move at ``speed`` m/s in fact stands, where only the state is known."""
    return 0.87 / (1.0 + math.exp(min((speed - STILL_SPEED) / STILL_BAND, 700.0)))


def _going(track: Track) -> Floats:
    """The mean velocity (2,) m/s: a state made from detections of all manners holds those who stand already."""
    if track.motion is not None:
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
    covariance = walked_covariance(track.state.covariance, dt)
    return replace(track, state=Gaussian(mean, covariance), age=track.age + dt, elapsed=track.elapsed + dt)
