"""Forecasts held against what people did: chances of contact of candidates among them, and places.

Candidates are drawn from our space of trajectories and laid among people whose future is known. Nobody reacts to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from pavane.baselines.objectives import widths
from pavane.baselines.shape_kernels import shaped_rates
from pavane.baselines.trajectory_spaces import KnotSpace
from pavane.bench.studies.risk_tracks import DT, Crowd, Foretold, foretell
from pavane.bench.studies.space import draw
from pavane.core.arrays import Bools, Floats
from pavane.core.entities import KINDS
from pavane.core.robot import RobotProfile
from pavane.motion.limits import bounds
from pavane.prediction.contact_risk import contact_probability, entry_rate, survival

ROBOT, BODY = "round", 0.2  # whose radius counts; m, radius of a person
LATE = 9  # moments from sensing to the start of a candidate: 0.45 s
HORIZONS = (1.0, 2.0, 3.0)  # s
CANDIDATES = 8  # for each forecast
MOTIONS = 1024  # that are drawn from
NEAREST, FARTHEST = 0.3, 3.0  # m of air between robot and person at the start
DRAWS = 200  # points that a region is made of
# error of a coordinate under constant velocity, fitted to the same people as our habits: s, m
FIXED_TIMES, FIXED = np.array([0.0, 0.3, 1.0, 2.0, 3.0, 3.5]), np.array([0.05, 0.086, 0.219, 0.441, 0.695, 0.835])
FIXED_JITTER = 0.1  # m/s
THINNEST = 1e-12  # m^-2, added to densities before their logarithm is taken
GROWS = KINDS["person"].growth  # m/s by which the wide shape grows beside somebody who walks


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """n pairs of a candidate and a person, at each horizon.

    Args:
        chance: (n, H) of contact, as foretold.
        fixed: (n, H) likewise with constant velocity and fixed growth.
        shaped: (n, H) likewise with cheap shapes in place of the rate of entry (``shape_kernels``), for our forecast.
        touched: (n, H) whether there was one.
    """

    chance: Floats
    fixed: Floats
    shaped: Floats
    touched: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """How well places were foretold, n forecasts at each horizon from sensing.

    Args:
        level: (n, H) the smallest of the highest-density regions that holds the true place, as a share.
        error: (n, H) of the mean, m.
        fixed_error: (n, H) of constant velocity, m.
        log_density: (n, H) of the true place, m^-2.
        fixed_log_density: (n, H) likewise with constant velocity and fixed growth.
    """

    level: Floats
    error: Floats
    fixed_error: Floats
    log_density: Floats
    fixed_log_density: Floats


@dataclass(frozen=True, slots=True, eq=False)
class CrowdResult:
    """What was found of one crowd."""

    source: str
    name: str
    judged: Judged
    placed: Placed


def judge_crowds(crowds: Iterable[Crowd], seed: int, tell: Callable[[str], None]) -> list[CrowdResult]:
    """Foretell crowds and judge what was foretold; ``seed`` draws candidates, ``tell`` is told which crowd is next."""
    found = []
    rng = np.random.default_rng(seed)
    motions = candidates(rng)
    for crowd in crowds:
        tell(f"{crowd.source}: {crowd.name}")
        foretold = foretell(crowd)
        if foretold is not None:
            judged = judge(foretold, motions, rng)
            found.append(CrowdResult(crowd.source, crowd.name, judged, place(foretold, rng)))
    return found


def candidates(rng: np.random.Generator) -> Floats:
    """Return the motions (C, 61, 3) of x, y, yaw from rest to full speed at the start, in the robot's frame there."""
    b = bounds(RobotProfile.load(ROBOT))
    space = KnotSpace()
    decisions = draw(space, b, MOTIONS, int(rng.integers(2**31)))
    out = []
    for decision in decisions.T:
        start = np.array([0.0, 0.0, 0.0, rng.uniform(0.0, float(b.v_high)), rng.uniform(-0.5, 0.5), 0.0, 0.0])
        out.append(space.states(decision.astype(np.float64), start, b, 0)[:, :3])
    return np.array(out)


