"""Reactive control: back to the plan within limits, and no command without a free way to stop."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beliefs import believe
from pavane.core.belief import NearMap
from pavane.core.geometry import Pose
from pavane.core.plan import Plan, PlanPoint
from pavane.core.robot import RobotProfile
from pavane.motion.limits import bounds
from pavane.planning.local_planner import PlannerConfig, TrajectoryPlanner
from pavane.planning.reactive import CommandState, Proposal, Verdict, follow, guard
from pavane.planning.reactive.follow import approach
from pavane.planning.reactive.kernels import body_clearance
from pavane.planning.reactive.safety_filter import ESCAPE_OMEGA, ESCAPE_SECONDS, FADE, LATE, MARGIN, REST
from sim_scenes import room

ROBOT = RobotProfile.load("astro_like")
ROUND = RobotProfile.load("round")
BOUNDS = bounds(ROBOT)
TICK = 0.02
SIDE, CELL = 80, 0.025
BETWEEN = 0.002  # m that the guard's own, coarser sampling of the sweep may miss; less than half of its margin
MIDDLE = Pose(1.0, 1.0)
STILL = np.zeros((0, 4))
OWN_TURNS = ESCAPE_OMEGA, -ESCAPE_OMEGA


def plan() -> Plan:
    """A drive that speeds up and turns."""
    belief = believe(room(8.0, 6.0), ROBOT, Pose(2.0, 2.0), Pose(6.0, 4.5))
    planner = TrajectoryPlanner(ROBOT, PlannerConfig(), np.random.default_rng(0))
    return planner.plan(belief, PlanPoint(Pose(0.0, 0.0), 0.0, 0.0, 0.0, 0.0), None)


PLAN = plan()


def hold_limits(states: list[CommandState], robot: RobotProfile = ROBOT, dt: float = TICK) -> None:
    limits = robot.limits
    v, w, a, alpha = np.array([(s.v, s.omega, s.a, s.alpha) for s in states]).T
    slack = 1e-4
    assert v.max() <= limits.vx_max + slack and v.min() >= limits.vx_min - slack
    assert np.abs(w).max() <= limits.wz_max + slack
    assert a.max() <= limits.ax_max + slack and a.min() >= limits.ax_min - slack
    assert np.abs(alpha).max() <= limits.az_max + slack
    assert np.abs(np.diff(a)).max() <= limits.jx_max * dt + slack
    assert np.abs(np.diff(alpha)).max() <= limits.jz_max * dt + slack
    assert (np.abs(v) + 0.5 * robot.wheels.track_width * np.abs(w)).max() <= robot.wheels.speed_max + 1e-3
    assert np.allclose(np.diff(v), 0.5 * dt * (a[1:] + a[:-1]), atol=1e-5)  # speeds are the integral of accelerations


# -- follow --------------------------------------------------------------------------------------------------


def test_an_undisturbed_command_is_the_plan() -> None:
    state = CommandState()
    for k in range(1, 100):
        state = follow(state, PLAN, PLAN.start + k * TICK, BOUNDS, TICK)
        wanted = PLAN.at(PLAN.start + k * TICK)
        assert abs(state.v - wanted.v) < 5e-4 and abs(state.omega - wanted.omega) < 5e-4


@given(st.floats(-0.3, 1.0), st.floats(-1.5, 1.5), st.floats(-1.0, 0.8), st.floats(-3.0, 3.0), st.floats(0.0, 1.2))
def test_after_a_disturbance_it_returns_to_the_plan_within_limits(
    v: float, omega: float, a: float, alpha: float, since: float
) -> None:
    # a state from which the bounds can be kept
    v -= max(0.0, a) ** 2 / (2 * ROBOT.limits.jx_max) * 1.2 - max(0.0, -a) ** 2 / (2 * ROBOT.limits.jx_max) * 1.2
    v = min(max(v, 0.0), 0.85)
    states = [CommandState(v, omega, a, alpha)]
    for k in range(1, 60):
        states.append(follow(states[-1], PLAN, since + k * TICK, BOUNDS, TICK))
    hold_limits(states)
    for k in range(60, 140):
        states.append(follow(states[-1], PLAN, since + k * TICK, BOUNDS, TICK))
    wanted = PLAN.at(since + 139 * TICK)
    assert abs(states[-1].v - wanted.v) < 2e-3 and abs(states[-1].omega - wanted.omega) < 5e-3


def test_without_a_plan_it_comes_to_rest_smoothly() -> None:
    states = [CommandState(0.9, 1.0, 0.0, 0.0)]
    for _ in range(150):
        states.append(follow(states[-1], None, 0.0, BOUNDS, TICK))
    hold_limits(states)
    assert abs(states[-1].v) < 1e-4 and abs(states[-1].omega) < 1e-4
    assert min(s.v for s in states) > -0.005


# -- guard ---------------------------------------------------------------------------------------------------


def near(solid: np.ndarray, stamp: float = 0.0) -> NearMap:
    return NearMap(solid, CELL, Pose(0.0, 0.0), stamp)


def empty() -> np.ndarray:
    return np.zeros((SIDE, SIDE), np.bool_)


def wall_ahead(gap: float) -> np.ndarray:
    """A wall ``gap`` metres before the nose of the robot in the middle."""
    solid = empty()
    solid[:, round((1.0 + 0.212 + gap) / CELL) :] = True
    return solid


def ask(
    solid: np.ndarray, wanted: CommandState, before: CommandState | None = None, at: Pose = MIDDLE, *, age: float = 0.0,
    robot: RobotProfile = ROBOT, moving: np.ndarray = STILL,
) -> Verdict:  # fmt: skip
    reaction = TICK + robot.latency.actuation_lag
    map_ = replace(near(solid), moving=moving)
    return guard(map_, Proposal(wanted, before or wanted, at, age, TICK, reaction), robot, bounds(robot))


def clearance(solid: np.ndarray, at: Pose, robot: RobotProfile, reach: float = 0.1) -> float:
    shape = robot.shape
    return float(body_clearance((solid, CELL), (at.x, at.y, at.yaw), (shape.vertices, shape.radius), reach))


def sweep(
    solid: np.ndarray, at: Pose, v: float, omega: float, robot: RobotProfile, brake: float, brake_w: float
) -> float:
    """Least clearance while the command is held for a reaction time and then braked along its arc, sampled densely."""
    stop = max(abs(v) / brake, abs(omega) / brake_w)
    seconds = TICK + robot.latency.actuation_lag + 0.5 * stop
    return min(clearance(solid, at.advance(v, omega, t), robot) for t in np.linspace(0.0, seconds, 40))


def test_a_free_way_is_left_alone() -> None:
    wanted = CommandState(0.5, 0.4, 0.1, -0.2)
    assert ask(empty(), wanted) == Verdict(wanted)


def test_a_wall_ahead_slows_and_the_robot_stops_before_it() -> None:
    solid, at = wall_ahead(0.45), MIDDLE
    state = CommandState(0.8, 0.0)
    speeds, flagged = [], 0
    for _ in range(200):
        wanted = CommandState(min(0.8, state.v + 0.01), 0.0, 0.0, 0.0)
        verdict = ask(solid, wanted, state, at)
        state = verdict.state
        flagged += verdict.emergency
        at = at.advance(state.v, state.omega, TICK)
        speeds.append(state.v)
        assert clearance(solid, at, ROBOT) >= MARGIN
        if verdict.state != wanted:
            assert verdict.reason
    assert speeds[-1] < 0.03
    assert clearance(solid, at, ROBOT) < 0.06  # it comes near: the guard is not timid


def test_a_stale_scan_slows_to_rest() -> None:
    speeds = []
    due = ROBOT.latency.scan + 1.0 / ROBOT.lidar.rate + LATE
    for age in (0.1, due, due + 0.4 * FADE, due + 0.7 * FADE, due + FADE, 10.0, math.inf):
        state = CommandState(0.8, 0.3)
        for _ in range(100):
            state = ask(empty(), CommandState(0.8, 0.3), state, age=age).state
        speeds.append(state.v)
    assert speeds[0] == pytest.approx(0.8)
    assert (np.diff(speeds) <= 1e-6).all()
    assert speeds[2] < 0.7 and abs(speeds[-3]) < 1e-3 and abs(speeds[-1]) < 1e-3


def test_the_slow_down_for_a_stale_scan_keeps_comfort() -> None:
    states = [CommandState(0.8, 0.3)]
    for _ in range(100):
        verdict = ask(empty(), CommandState(0.8, 0.3), states[-1], age=1.0)
        assert not verdict.emergency and "scan" in verdict.reason
        states.append(verdict.state)
    hold_limits(states)


@pytest.mark.parametrize("robot", [ROBOT, ROUND], ids=["astro_like", "round"])
@pytest.mark.parametrize("gap", [0.0, 0.004])
def test_it_never_traps_the_robot(robot: RobotProfile, gap: float) -> None:
    """In touch with a wall behind, beside or before it, there is a way to drive off."""
    solid = empty()
    solid[:, 56:] = True  # from x = 1.4 on
    for yaw, away in ((0.0, -1.0), (math.pi, 1.0)):
        reach = 2.0 - float(robot.shape.signed_distance(np.array([[2.0 * math.cos(yaw), 0.0]]))[0])
        at = Pose(1.4 - reach - gap, 1.0, yaw)
        assert clearance(solid, at, robot) < MARGIN
        state, wanted_v = CommandState(), away * 0.3
        limits = bounds(robot)
        for _ in range(150):
            target = approach(state, wanted_v, 0.0, limits, TICK)
            reaction = TICK + robot.latency.actuation_lag
            state = guard(near(solid), Proposal(target, state, at, 0.0, TICK, reaction), robot, limits).state
            at = at.advance(state.v, state.omega, TICK)
        assert clearance(solid, at, robot) > MARGIN + 0.02


def test_at_rest_in_touch_it_turns_by_itself_where_driving_on_is_free_after_that() -> None:
    """Somebody stands in touch, a little before its side; the planner, which cannot tell so finely, wants ahead."""
    robot, solid, at, state = ROUND, touched(ROUND, math.radians(75.0)), MIDDLE, CommandState()
    for _ in range(round(6.0 / TICK)):
        state = ask(solid, approach(state, 0.3, 0.0, bounds(robot), TICK), state, at, robot=robot).state
        at = at.advance(state.v, state.omega, TICK)
        assert clearance(solid, at, robot) > -CELL
    assert at.distance(Pose(1.0, 1.0)) > 0.2


def touched(robot: RobotProfile, bearing: float) -> np.ndarray:
    """A cell in touch with a round robot in the middle."""
    solid, reach = empty(), float(robot.shape.circumscribed_radius) + 0.3 * CELL
    solid[int((1.0 + reach * math.sin(bearing)) / CELL), int((1.0 + reach * math.cos(bearing)) / CELL)] = True
    assert clearance(solid, MIDDLE, robot) < MARGIN
    return solid


def test_what_is_left_of_a_speed_is_no_wish_to_drive() -> None:
    solid = touched(ROUND, math.radians(75.0))
    for v in (1e-6, -1e-6):
        assert ask(solid, CommandState(v, 0.0), CommandState(), robot=ROUND).state.omega == 0.0
        assert ask(solid, CommandState(v, 1.0), CommandState(0.0, 0.5), robot=ROUND).state.omega > 0.5


def test_in_touch_it_does_not_go_out_into_who_comes() -> None:
    solid, wanted = touched(ROUND, math.pi), CommandState(0.01, 0.0)
    assert ask(solid, wanted, CommandState(), robot=ROUND).state.v > 0.0
    comes = front(1.0 + float(ROUND.shape.circumscribed_radius) + 0.06, 1.0, -1.0, 0.0)
    wanted = CommandState(0.05, 0.0)
    assert ask(solid, wanted, wanted, robot=ROUND).state.v > 0.04
    assert ask(solid, wanted, wanted, robot=ROUND, moving=comes).state.v < 0.02


def front(x: float, y: float, vx: float, vy: float) -> np.ndarray:
    """Returns (5, 4) of somebody whose front is 20 cm wide, across their way."""
    along = np.linspace(-0.1, 0.1, 5)
    speed = math.hypot(vx, vy)
    return np.stack([x - along * vy / speed, y + along * vx / speed, np.full(5, vx), np.full(5, vy)], axis=1)


@pytest.mark.parametrize("robot", [ROBOT, ROUND], ids=lambda robot: robot.name)
def test_it_does_not_drive_into_somebody_who_will_be_in_its_way(robot: RobotProfile) -> None:
    nose = 1.0 + float(robot.shape.circumscribed_radius)
    comes = front(nose + 0.5, 1.0, -1.2, 0.0)
    wanted = CommandState(0.5, 0.0)
    assert ask(empty(), wanted, robot=robot).state == wanted  # nobody is there yet
    held = ask(empty(), wanted, robot=robot, moving=comes)
    assert (held.state.v < wanted.v and "moves" in held.reason) or "comes" in held.reason
    states = [wanted]
    for k in range(25):  # it comes to rest before they are there
        now = comes.copy()
        now[:, :2] += k * TICK * now[:, 2:]
        states.append(ask(empty(), wanted, states[-1], Pose(1.0, 1.0), robot=robot, moving=now).state)
    assert states[-1].v < 0.05
    assert all(b.v - a.v >= robot.emergency.ax_min * TICK - 1e-9 for a, b in pairwise(states))


@pytest.mark.parametrize(
    "moving",
    [front(1.0, 2.2, 0.0, -0.3), front(1.9, 1.0, 0.8, 0.0), front(0.3, 1.0, 1.0, 0.0), front(1.5, 1.6, -1.0, 0.0)],
    ids=["too slow to be there", "goes ahead", "comes from behind", "passes by"],
)
def test_it_goes_on_where_it_does_not_run_into_who_moves(moving: np.ndarray) -> None:
    wanted = CommandState(0.4, 0.0)
    assert ask(empty(), wanted, moving=moving).state == wanted


def test_it_may_flee_turn_and_stand_before_who_comes() -> None:
    comes = front(1.5, 1.0, -1.0, 0.0)
    for wanted in (CommandState(-0.2, 0.0), CommandState(0.0, 0.0)):
        assert ask(empty(), wanted, moving=comes).state == wanted
    turning = CommandState(0.0, 1.0)
    assert ask(empty(), turning, robot=ROUND, moving=comes).state == turning  # a round body goes nowhere by turning


def test_standing_in_touch_it_does_not_drive_in() -> None:
    solid = wall_ahead(0.0)
    state = CommandState()
    for _ in range(50):
        state = ask(solid, CommandState(state.v + 0.01, 0.0, 0.5), state).state
        assert abs(state.v) < 1e-6


def test_in_touch_it_may_turn_so_that_it_can_leave() -> None:
    solid = empty()
    solid[47:50, 36:44] = True  # beside a round robot, which has to turn before it can drive away
    at, state = Pose(1.0, 1.0), CommandState()
    assert clearance(solid, at, ROUND) < MARGIN
    for _ in range(180):
        want = (0.0, -1.0) if at.yaw > -1.5 else (0.3, 0.0)
        wanted = approach(state, *want, bounds(ROUND), TICK)
        state = ask(solid, wanted, state, at, robot=ROUND).state
        at = at.advance(state.v, state.omega, TICK)
    assert clearance(solid, at, ROUND) > MARGIN + 0.02


@st.composite
def scenes(draw: st.DrawFn) -> tuple[np.ndarray, Pose]:
    """A near map with a few boxes and specks in it, and a place of the robot near its middle."""
    solid = empty()
    for _ in range(draw(st.integers(0, 5))):
        r, c = draw(st.integers(0, SIDE - 1)), draw(st.integers(0, SIDE - 1))
        solid[r : r + draw(st.integers(1, 20)), c : c + draw(st.integers(1, 20))] = True
    at = Pose(1.0 + draw(st.floats(-0.15, 0.15)), 1.0 + draw(st.floats(-0.15, 0.15)), draw(st.floats(-3.14, 3.14)))
    return solid, at


WANTED = st.tuples(st.floats(-0.3, 1.0), st.floats(-1.9, 1.9))


@pytest.mark.parametrize("robot", [ROBOT, ROUND], ids=["astro_like", "round"])
@given(scenes(), WANTED, st.floats(-0.04, 0.04), st.floats(-0.15, 0.15), st.floats(0.0, 0.7))
@settings(max_examples=150)
def test_what_leaves_can_stop(
    robot: RobotProfile, scene: tuple[np.ndarray, Pose], want: tuple[float, float], dv: float, dw: float, age: float
) -> None:
    solid, at = scene
    limits, emergency = robot.limits, robot.emergency
    v = min(max(want[0], limits.vx_min), limits.vx_max)
    omega = min(max(want[1], -limits.wz_max), limits.wz_max)
    before = CommandState(min(max(v + dv, limits.vx_min), limits.vx_max), omega + dw)
    wanted = CommandState(v, omega)
    verdict = ask(solid, wanted, before, at, age=age, robot=robot)
    out = verdict.state
    assert np.isfinite([out.v, out.omega, out.a, out.alpha]).all()
    if sweep(solid, at, out.v, out.omega, robot, -emergency.ax_min, emergency.az_max) >= MARGIN - BETWEEN:
        if not verdict.emergency and out != wanted and verdict.reason != "moving out of a touch":
            assert abs(out.v - before.v) <= limits.jx_max * TICK * TICK + 1e-4  # slower, and still in comfort
            assert abs(out.omega - before.omega) <= limits.jz_max * TICK * TICK + 1e-4
        return
    here = clearance(solid, at, robot)
    if max(abs(out.v), abs(out.omega)) < 1e-9:  # it stands
        return
    if not verdict.emergency:  # out of a touch
        assert here < MARGIN + 1e-9 and abs(out.v) <= robot.creep_speed + limits.jx_max * TICK * TICK + 1e-4
        gains = clearance(solid, at.advance(wanted.v, wanted.omega, ESCAPE_SECONDS), robot) > here
        turns = [clearance(solid, at.advance(0.0, w, ESCAPE_SECONDS), robot) for w in (wanted.omega, *OWN_TURNS)]
        assert gains or (max(turns) >= here - 1e-6 and abs(out.v) <= 2.0 * REST)
        return
    if verdict.reason == "moving out of a touch" and abs(out.v) <= robot.creep_speed + 1e-9:  # slow enough already
        return
    # else it brakes as hard as it can
    full, full_w = -emergency.ax_min * TICK, emergency.az_max * TICK
    assert abs(out.v) <= max(abs(before.v), abs(wanted.v)) + 1e-9
    braked = abs(out.v) < 1e-9 or abs(abs(before.v) - abs(out.v) - full) < 1e-9
    braked_w = abs(out.omega) < 1e-9 or abs(abs(before.omega) - abs(out.omega) - full_w) < 1e-9
    assert braked or braked_w


@given(scenes(), WANTED, st.floats(0.0, 0.7))
@settings(max_examples=200)
def test_it_never_drives_faster_than_wanted_and_keeps_the_path(
    scene: tuple[np.ndarray, Pose], want: tuple[float, float], age: float
) -> None:
    solid, at = scene
    wanted = CommandState(*want)
    verdict = ask(solid, wanted, at=at, age=age)
    out = verdict.state
    if verdict.reason == "moving out of a touch" and abs(wanted.v) <= REST:  # it may turn by itself, and gently
        assert abs(out.v) <= abs(wanted.v) + 1e-6
        assert abs(out.omega) <= max(abs(wanted.omega), ESCAPE_OMEGA) + 1e-6
        return
    assert abs(out.v) <= abs(wanted.v) + 1e-6 and abs(out.omega) <= abs(wanted.omega) + 1e-6
    assert out.v * wanted.v >= -1e-9 and out.omega * wanted.omega >= -1e-9


@given(scenes(), WANTED)
@settings(max_examples=100)
def test_the_same_question_has_the_same_answer(scene: tuple[np.ndarray, Pose], want: tuple[float, float]) -> None:
    assert ask(scene[0], CommandState(*want), at=scene[1]) == ask(scene[0], CommandState(*want), at=scene[1])
