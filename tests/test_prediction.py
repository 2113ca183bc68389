"""Prediction: dead time and lag are exact, going a then b is going a + b, people walk on and grow uncertain."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beliefs import believe, track
from pavane.core.belief import Belief, RobotState
from pavane.core.geometry import Pose
from pavane.core.plan import ScreenPlan
from pavane.core.robot import Latencies, RobotProfile
from pavane.prediction import Forwarding, PlantModel, fast_forward, later, roll, walk
from sim_scenes import room

ROBOT = RobotProfile.load("astro_like")
PLANT = PlantModel.promised(Latencies())
UNSURE = PlantModel(0.08, 0.04, gain_v=0.95, spread=0.03, v_std=0.02, omega_std=0.04)
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
    assert fast_forward(now, [(0.0, 1.0, 1.0)], screen_plan(), PLANT, now.stamp) is now
    assert fast_forward(now, [(0.0, 1.0, 1.0)], screen_plan(), PLANT, now.stamp - 1.0) is now
    assert roll(now.robot, 0.0, [(0.0, 1.0, 1.0)], 0.0, PLANT).pose == now.robot.pose
    assert later(now.tracks[0], 0.0) is now.tracks[0]


@given(TWISTS, st.integers(1, 40), st.integers(1, 40))
def test_a_then_b_is_a_plus_b(values: list[tuple[float, float]], a: int, b: int) -> None:
    now, commands, screen = belief(), commands_of(values), screen_plan()
    first, total = 0.01 * a, 0.01 * (a + b)
    two = fast_forward(fast_forward(now, commands, screen, UNSURE, first), commands, screen, UNSURE, total)
    one = fast_forward(now, commands, screen, UNSURE, total)
    assert two.stamp == one.stamp == total and one.local_map is now.local_map
    assert np.allclose(two.robot.pose.array(), one.robot.pose.array(), atol=1e-9)
    assert (two.robot.v, two.robot.omega) == (pytest.approx(one.robot.v), pytest.approx(one.robot.omega))
    assert two.screen == one.screen
    assert np.allclose(two.robot.covariance, one.robot.covariance, rtol=1e-9, atol=1e-15)
    for t, o in zip(two.tracks, one.tracks, strict=True):
        assert np.allclose(t.state.mean, o.state.mean) and np.allclose(t.state.covariance, o.state.covariance)
        assert t.age == pytest.approx(o.age) and t.sensed == o.sensed == 0.0


@given(TWISTS, st.floats(0.003, 0.5), st.floats(0.003, 0.5))
def test_a_then_b_is_nearly_a_plus_b_between_the_steps_too(
    values: list[tuple[float, float]], a: float, b: float
) -> None:
    now, commands = belief(), commands_of(values)
    two = fast_forward(fast_forward(now, commands, None, PLANT, a), commands, None, PLANT, a + b)
    one = fast_forward(now, commands, None, PLANT, a + b)
    # a command is taken up at the substep of 10 ms in which it comes into force
    assert two.robot.pose.distance(one.robot.pose) < 0.012
    assert abs(two.robot.v - one.robot.v) < 0.35


def test_the_dead_time_is_exact() -> None:
    plant = PlantModel(0.08, 0.0)
    robot = RobotState(Pose(0.0, 0.0))
    assert roll(robot, 0.0, [(0.0, 1.0, 0.0)], 0.08, plant).v == 0.0
    after = roll(robot, 0.0, [(0.0, 1.0, 0.0)], 0.18, plant)
    assert after.v == 1.0
    assert after.pose.x == pytest.approx(0.1 - 0.005)  # the substep in which the wheels obey counts half


def test_the_lag_is_first_order() -> None:
    plant = PlantModel(0.0, 0.1)
    robot = RobotState(Pose(0.0, 0.0))
    for seconds in (0.05, 0.1, 0.3):
        after = roll(robot, 0.0, [(0.0, 0.8, -0.5)], seconds, plant)
        assert after.v == pytest.approx(0.8 * (1 - math.exp(-seconds / 0.1)))
        assert after.omega == pytest.approx(-0.5 * (1 - math.exp(-seconds / 0.1)))


@given(st.floats(-0.3, 1.0), st.floats(-1.9, 1.9), st.floats(-3.0, 3.0), st.floats(0.01, 2.0))
def test_a_constant_twist_is_an_arc(v: float, omega: float, yaw: float, seconds: float) -> None:
    robot = RobotState(Pose(1.0, -2.0, yaw), v, omega)
    for commands in ([], [(-1.0, v, omega)]):
        after = roll(robot, 5.0, commands, 5.0 + seconds, PLANT)
        exact = robot.pose.advance(v, omega, seconds)
        assert after.pose.distance(exact) < 5e-5
        assert abs(math.remainder(after.pose.yaw - exact.yaw, 2 * math.pi)) < 1e-9


@given(TWISTS)
def test_the_roll_agrees_with_a_fine_twin(values: list[tuple[float, float]]) -> None:
    commands = commands_of(values)
    robot = RobotState(Pose(0.0, 0.0, 0.2), 0.3, 0.1)
    x, y, yaw, v, w, dt = 0.0, 0.0, 0.2, 0.3, 0.1, 0.0005
    for k in range(round(0.6 / dt)):
        due = [c for c in commands if c[0] + PLANT.dead_time <= k * dt + 1e-9]
        goal_v, goal_w = (due[-1][1], due[-1][2]) if due else (v, w)
        v += (goal_v - v) * dt / PLANT.lag
        w += (goal_w - w) * dt / PLANT.lag
        x, y, yaw = x + v * dt * math.cos(yaw), y + v * dt * math.sin(yaw), yaw + w * dt
    after = roll(robot, 0.0, commands, 0.6, PLANT)
    assert math.hypot(after.pose.x - x, after.pose.y - y) < 3e-3
    assert abs(after.v - v) < 0.02 and abs(after.omega - w) < 0.05


def test_the_screen_goes_on_with_its_plan_without_a_seam() -> None:
    plan = screen_plan()
    for k in (1, 7, 59):
        screen = fast_forward(belief(), [], plan, PLANT, plan.start + k * plan.dt).screen
        assert (screen.pan, screen.rate) == (pytest.approx(plan.pan[k]), pytest.approx(plan.rate[k]))
        assert screen.acceleration == pytest.approx(plan.acceleration[k])
    after = fast_forward(belief(), [], plan, PLANT, plan.start + 4.0).screen
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


@given(TWISTS, st.floats(0.05, 1.0))
def test_the_base_grows_less_sure_where_it_goes(values: list[tuple[float, float]], seconds: float) -> None:
    robot, commands = belief().robot, commands_of(values)
    grown = roll(robot, 0.0, commands, seconds, UNSURE).covariance
    assert np.allclose(grown, grown.T) and np.linalg.eigvalsh(grown).min() > -1e-15
    assert (np.diag(grown) > 0.0).all()
    wider = roll(robot, 0.0, commands, seconds, PlantModel(0.08, 0.04, 0.95, 1.0, 0.06, 0.02, 0.04)).covariance
    assert np.linalg.eigvalsh(wider - grown).min() > -1e-12
    assert not roll(robot, 0.0, commands, seconds, UNSURE.certain).covariance.any()


def test_the_covariance_is_that_of_many_bases_whose_speeds_deviate() -> None:
    plant, rng, dt = PlantModel(0.0, 0.05, v_std=0.05, omega_std=0.1), np.random.default_rng(0), 0.01
    robot, count = RobotState(Pose(0.0, 0.0, 0.3), 0.6, 0.5), 4000
    x, y, yaw, dv, dw = np.zeros(count), np.zeros(count), np.full(count, 0.3), np.zeros(count), np.zeros(count)
    keep = math.exp(-dt / 0.05)
    for _ in range(80):
        x, y = x + (0.6 + dv) * dt * np.cos(yaw), y + (0.6 + dv) * dt * np.sin(yaw)
        yaw = yaw + (0.5 + dw) * dt
        dv, dw = (
            keep * d + math.sqrt(1.0 - keep**2) * std * rng.standard_normal(count) for d, std in ((dv, 0.05), (dw, 0.1))
        )
    told = roll(robot, 0.0, [(-1.0, 0.6, 0.5)], 0.8, plant).covariance
    seen = np.cov(np.stack([x, y, yaw, dv, dw]))
    assert np.allclose(np.sqrt(np.diag(told)), np.sqrt(np.diag(seen)), rtol=0.06)
    assert np.allclose(told[:3, :3], seen[:3, :3], atol=0.1 * np.trace(seen[:3, :3]))


def test_what_is_not_forwarded_stays() -> None:
    now, commands = belief(), [(-0.1, 0.8, 0.0)]
    people = fast_forward(now, commands, None, PLANT, 0.5, Forwarding(robot=False))
    assert people.robot is now.robot and people.stamp == 0.5
    assert people.tracks[0].position[0] > now.tracks[0].position[0]
    robot = fast_forward(now, commands, None, PLANT, 0.5, Forwarding(people=False))
    assert robot.tracks is now.tracks and robot.robot.pose.distance(now.robot.pose) > 0.1