def judge(foretold: Foretold, motions: Floats, rng: np.random.Generator) -> Judged:
    """Lay candidates among the people of forecasts, some heading for them, and see what becomes of it."""
    radius = float(RobotProfile.load(ROBOT).shape.circumscribed_radius) + BODY
    parts = []
    for _ in range(CANDIDATES):
        parts.append(_judge_once(foretold, motions, radius, rng))
    return Judged(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _judge_once(
    foretold: Foretold, motions: Floats, radius: float, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats, Bools]:
    n, steps = len(foretold.truth), motions.shape[1] - 1
    span = slice(LATE, LATE + steps + 1)
    expected = np.einsum("nm,nmi->ni", foretold.weights, foretold.means[:, :, LATE])
    away, bearing = radius + rng.uniform(NEAREST, FARTHEST, n), rng.uniform(-np.pi, np.pi, n)
    heading = bearing + np.pi + rng.normal(0.0, 1.0, n)
    motion = motions[rng.integers(len(motions), size=n)]
    c, s = np.cos(heading)[:, None], np.sin(heading)[:, None]
    x = expected[:, :1] + (away * np.cos(bearing))[:, None] + c * motion[..., 0] - s * motion[..., 1]
    y = expected[:, 1:] + (away * np.sin(bearing))[:, None] + s * motion[..., 0] + c * motion[..., 1]
    robot = np.stack([x, y], axis=-1)  # (n, K, 2)
    at = np.array([round(h / DT) for h in HORIZONS])

    touched = np.logical_or.accumulate(_nearest(foretold.truth[:, span] - robot) < radius, axis=1)[:, at - 1]
    middle, speed = 0.5 * (robot[:, 1:] + robot[:, :-1]), np.diff(robot, axis=1) / DT

    def centred(values: Floats) -> Floats:
        cut = values[:, :, span]
        half: Floats = 0.5 * (cut[:, :, 1:] + cut[:, :, :-1])
        return half

    offset, velocity = centred(foretold.means) - middle[:, None], centred(foretold.velocities) - speed[:, None]
    rates = entry_rate(
        offset, velocity, radius,
        centred(foretold.sigma_pp), centred(foretold.sigma_pv), centred(foretold.sigma_vv),
    )  # fmt: skip
    chance = contact_probability(foretold.weights, rates, DT)[:, at - 1]
    tau = (np.arange(steps) + LATE + 0.5) * DT
    grown = GROWS * tau * np.minimum(1.0, 0.1 + np.linalg.norm(foretold.state[:, 2:], axis=1))[:, None]
    shapes = shape_rates(offset, velocity, np.linalg.norm(speed, axis=-1), radius, grown)
    shaped = 1.0 - np.exp(-np.cumsum(np.einsum("nm,nmk->nk", foretold.weights, shapes), axis=1) * DT)[:, at - 1]
    mean = foretold.state[:, None, :2] + foretold.state[:, None, 2:] * tau[:, None]
    pp, pv = fixed_growth(tau)
    fixed = entry_rate(mean - middle, foretold.state[:, None, 2:] - speed, radius, pp, pv, pv**2 / pp + FIXED_JITTER**2)
    return chance, 1.0 - survival(np.cumsum(fixed, axis=1) * DT)[:, at - 1], shaped, touched


def shape_rates(offset: Floats, velocity: Floats, pace: Floats, radius: float, grown: Floats) -> Floats:
    """Return the rates (n, M, K), 1/s, of cheap shapes beside people.

    Args:
        offset, velocity: (n, M, K, 2) of people against the robot, m and m/s.
        pace: (n, K) speed of the robot, m/s.
        radius: of both together, m.
        grown: (n, K) by how much the wide shape has grown since sensing, m.
    """
    away = np.maximum(np.linalg.norm(offset, axis=-1), 1e-6)
    closing = np.maximum(-(offset * velocity).sum(-1) / away, 0.0)
    reach, touch = widths(grown)
    columns = (away - radius, pace[:, None], closing, reach[:, None], touch[:, None])
    out = np.empty(away.size)
    shaped_rates(np.stack([np.broadcast_to(column, away.shape).ravel() for column in columns]), out)
    return out.reshape(away.shape)


def fixed_growth(tau: Floats) -> tuple[Floats, Floats]:
    """Variance (K,) of a coordinate of the place under constant velocity, m^2, and its covariance with the velocity."""
    std = np.interp(tau, FIXED_TIMES, FIXED)
    rate = (np.interp(tau + 0.01, FIXED_TIMES, FIXED) - np.interp(tau - 0.01, FIXED_TIMES, FIXED)) / 0.02
    return std**2, std * rate


def _nearest(offset: Floats) -> Floats:
    """Return the least distances (n, K) of straight pieces between offsets (n, K + 1, 2) from the origin."""
    start, piece = offset[:, :-1], np.diff(offset, axis=1)
    along = np.clip(-(start * piece).sum(-1) / np.maximum((piece * piece).sum(-1), 1e-12), 0.0, 1.0)
    least: Floats = np.linalg.norm(start + along[..., None] * piece, axis=-1)
    return least


def place(foretold: Foretold, rng: np.random.Generator) -> Placed:
    """Return how well the places of people were foretold."""
    at = np.array([round(h / DT) for h in HORIZONS])
    truth, means, pp = foretold.truth[:, at], foretold.means[:, :, at], foretold.sigma_pp[:, :, at]
    log_density = np.log(density(truth, foretold.weights, means, pp) + THINNEST)
    n, horizons = log_density.shape
    level = np.zeros((n, horizons))
    which = (rng.random((n, DRAWS))[..., None] > np.cumsum(foretold.weights, axis=1)[:, None]).sum(-1)
    rows, which = np.arange(n)[:, None], np.minimum(which, foretold.weights.shape[1] - 1)
    for k in range(horizons):
        drawn = means[rows, which, k] + rng.normal(size=(n, DRAWS, 2)) * np.sqrt(pp[rows, which, k])[..., None]
        others = np.stack(
            [
                density(drawn[:, i : i + 1], foretold.weights, means[:, :, k : k + 1], pp[:, :, k : k + 1])
                for i in range(DRAWS)
            ]
        )[..., 0]
        level[:, k] = (np.log(others + THINNEST) > log_density[:, k]).mean(axis=0)
    tau = at * DT
    error = np.linalg.norm(truth - np.einsum("nm,nmki->nki", foretold.weights, means), axis=-1)
    fixed = foretold.state[:, None, :2] + foretold.state[:, None, 2:] * tau[:, None]
    fixed_error = np.linalg.norm(truth - fixed, axis=-1)
    variance, _ = fixed_growth(tau)
    fixed_log = np.log(np.exp(-0.5 * fixed_error**2 / variance) / (2.0 * np.pi * variance) + THINNEST)
    return Placed(level, error, fixed_error, log_density, fixed_log)


def density(points: Floats, weights: Floats, means: Floats, variances: Floats) -> Floats:
    """Densities (n, K), m^-2, at points (n, K, 2) of mixtures of weights (n, M), means (n, M, K, 2), variances."""
    off = points[:, None] - means
    shapes = np.exp(-0.5 * (off * off).sum(-1) / variances) / (2.0 * np.pi * variances)
    out: Floats = np.einsum("nm,nmk->nk", weights, shapes)
    return out
