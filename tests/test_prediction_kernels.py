"""The kernels that follow people and the base against plain NumPy, on random inputs."""

from __future__ import annotations

import numpy as np
import pytest

import belief_twin as twin
from pavane.core.belief import LocalMap, ModeEstimate, RobotState
from pavane.core.geometry import Gaussian, Pose
from pavane.perception.imm import LEAP, advance, correct, together
from pavane.perception.imm import _changes as changes
from pavane.planning.local_planner.objective.people import PERSON_COLUMNS, fill_rows
from pavane.prediction import PlantModel, hypotheses, roll, rooms_ahead
from pavane.prediction.actuation import (
    ALIKE,
    BACK,
    CANDIDATES,
    CHANGE,
    GAIN_STD,
    LAG_STD,
    LAGS,
    LIVELY,
    STEP,
    TOLD,
    WILD,
)
from pavane.prediction.forecast import Track
from pavane.prediction.forecast_parameters import PEOPLE, PETS
from pavane.prediction.kernels.actuation import between, sums_of_squares, weigh_candidates
from pavane.prediction.latency import _quantile as quantile

RNG = np.random.default_rng(3)
PARTS = ("weights", "means", "velocities", "sigma_pp", "sigma_pv", "sigma_vv")


def close(a, b) -> bool:
    return np.allclose(a, b, rtol=1e-9, atol=1e-12)


def drawn() -> ModeEstimate:
    """A motion with covariances that are some."""
    pp, vv = RNG.uniform(1e-4, 0.1, 3), RNG.uniform(1e-4, 1.0, 3)
    covariances = np.stack([pp, RNG.uniform(-0.9, 0.9, 3) * np.sqrt(pp * vv), vv], axis=1)
    return ModeEstimate(RNG.dirichlet(np.ones(3)), RNG.normal(0.0, 1.0, (3, 4)), covariances, RNG.normal(0.0, 0.5))


def same(a: ModeEstimate, b: ModeEstimate) -> bool:
    return close(a.weights, b.weights) and close(a.means, b.means) and close(a.covariances, b.covariances)


def test_the_filter_of_manners() -> None:
    for _ in range(50):
        motion, dt, point, variance = drawn(), RNG.uniform(0.02, 0.6), RNG.normal(0.0, 1.0, 2), RNG.uniform(1e-4, 0.1)
        steps = max(1, round(dt / LEAP))
        assert same(advance(motion, dt), twin.advance(motion, changes(steps, round(dt / steps, 6)), dt))
        assert same(correct(motion, point, variance), twin.correct(motion, point, variance))
        for told, expected in zip(together(motion), twin.together(motion), strict=True):
            assert close(told, expected)


def test_hypotheses_and_their_rows() -> None:
    elapsed = np.linspace(0.0, 3.0, 11)
    for kind, parameters in (("person", PEOPLE), ("pet", PETS)) * 20:
        motion, room, late = drawn(), RNG.choice([RNG.uniform(0.0, 4.0), np.inf]), RNG.uniform(0.0, 1.0)
        track = Track(1, Gaussian(motion.means[1], np.eye(4)), 1.0, 0.0, kind=kind, modes=motion, elapsed=late)
        (forecast,) = hypotheses([track], elapsed, np.array([room]))
        told, expected = (
            [getattr(forecast, name) for name in PARTS],
            twin.forecast(motion, parameters, late, room, elapsed),
        )
        assert all(close(a, b) for a, b in zip(told, expected, strict=True))
        frame, reaches, out = (
            Pose(*RNG.normal(0.0, 2.0, 3)),
            RNG.uniform(0.1, 1.0, 11),
            np.empty((11, len(told[0]), PERSON_COLUMNS)),
        )
        fill_rows(*told, (frame.x, frame.y, frame.yaw), 0.01, 0.25, reaches, 0.3, 0.7, out)
        assert close(out, twin.rows(expected, frame, 0.01, 0.25, reaches, 0.3, 0.7))


