import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pavane.core.geometry import Pose
from pavane.core.plan import Plan, ScreenPlan

seeds = st.integers(0, 2**32 - 1)
DT, START, SAMPLES = 0.05, 10.0, 61


def smooth(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Speeds (K,) and accelerations (K,) that end at rest and keep the plan's rule between samples."""
    a = np.cumsum(rng.uniform(-0.2, 0.2, SAMPLES))
    a = (a - np.linspace(a[0], a[-1], SAMPLES)) * np.hanning(SAMPLES)
    v = np.concatenate([[0.0], np.cumsum((a[1:] + a[:-1]) / 2.0 * DT)])
    return v - v[-1], a


def plan(seed: int) -> Plan:
    rng = np.random.default_rng(seed)
    v, a = smooth(rng)
    omega, alpha = smooth(rng)
    pose, poses = Pose(*rng.normal(size=2), 3.0), []
    yaw = pose.yaw
    for k in range(SAMPLES):
        poses.append([pose.x, pose.y, yaw])
        if k + 1 < SAMPLES:
            mean = (v[k] + v[k + 1]) / 2.0, (omega[k] + omega[k + 1]) / 2.0
            pose, yaw = pose.advance(*mean, DT), yaw + mean[1] * DT
    return Plan(START, DT, np.array(poses), v, omega, a, alpha, np.zeros(8, np.float32), 0.0)


@given(seeds)
def test_hits_its_samples(seed: int) -> None:
    p = plan(seed)
    for k in range(SAMPLES - 1):
        point = p.at(START + k * DT + 1e-12)
        assert (point.v, point.omega) == pytest.approx((p.v[k], p.omega[k]), abs=1e-9)
        assert (point.a, point.alpha) == pytest.approx((p.a[k], p.alpha[k]), abs=1e-9)
        assert point.pose.distance(Pose(*p.poses[k])) < 1e-9


@given(seeds, st.integers(0, SAMPLES - 2))
def test_is_continuous_across_samples(seed: int, k: int) -> None:
    p, tiny = plan(seed), 1e-7
    before, after = p.at(START + (k + 1) * DT - tiny), p.at(START + (k + 1) * DT + tiny)
    assert after.v == pytest.approx(before.v, abs=1e-5)
    assert after.omega == pytest.approx(before.omega, abs=1e-5)
    assert after.a == pytest.approx(before.a, abs=1e-4)
    assert after.alpha == pytest.approx(before.alpha, abs=1e-4)
    assert after.pose.distance(before.pose) < 1e-4  # the samples' own integration rule differs by j dt^3 / 12


@given(seeds, st.floats(0.02, 2.9))
def test_speed_is_the_slope_of_position_and_acceleration_of_speed(seed: int, after: float) -> None:
    p, h = plan(seed), 1e-5
    k = (after % DT) / DT
    if not 0.01 < k < 0.99:
        return  # a difference across a sample would measure two pieces at once
    left, here, right = p.at(START + after - h), p.at(START + after), p.at(START + after + h)
    assert (right.v - left.v) / (2 * h) == pytest.approx(here.a, abs=1e-4)
    assert (right.omega - left.omega) / (2 * h) == pytest.approx(here.alpha, abs=1e-4)
    assert right.pose.distance(left.pose) / (2 * h) == pytest.approx(abs(here.v), abs=1e-3)


def test_before_the_start_it_is_its_first_sample_and_after_the_end_it_stands() -> None:
    p = plan(3)
    assert p.end == pytest.approx(START + 3.0)
    first = p.at(START - 5.0)
    assert (first.v, first.omega, first.a) == (p.v[0], p.omega[0], p.a[0])
    assert first.pose == Pose(*p.poses[0])
    for time in (p.end, p.end + 100.0):
        last = p.at(time)
        assert (last.v, last.omega, last.a, last.alpha) == (0.0, 0.0, 0.0, 0.0)
        assert last.pose == Pose(*p.poses[-1])


def test_a_plan_of_one_sample_stands() -> None:
    one = np.zeros(1)
    p = Plan(START, DT, np.array([[1.0, 2.0, 0.5]]), one, one, one, one, np.zeros(8, np.float32), 0.0)
    for time in (START - 1.0, START, START + 1.0):
        assert p.at(time).pose == Pose(1.0, 2.0, 0.5)
        assert p.at(time).v == 0.0


def screen_plan(seed: int) -> ScreenPlan:
    rate, acceleration = smooth(np.random.default_rng(seed))
    jerk = np.diff(acceleration) / DT
    steps = (rate[:-1] + (0.5 * acceleration[:-1] + jerk * DT / 6.0) * DT) * DT
    return ScreenPlan(START, DT, np.concatenate([[0.2], 0.2 + np.cumsum(steps)]), rate, acceleration)


@given(seeds)
def test_the_screen_hits_its_samples_and_is_continuous(seed: int) -> None:
    p, tiny = screen_plan(seed), 1e-8
    for k in range(1, SAMPLES - 1):
        before, after = p.at(START + k * DT - tiny), p.at(START + k * DT + tiny)
        sample = p.pan[k], p.rate[k], p.acceleration[k]
        assert before == pytest.approx(sample, abs=1e-5) and after == pytest.approx(sample, abs=1e-5)
        assert before[:2] == pytest.approx(sample[:2], abs=1e-6) and after[:2] == pytest.approx(sample[:2], abs=1e-6)


@given(seeds, st.floats(0.02, 2.9))
def test_the_screens_rate_is_the_slope_of_its_pan(seed: int, after: float) -> None:
    p, h = screen_plan(seed), 1e-6
    slope = (p.at(START + after + h)[0] - p.at(START + after - h)[0]) / (2 * h)
    assert slope == pytest.approx(p.at(START + after)[1], abs=1e-4)


def test_the_screen_rests_after_its_end() -> None:
    p = screen_plan(1)
    assert p.at(START + 60.0) == (p.pan[-1], 0.0, 0.0)
    assert p.at(START - 1.0) == (p.pan[0], p.rate[0], p.acceleration[0])
