"""Gaze: it leads the turn, keeps its limits, and stays on a person."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pavane.core.belief import ScreenState
from pavane.core.plan import Plan, ScreenPlan
from pavane.core.robot import RobotProfile, Screen
from pavane.planning.screen import plan_gaze

SCREEN = RobotProfile.load("astro_like").screen
assert SCREEN is not None
DT = 0.05
STEPS = 61


def plan_of(v: np.ndarray, omega: np.ndarray, start: float = 0.0) -> Plan:
    """A plan that drives these speeds (K,) and stands after them."""
    k = len(v)
    poses = np.zeros((k, 3))
    for i in range(1, k):
        w = 0.5 * (omega[i] + omega[i - 1])
        heading = poses[i - 1, 2] + 0.5 * w * DT
        s = 0.5 * (v[i] + v[i - 1]) * DT
        poses[i] = poses[i - 1] + (s * math.cos(heading), s * math.sin(heading), w * DT)
    slope = np.gradient(v, DT), np.gradient(omega, DT)
    return Plan(start, DT, poses, v, omega, *slope, np.zeros(8, np.float32), 0.0)


def hold_limits(plan: ScreenPlan, screen: Screen = SCREEN) -> None:
    assert len(plan.pan) == len(plan.rate) == len(plan.acceleration) == STEPS
    assert np.abs(plan.pan).max() <= screen.pan_limit
    assert np.abs(plan.rate).max() <= screen.rate_max + 1e-6
    assert np.abs(plan.acceleration).max() <= screen.acceleration_max + 1e-6
    assert np.abs(np.diff(plan.acceleration)).max() <= screen.jerk_max * DT + 1e-6


def drive_an_s(period: float = 5.0, seconds: float = 14.0) -> tuple[np.ndarray, np.ndarray]:
    """The pan really shown and the yaw rate driven, replanned ten times a second along an S of curves."""
    time = np.arange(0.0, seconds + 8.0, DT)
    omega = 0.7 * np.sin(2 * math.pi * time / period)
    v = np.full(len(time), 0.5)
    whole = plan_of(v, omega)
    state, pan = ScreenState(), []
    for k in range(0, round(seconds / DT), 2):
        tail = slice(k, k + 110)
        part = Plan(
            k * DT, DT, whole.poses[tail], v[tail], omega[tail], whole.a[tail], whole.alpha[tail], whole.decision, 0.0
        )
        gaze = plan_gaze(part, state, SCREEN)
        hold_limits(gaze)
        pan += [gaze.pan[0], gaze.pan[1]]
        state = ScreenState(float(gaze.pan[2]), float(gaze.rate[2]), float(gaze.acceleration[2]))
    return np.array(pan), omega[: len(pan)]


@pytest.mark.parametrize("period", [4.0, 5.0, 7.0])
def test_the_look_comes_before_the_turn(period: float) -> None:
    pan, omega = drive_an_s(period)
    pan, omega = pan[40:], omega[40:]  # past the start from straight ahead
    lags = np.arange(-5, 30)
    n = len(pan) - 40

    def match(lag: int) -> float:
        return float(np.corrcoef(pan[5 : n + 5], omega[5 + lag : n + 5 + lag])[0, 1])

    scores = [match(int(lag)) for lag in lags]
    lead = lags[int(np.argmax(scores))] * DT
    assert max(scores) > 0.9
    assert 0.3 - 1e-9 <= lead <= 0.8 + 1e-9


@given(
    st.floats(-1.8, 1.8), st.floats(-1.5, 1.5), st.floats(-4.0, 4.0), st.floats(-0.3, 1.0), st.floats(-1.9, 1.9),
    st.floats(-1.9, 1.9),
)  # fmt: skip
def test_limits_are_kept_from_any_start(
    pan: float, rate: float, acceleration: float, v: float, omega: float, late: float
) -> None:
    k = np.linspace(0.0, 1.0, 80)
    plan = plan_of(np.full(80, v), omega + (late - omega) * k)
    # a start from which the limit on the angle can be kept
    room_left = SCREEN.pan_limit - abs(pan) - 0.35
    rate = math.copysign(min(abs(rate), math.sqrt(max(2 * 0.4 * SCREEN.acceleration_max * room_left, 0.0))), rate)
    gaze = plan_gaze(plan, ScreenState(pan, rate, acceleration), SCREEN)
    assert (gaze.pan[0], gaze.rate[0], gaze.acceleration[0]) == (pan, rate, acceleration)
    hold_limits(gaze)


def test_it_looks_ahead_when_the_way_is_straight_and_at_rest() -> None:
    for v in (0.6, 0.0, -0.3):
        gaze = plan_gaze(plan_of(np.full(80, v), np.zeros(80)), ScreenState(), SCREEN)
        assert np.abs(gaze.pan).max() < 1e-6


def test_it_turns_to_a_person_and_stays_on_them() -> None:
    v, omega = np.full(80, 0.5), np.full(80, 0.3)
    plan = plan_of(v, omega)
    time = DT * np.arange(STEPS)
    person = np.stack([2.0 + 0.3 * time, 1.0 + 0.2 * time], axis=1)
    gaze = plan_gaze(plan, ScreenState(), SCREEN, person)
    hold_limits(gaze)
    offset = person - plan.poses[:STEPS, :2]
    bearing = np.arctan2(offset[:, 1], offset[:, 0]) - plan.poses[:STEPS, 2]
    half = 0.5 * math.radians(SCREEN.camera_field_of_view_deg)
    assert np.abs(gaze.pan - bearing)[10:].max() < half
    assert np.abs(gaze.pan - bearing)[30:].max() < 0.15


def test_somebody_behind_is_looked_at_as_far_as_the_neck_goes() -> None:
    plan = plan_of(np.zeros(80), np.zeros(80))
    gaze = plan_gaze(plan, ScreenState(), SCREEN, np.full((STEPS, 2), (-2.0, 0.3)))
    hold_limits(gaze)
    assert gaze.pan[-1] == pytest.approx(SCREEN.pan_limit, abs=0.03)


def test_a_plan_in_pieces_is_the_plan() -> None:
    """Sampling between the points agrees with them: the pan that is sent has no steps."""
    gaze = plan_gaze(plan_of(np.full(80, 0.5), np.full(80, 0.5)), ScreenState(), SCREEN)
    for k in range(STEPS - 1):
        pan, rate, _ = gaze.at(gaze.start + k * DT)
        assert pan == pytest.approx(gaze.pan[k], abs=1e-9) and rate == pytest.approx(gaze.rate[k], abs=1e-9)
        just_before, *_ = gaze.at(gaze.start + (k + 1) * DT - 1e-6)
        assert just_before == pytest.approx(gaze.pan[k + 1], abs=1e-5)