def test_rooms() -> None:
    clearance = RNG.uniform(0.19, 1.0, (60, 80)).astype(np.float32)
    window = LocalMap(clearance, clearance > 0.0, 0.05, Pose(-1.0, 0.5, 0.3), 0.0)
    states = [np.append(RNG.uniform((-1.0, 1.0), (3.0, 4.0)), RNG.normal(0.0, 1.0, 2)) for _ in range(100)]
    tracks = [Track(1, Gaussian(state, np.eye(4)), 1.0, 0.0) for state in states]
    map_from_odom = Pose(0.2, -0.1, 0.2)
    rooms = rooms_ahead(tracks, window, map_from_odom)
    assert 10 < np.isinf(rooms).sum() < 90
    assert close(rooms, [twin.room_ahead(state, window, map_from_odom) for state in states])


@pytest.mark.parametrize(
    "plant", [PlantModel(0.12, 0.07, 0.9, 1.1, 0.02, 0.03, 0.05), PlantModel(0.0, 0.0), PlantModel(0.3, 0.1)]
)
def test_the_base_rolls(plant: PlantModel) -> None:
    for _ in range(20):
        half = RNG.normal(0.0, 0.05, (5, 5))
        robot = RobotState(Pose(*RNG.normal(0.0, 1.0, 3)), *RNG.normal(0.0, 0.5, 4), half @ half.T)
        stamps = np.sort(RNG.uniform(-1.0, 0.6, RNG.integers(0, 20)))
        commands = [(float(t), *RNG.normal(0.0, 0.5, 2).tolist()) for t in stamps]
        until = RNG.choice([0.0, RNG.uniform(0.0, 0.8)])
        told, expected = roll(robot, 0.0, commands, until, plant), twin.roll(robot, 0.0, commands, until, plant)
        assert close(told.pose.array(), expected.pose.array()) and close(told.covariance, expected.covariance)
        assert close((told.v, told.omega, told.a, told.alpha), (expected.v, expected.omega, robot.a, robot.alpha))


def test_the_bank_of_candidates() -> None:
    for _ in range(10):
        signals = 0.02 * RNG.normal(0.0, 1.0, (2, len(LAGS), 300)).cumsum(axis=2)
        places, seconds = RNG.uniform(BACK[-1], 298.0, 12), RNG.uniform(0.0, 0.05, 12)
        at = np.floor(places).astype(np.int64) - 9
        measured = signals[:, 2, at] + RNG.choice([0.01, 0.01, 3.0], 12) * RNG.normal(0.0, 1.0, (2, 12))
        pp, py, yy = np.zeros(CANDIDATES), np.zeros(CANDIDATES), np.zeros(2)
        odometry, bank = (places, seconds, measured), (BACK, STEP, CHANGE)
        lively = sums_of_squares(signals, odometry, bank, (LIVELY, WILD), (pp, py, yy))
        sums = twin.sums(signals, places, seconds, measured)
        assert 0.0 < lively < seconds.sum()
        assert all(close(a, b) for a, b in zip((pp, py, yy, lively), sums, strict=True))
        cost = np.empty(CANDIDATES[1:])
        prior = ((LAGS - 0.06) / LAG_STD) ** 2
        best, row, column = weigh_candidates(sums, prior, np.array(TOLD), ALIKE, GAIN_STD, cost)
        costs, place, gains, squares = twin.weigh(*sums, 0.06)
        assert (row, column) == place
        assert np.allclose(cost, costs, rtol=1e-7) and np.allclose(best, [gains, squares], rtol=1e-7)
        assert np.allclose(between(cost, LAGS, STEP * BACK), twin.between(cost))


def test_quantiles() -> None:
    for count in (*range(1, 12), 60):
        samples = RNG.exponential(0.05, count)
        for share in (0.5, 0.9):
            assert close(quantile(samples.tolist(), share), np.quantile(samples, share))
