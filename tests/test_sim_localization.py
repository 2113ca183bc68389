"""Simulated odometry and localization: noise, a bias that wanders, jumps; right in the map whatever the wheels say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from intervals import LEVEL, Z, count_fits, mean_fits, variance_fits
from pavane.core.geometry import Pose, wrap_angle
from pavane.core.messages import Localization, Odometry
from pavane.sim.sensors import LocalizationSettings, OdometrySettings
from pavane.sim.sensors.localization import LocalizationSensor
from pavane.sim.sensors.odometry import OdometrySensor
from sensor_scenes import scene

POSE, ODOM = Pose(2.0, 1.5, 2.9), Pose(5.0, -3.0, -1.2)
PERIOD = 0.1


def exact_odometry() -> OdometrySensor:
    return OdometrySensor(OdometrySettings(v_std=0.0, omega_std=0.0), np.random.default_rng(0))


def errors(count: int, seed: int = 1, **settings: float) -> np.ndarray:
    """(count, 3) by how much the base pose that the messages imply is wrong, in map."""
    odometry = exact_odometry()
    sensor = LocalizationSensor(LocalizationSettings(**settings), odometry, np.random.default_rng(seed))
    rows = []
    for k in range(count):
        view = scene(PERIOD * k, POSE, odom=ODOM)
        message = sensor.read(view, view.stamp).message
        assert isinstance(message, Localization)
        believed = message.map_from_odom @ odometry.pose(view)
        rows.append((believed.x - POSE.x, believed.y - POSE.y, wrap_angle(believed.yaw - POSE.yaw)))
    return np.array(rows)


def test_speeds_have_the_stated_noise_and_the_pose_has_none() -> None:
    sensor = OdometrySensor(OdometrySettings(v_std=0.02, omega_std=0.05), np.random.default_rng(1))
    messages = [sensor.read(scene(odom=ODOM, v=0.4, omega=-0.7), 0.0).message for _ in range(3000)]
    v, omega = np.array([m.v for m in messages]), np.array([m.omega for m in messages])
    assert mean_fits(v, 0.4) and variance_fits(v, 0.02**2)
    assert mean_fits(omega, -0.7) and variance_fits(omega, 0.05**2)
    assert {m.pose for m in messages} == {ODOM}


def test_odometry_jumps_in_the_base_frame_and_goes_on_from_there() -> None:
    sensor = exact_odometry()
    assert sensor.pose(scene(odom=ODOM)) == ODOM
    offset = Pose(0.3, -0.1, 0.5)
    sensor.jump(offset)
    jumped = sensor.pose(scene(odom=ODOM))
    expected = ODOM @ offset
    assert jumped.distance(expected) < 1e-12 and jumped.yaw == pytest.approx(expected.yaw)
    on = sensor.pose(scene(odom=ODOM.advance(0.5, 0.3, 2.0)))  # what is driven after it is driven from the new place
    expected = expected.advance(0.5, 0.3, 2.0)
    assert on.distance(expected) < 1e-12 and on.yaw == pytest.approx(expected.yaw)
    message = sensor.read(scene(odom=ODOM), 0.0).message
    assert isinstance(message, Odometry) and message.pose == jumped


def test_localization_is_right_however_the_odometry_drifts_and_jumps() -> None:
    odometry = exact_odometry()
    sensor = LocalizationSensor(LocalizationSettings(), odometry, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    for k in range(50):
        pose, odom = (Pose(*rng.uniform(-3.0, 3.0, 3)) for _ in range(2))
        if k % 7 == 3:
            odometry.jump(Pose(*rng.uniform(-1.0, 1.0, 3)))
        view = scene(0.1 * k, pose, odom=odom)
        message = sensor.read(view, 0.0).message
        believed = message.map_from_odom @ odometry.read(view, 0.0).message.pose
        assert believed.distance(pose) < 1e-9 and abs(np.sin(believed.yaw - pose.yaw)) < 1e-9


def test_white_noise_has_the_stated_spread() -> None:
    found = errors(20000, seed=3, std=0.04, yaw_std=0.02)
    for column, std in zip(found.T, (0.04, 0.04, 0.02), strict=True):
        assert mean_fits(column, 0.0) and variance_fits(column, std**2)
        assert abs(np.corrcoef(column[1:], column[:-1])[0, 1]) < Z / np.sqrt(len(column))


@pytest.mark.parametrize("memory", [1.0, 5.0])
def test_the_bias_wanders_with_the_stated_spread_and_memory(memory: float) -> None:
    n = 20000
    found = errors(n, wander_std=0.05, wander_yaw_std=0.02, wander_time=memory)
    phi = np.exp(-PERIOD / memory)
    for column, std in zip(found.T, (0.05, 0.05, 0.02), strict=True):
        # first-order autoregression: least squares of the next by this one, error N(0, (1 - phi^2) / n)
        estimate = (column[1:] * column[:-1]).sum() / (column[:-1] ** 2).sum()
        half = Z * np.sqrt((1.0 - phi**2) / n)
        low, high = -PERIOD / np.log(estimate - half), -PERIOD / np.log(estimate + half)
        assert low <= memory <= high
        # neighbours are alike: the mean square scatters as if of n (1 - phi^2) / (1 + phi^2) samples
        spread = std**2 * np.sqrt(2.0 / n * (1.0 + phi**2) / (1.0 - phi**2))
        assert abs((column**2).mean() - std**2) <= Z * spread


def test_the_bias_is_as_large_at_the_start_as_later() -> None:
    first = np.array([errors(1, seed=seed, wander_std=0.05, wander_time=100.0)[0, 0] for seed in range(1000)])
    assert mean_fits(first, 0.0) and variance_fits(first, 0.05**2)


def test_jumps_come_at_the_stated_rate_and_are_put_right() -> None:
    found = errors(30000, jump_rate=0.2, jump=0.5, jump_yaw=0.3, jump_time=1.0)
    size = np.hypot(found[:, 0], found[:, 1])
    wrong = size > 1e-6
    np.testing.assert_allclose(size[wrong], 0.5, atol=1e-9)
    np.testing.assert_allclose(np.abs(found[wrong, 2]), 0.3, atol=1e-6)
    assert (np.abs(found[~wrong]) < 1e-6).all()
    angle = np.arctan2(found[:, 1], found[:, 0])
    begins = wrong & ~(np.roll(wrong, 1) & (np.abs(angle - np.roll(angle, 1)) < 1e-6))
    starts = np.flatnonzero(begins)
    for start in starts[:-1]:
        assert wrong[start : start + 10].all()  # for 1 s
    chances = (~wrong).sum() + begins.sum()  # a jump may begin at every reading that would else be right
    assert abs(begins.sum() - chances * -np.expm1(-0.2 * PERIOD)) <= Z * np.sqrt(chances * 0.02)
    assert stats.kstest(angle[starts], stats.uniform(-np.pi, 2 * np.pi).cdf).pvalue > 1.0 - LEVEL
    assert count_fits((found[starts, 2] > 0).sum(), 0.5 * len(starts))
