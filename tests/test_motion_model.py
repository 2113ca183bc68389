"""Motion within limits: against NumPy twins, and as properties of whatever is wanted."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_twin import PROFILES, STOCK, TIGHT, excess, roll, step
from pavane.core.plan import Plan
from pavane.core.robot import RobotProfile, stock_profiles
from pavane.motion.model import DT, STEPS, Bounds
from pavane.motion.rollout import rollout
from pavane.motion.tracker import track_pan, track_step
from pavane.planning.local_planner.config import PlannerConfig
from pavane.planning.local_planner.planner import TrajectoryPlanner
from pavane.planning.local_planner.seeds import box

TOLERANCE = 1e-4  # of a limit
share = st.floats(-1.0, 1.0)
wanted = st.lists(st.tuples(share, share, share, share), min_size=1, max_size=12)


def drive(state, pieces, b, dt, count=200):
    """States (count + 1, 4) that follow references held for equal times, each up to 1.5 times the limits."""
    states = np.empty((count + 1, 4))
    states[0] = state
    for k in range(count):
        v, w, v_slope, w_slope = pieces[k * len(pieces) // count]
        wish = (1.5 * v * b.v_high, 2.0 * v_slope * b.a_high, 1.5 * w * b.w_high, 2.0 * w_slope * b.al_high)
        states[k + 1] = track_step(*(float(x) for x in wish), *states[k], b, dt)
    return states


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("dt", [0.02, DT])
@given(history=wanted, pieces=wanted)
def test_every_wish_becomes_a_motion_within_the_limits(name, dt, history, pieces):
    b = PROFILES[name]
    before = drive(np.zeros(4), history, b, dt, 40)
    over = excess(np.concatenate([before, drive(before[-1], pieces, b, dt)[1:]]), b, dt)
    assert max(over.values()) <= TOLERANCE, over


@pytest.mark.parametrize("name", PROFILES)
@given(speeds=st.tuples(share, share), rates=st.tuples(share, share), pieces=wanted)
def test_any_state_that_can_be_kept_is_kept(name, speeds, rates, pieces):
    b = PROFILES[name]
    a = rates[0] * (b.a_high if rates[0] > 0 else -b.a_low)
    al = rates[1] * b.al_high
    # room to take the accelerations back, with half a step to spare
    rise, rise_w = abs(a) ** 2 / (2 * b.jerk) + b.jerk * DT**2 / 8, al**2 / (2 * b.jerk_w) + b.jerk_w * DT**2 / 8
    low, high = b.v_low + (rise if a < 0 else 0.0), b.v_high - (rise if a > 0 else 0.0)
    if low >= high or rise_w >= b.w_high:
        return
    v = low + (0.5 + 0.5 * speeds[0]) * (high - low)
    w = speeds[1] * (b.w_high - rise_w)
    if b.half_track > 0.0:
        c = b.half_track
        room = b.wheel - abs(v) - c * abs(w) - (a * v > 0) * rise - c * (al * w > 0) * rise_w
        if room < max(rise * (a * v <= 0) + c * rise_w * (al * w <= 0), 0.0):
            return
    states = drive(np.array([v, w, a, al]), pieces, b, DT)
    over = excess(states, b, DT)
    assert max(over.values()) <= TOLERANCE, over


@pytest.mark.parametrize("name", PROFILES)
@given(speeds=st.tuples(share, share), rates=st.tuples(share, share), targets=st.tuples(share, share))
def test_what_lies_outside_the_limits_comes_back_without_a_jump(name, speeds, rates, targets):
    """After an emergency the command starts anywhere; what is wanted is then inside."""
    b = PROFILES[name]
    state = np.array([1.5 * b.v_high * speeds[0], 1.5 * b.w_high * speeds[1],
                      3.0 * b.a_low * rates[0], 2.0 * b.al_high * rates[1]], float)  # fmt: skip
    states = np.empty((241, 4))
    states[0] = state
    goal = (0.5 * targets[0] * (b.v_high if targets[0] > 0 else -b.v_low), 0.4 * targets[1] * b.w_high)
    for k in range(240):
        states[k + 1] = track_step(float(goal[0]), 0.0, float(goal[1]), 0.0, *states[k], b, DT)
    assert np.abs(np.diff(states[:, 2])).max() <= b.jerk * DT * (1 + TOLERANCE)
    assert np.abs(np.diff(states[:, 3])).max() <= b.jerk_w * DT * (1 + TOLERANCE)
    mean = 0.5 * (states[1:, 2:] + states[:-1, 2:])
    np.testing.assert_allclose(np.diff(states[:, :2], axis=0), mean * DT, atol=1e-9)
    over = excess(states[200:], b, DT)
    assert max(over.values()) <= TOLERANCE, over
    np.testing.assert_allclose(states[-1, :2], goal, atol=0.01)


@pytest.mark.parametrize("name", PROFILES)
def test_a_step_equals_its_twin(name):
    rng = np.random.default_rng(11)
    b = PROFILES[name]
    exact = Bounds(*(float(f) for f in b))
    for _ in range(300):
        state = rng.uniform(-1.2, 1.2, 4) * (b.v_high, b.w_high, b.a_high, b.al_high)
        wish = rng.uniform(-1.5, 1.5, 4) * (b.v_high, b.a_high, b.w_high, b.al_high)
        dt = float(rng.choice([0.02, DT]))
        expected = step(*wish, state, exact.v_low, exact.v_high, exact, dt)
        np.testing.assert_allclose(track_step(*wish, *state, b, dt), expected, rtol=1e-5, atol=1e-5)


def tail_of(profile):
    planner = TrajectoryPlanner(profile, PlannerConfig(), np.random.default_rng(0))
    return planner.tail


def rolled(decision, start, b, tail):
    states = np.zeros((STEPS + 1 + tail, 7))
    rollout(np.asarray(decision, float), np.asarray(start, float), b, tail, states)
    return states


@pytest.mark.parametrize("name", stock_profiles())
@given(point=st.lists(st.floats(0.0, 1.0), min_size=8, max_size=8), history=wanted)
def test_every_decision_is_a_plan_within_the_limits_that_ends_at_rest(name, point, history):
    b = STOCK[name]
    low, high = box(b)
    start = drive(np.zeros(4), history, b, DT, 40)[-1]
    states = rolled(low + np.array(point) * (high - low), [0, 0, 0, *start], b, tail_of(RobotProfile.load(name)))
    over = excess(states[:, 3:], b, DT)
    assert max(over.values()) <= TOLERANCE, over
    assert np.abs(states[-1, 3:5]).max() < 1e-5
    mean = 0.5 * (states[1:, 5:] + states[:-1, 5:])
    np.testing.assert_allclose(np.diff(states[:, 3:5], axis=0), mean * DT, atol=1e-12)


@pytest.mark.parametrize("name", PROFILES)
def test_a_rollout_equals_its_twin(name):
    rng = np.random.default_rng(5)
    b = PROFILES[name]
    low, high = box(b)
    for _ in range(10):
        decision = rng.uniform(low, high)
        history = rng.uniform(-1, 1, (3, 4))
        start = [*rng.uniform(-1, 1, 2), rng.uniform(-3, 3), *drive(np.zeros(4), history, b, DT, 40)[-1]]
        np.testing.assert_allclose(rolled(decision, start, b, 0), roll(decision, start, b), rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("name", stock_profiles())
def test_poses_are_what_the_speeds_lead_to(name):
    """Against the same speeds integrated in steps of 0.1 ms."""
    rng = np.random.default_rng(6)
    b = STOCK[name]
    low, high = box(b)
    states = rolled(rng.uniform(low, high), np.zeros(7), b, 10)
    columns = (states[:, :3], *states[:, 3:].T)
    plan = Plan(0.0, DT, *columns, np.zeros(8, np.float32), 0.0)
    fine = np.arange(0.0, plan.end, 1e-3)
    points = [plan.at(t) for t in fine]
    v, w = np.array([p.v for p in points]), np.array([p.omega for p in points])
    yaw = np.append(0.0, np.cumsum(0.5 * (w[1:] + w[:-1]) * 1e-3))
    x, y = np.cumsum(v * np.cos(yaw)) * 1e-3, np.cumsum(v * np.sin(yaw)) * 1e-3
    assert states[-1, 2] == pytest.approx(yaw[-1], abs=0.01)
    assert math.hypot(states[-1, 0] - x[-1], states[-1, 1] - y[-1]) < 0.01


def test_a_wheel_that_binds_still_lets_the_robot_go_fast_and_turn():
    straight = drive(np.zeros(4), [(1.0, 0.0, 0.0, 0.0)], TIGHT, DT)[-1]
    spin = drive(np.zeros(4), [(0.0, 1.0, 0.0, 0.0)], TIGHT, DT)[-1]
    both = drive(np.zeros(4), [(0.5, 0.5, 0.0, 0.0)], TIGHT, DT)[-1]
    assert straight[0] == pytest.approx(0.5, abs=1e-3)
    assert spin[1] == pytest.approx(2.0, abs=1e-2)
    assert both[0] + 0.2 * both[1] > 0.95 * TIGHT.wheel


PAN = {"limit": 1.9, "rate": 2.1, "acceleration": 7.0, "jerk": 52.0}


def pan(targets, state=(0.0, 0.0, 0.0)):
    out = np.empty((len(targets) + 1, 3))
    track_pan(np.asarray(targets, float), *state, *PAN.values(), 6.0, DT, out)
    return out


@given(targets=st.lists(st.floats(-4.0, 4.0), min_size=1, max_size=8))
def test_the_screen_keeps_its_limits_whatever_is_wanted(targets):
    out = pan(np.repeat(targets, 30))
    angle, rate, acceleration = out.T
    tau = np.arange(0.0, DT, 1e-3)
    jerk = np.diff(acceleration)[:, None] / DT
    rates = rate[:-1, None] + (acceleration[:-1, None] + 0.5 * jerk * tau) * tau
    assert np.abs(rates).max() <= PAN["rate"] * (1 + TOLERANCE)
    assert np.abs(acceleration).max() <= PAN["acceleration"] * (1 + TOLERANCE)
    assert np.abs(jerk).max() <= PAN["jerk"] * (1 + TOLERANCE)
    assert np.abs(angle).max() <= PAN["limit"] + math.radians(2.0)
    moved = rate[:-1] * DT + (acceleration[:-1] / 3 + acceleration[1:] / 6) * DT**2
    np.testing.assert_allclose(np.diff(angle), moved, atol=1e-12)


@given(start=st.floats(-1.8, 1.8), target=st.floats(-1.9, 1.9))
def test_the_screen_settles_without_overshoot(start, target):
    out = pan(np.full(120, target), (start, 0.0, 0.0))
    beyond = (out[:, 0] - target) * np.sign(target - start)
    assert beyond.max() < math.radians(2.0)
    assert out[-1, 0] == pytest.approx(target, abs=math.radians(0.5))
