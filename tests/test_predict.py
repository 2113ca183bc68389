"""Prediction: dead time and lag are exact, going a then b is going a + b, people walk on and grow uncertain."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from beliefs import believe, track
from pavane.belief import Belief, RobotState
from pavane.geometry import Pose
from pavane.plan import ScreenPlan
from pavane.predict import fast_forward, later, roll, walk
from pavane.robot import Latencies, RobotProfile
from sim_scenes import room

ROBOT = RobotProfile.load("astro_like")
LATENCY = Latencies()
HOME = room()
Commands = list[tuple[float, float, float]]


def belief() -> Belief:
    people = (track(3.0, 1.0, 0.6, -0.3), track(1.0, 3.0, identity=2))
    return believe(HOME, ROBOT, Pose(2.0, 2.0, 0.5), v=0.4, omega=-0.2, people=people)


def screen_plan() -> ScreenPlan:
    time = 0.05 * np.arange(61)
    return ScreenPlan(0.0, 0.05, 0.3 * np.sin(time), 0.3 * np.cos(time), -0.3 * np.sin(time))


def commands_of(values: list[tuple[float, float]]) -> Commands:
    return [(0.02 * (k - 8), v, w) for k, (v, w) in enumerate(values)]


TWISTS = st.lists(st.tuples(st.floats(-0.3, 1.0), st.floats(-1.9, 1.9)), min_size=1, max_size=40)


def test_no_time_changes_nothing() -> None:
    now = belief()
    assert fast_forward(now, [(0.0, 1.0, 1.0)], screen_plan(), LATENCY, now.stamp) is now
    assert fast_forward(now, [(0.0, 1.0, 1.0)], screen_plan(), LATENCY, now.stamp - 1.0) is now
    assert roll(now.robot, 0.0, [(0.0, 1.0, 1.0)], 0.0, LATENCY).pose == now.robot.pose
    assert later(now.tracks[0], 0.0) is now.tracks[0]


@given(TWISTS, st.integers(1, 40), st.integers(1, 40))
def test_a_then_b_is_a_plus_b(values: list[tuple[float, float]], a: int, b: int) -> None:
    now, commands, screen = belief(), commands_of(values), screen_plan()
    first, total = 0.01 * a, 0.01 * (a + b)
    two = fast_forward(fast_forward(now, commands, screen, LATENCY, first), commands, screen, LATENCY, total)
    one = fast_forward(now, commands, screen, LATENCY, total)
    assert two.stamp == one.stamp == total and one.local_map is now.local_map
    assert np.allclose(two.robot.pose.array(), one.robot.pose.array(), atol=1e-9)
    assert (two.robot.v, two.robot.omega) == (pytest.approx(one.robot.v), pytest.approx(one.robot.omega))
    assert two.screen == one.screen
    for t, o in zip(two.tracks, one.tracks, strict=True):
        assert np.allclose(t.state.mean, o.state.mean) and np.allclose(t.state.covariance, o.state.covariance)
        assert t.age == pytest.approx(o.age) and t.sensed == o.sensed == 0.0


@given(TWISTS, st.floats(0.003, 0.5), st.floats(0.003, 0.5))
def test_a_then_b_is_nearly_a_plus_b_between_the_steps_too(
    values: list[tuple[float, float]], a: float, b: float
) -> None:
    now, commands = belief(), commands_of(values)
    two = fast_forward(fast_forward(now, commands, None, LATENCY, a), commands, None, LATENCY, a + b)
    one = fast_forward(now, commands, None, LATENCY, a + b)
    # a command is taken up at the substep of 10 ms in which it comes into force
    assert two.robot.pose.distance(one.robot.pose) < 0.012
    assert abs(two.robot.v - one.robot.v) < 0.35


def test_the_dead_time_is_exact() -> None:
    latency = replace(LATENCY, actuation=0.08, actuation_lag=0.0)
    robot = RobotState(Pose(0.0, 0.0))
    assert roll(robot, 0.0, [(0.0, 1.0, 0.0)], 0.08, latency).v == 0.0
    after = roll(robot, 0.0, [(0.0, 1.0, 0.0)], 0.18, latency)
    assert after.v == 1.0
    assert after.pose.x == pytest.approx(0.1 - 0.005)  # the substep in which the wheels obey counts half


def test_the_lag_is_first_order() -> None:
    latency = replace(LATENCY, actuation=0.0, actuation_lag=0.1)
    robot = RobotState(Pose(0.0, 0.0))
    for seconds in (0.05, 0.1, 0.3):
        after = roll(robot, 0.0, [(0.0, 0.8, -0.5)], seconds, latency)
        assert after.v == pytest.approx(0.8 * (1 - math.exp(-seconds / 0.1)))
        assert after.omega == pytest.approx(-0.5 * (1 - math.exp(-seconds / 0.1)))


@given(st.floats(-0.3, 1.0), st.floats(-1.9, 1.9), st.floats(-3.0, 3.0), st.floats(0.01, 2.0))
def test_a_constant_twist_is_an_arc(v: float, omega: float, yaw: float, seconds: float) -> None:
    robot = RobotState(Pose(1.0, -2.0, yaw), v, omega)
    for commands in ([], [(-1.0, v, omega)]):
        after = roll(robot, 5.0, commands, 5.0 + seconds, LATENCY)
        exact = robot.pose.advance(v, omega, seconds)
        assert after.pose.distance(exact) < 5e-5
        assert abs(math.remainder(after.pose.yaw - exact.yaw, 2 * math.pi)) < 1e-9


@given(TWISTS)
def test_the_roll_agrees_with_a_fine_twin(values: list[tuple[float, float]]) -> None:
    commands = commands_of(values)
    robot = RobotState(Pose(0.0, 0.0, 0.2), 0.3, 0.1)
    x, y, yaw, v, w, dt = 0.0, 0.0, 0.2, 0.3, 0.1, 0.0005
    for k in range(round(0.6 / dt)):
        due = [c for c in commands if c[0] + LATENCY.actuation <= k * dt + 1e-9]
        goal_v, goal_w = (due[-1][1], due[-1][2]) if due else (v, w)
        v += (goal_v - v) * dt / LATENCY.actuation_lag
        w += (goal_w - w) * dt / LATENCY.actuation_lag
        x, y, yaw = x + v * dt * math.cos(yaw), y + v * dt * math.sin(yaw), yaw + w * dt
    after = roll(robot, 0.0, commands, 0.6, LATENCY)
    assert math.hypot(after.pose.x - x, after.pose.y - y) < 3e-3
    assert abs(after.v - v) < 0.02 and abs(after.omega - w) < 0.05


def test_the_screen_goes_on_with_its_plan_without_a_seam() -> None:
    plan = screen_plan()
    for k in (1, 7, 59):
        screen = fast_forward(belief(), [], plan, LATENCY, plan.start + k * plan.dt).screen
        assert (screen.pan, screen.rate) == (pytest.approx(plan.pan[k]), pytest.approx(plan.rate[k]))
        assert screen.acceleration == pytest.approx(plan.acceleration[k])
    after = fast_forward(belief(), [], plan, LATENCY, plan.start + 4.0).screen
    assert (after.rate, after.acceleration) == (0.0, 0.0)


def test_who_stands_stays_and_who_walks_goes_on() -> None:
    times = np.array([0.0, 1.0, 3.0])
    still, _ = walk(track(2.0, 1.0, 0.03, 0.02), times)
    assert np.abs(still - (2.0, 1.0)).max() < 0.02
    walking, velocity = walk(track(2.0, 1.0, 0.8, 0.0), times)
    assert np.allclose(walking[:, 0], (2.0, 2.0 + 0.8 * 25 * (1 - math.exp(-1 / 25)), 2.0 + 2.26), atol=0.01)
    assert (walking[:, 1] == 1.0).all()
    assert (np.diff(velocity[:, 0]) < 0.0).all() and velocity[0, 0] == pytest.approx(0.8, abs=1e-4)


@given(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0), st.floats(0.01, 1.0), st.floats(0.01, 1.0))
def test_uncertainty_grows(vx: float, vy: float, a: float, b: float) -> None:
    start = track(1.0, 1.0, vx, vy)
    before = start.state.covariance
    for ahead in (a, a + b):
        after = later(start, ahead)
        assert np.linalg.eigvalsh(after.state.covariance).min() > 0.0
        assert (np.diag(after.state.covariance) > np.diag(before)).all()
        assert np.linalg.det(after.state.covariance[:2, :2]) > np.linalg.det(before[:2, :2])
        before = after.state.covariance
        assert after.identity == start.identity and after.sensed == start.sensed
