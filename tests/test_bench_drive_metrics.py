"""Figures of a drive, on drives whose figures are known."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import Point, Polygon, box

from pavane.bench.metrics.drive_metrics import arrival, barn_score, intent_error, measure, person_in_camera, spl, stops
from pavane.bench.metrics.proximity import WALL_EVERY, near_misses, person_gaps, times_to_collision, wall_clearance
from pavane.core.geometry import Grid, Pose
from pavane.core.plan import Status
from pavane.core.robot import RobotProfile
from pavane.drive_log import CommandSeries, ContactRecord, GoalRecord, Run
from pavane.maps import OccupancyMap

DT = 0.02
THERE = Pose(3.0, 1.0)


def straight_run(*, end: Pose = THERE, speed_at_end: float = 0.0, reasons: tuple[str, ...] = ()) -> Run:
    """A drive along x from (1, 1) in an empty room of 4 x 2 m, past a person who stands at (2, 1.6)."""
    ticks = 101
    cells = np.zeros((40, 80), np.uint8)
    times = DT * np.arange(ticks)
    poses = np.linspace((1.0, 1.0, end.yaw), (end.x, end.y, end.yaw), ticks)
    v = np.sin(np.pi * times / times[-1])
    v[-1] = speed_at_end
    people = np.tile([2.0, 1.6, 0.0, 0.0, 0.0, 0.2], (ticks, 1, 1))
    people[:10] = np.nan  # not there yet
    emergency = np.zeros(ticks, np.bool_)
    emergency[50] = True
    said = list(reasons) + [""] * (ticks - len(reasons))
    said[50] = "an obstacle"
    return Run(
        OccupancyMap(Grid(cells, 0.05, Pose(0.0, 0.0))), RobotProfile.load("round"), times, poses, v, np.zeros(ticks),
        CommandSeries(v, np.zeros(ticks), emergency, tuple(said)), np.zeros(ticks), people,
        goals=(GoalRecord(0.0, "there", Pose(3.0, 1.0), Status.REACHED, float(times[-1])),),
        contacts=(ContactRecord(1.0, "wall", 0.5, True), ContactRecord(1.2, "person", 0.0, False)),
    )  # fmt: skip


def test_a_known_drive() -> None:
    run = straight_run(reasons=("not ready", "not ready"))
    metrics = measure(run)
    assert metrics.seconds == pytest.approx(2.0)
    assert metrics.distance == pytest.approx(2.0)
    assert metrics.mean_speed == pytest.approx(1.0)
    assert metrics.person_distance == pytest.approx(0.6 - 0.17 - 0.2)
    assert metrics.wall_clearance == pytest.approx(0.5)
    assert (metrics.contacts, metrics.contacts_by_robot) == (2, 1)
    assert (metrics.guard_ticks, metrics.emergency_ticks) == (1, 1)


@pytest.mark.parametrize(
    ("end", "speed", "reached"),
    [
        (Pose(3.0, 1.0), 0.0, True),
        (Pose(3.09, 1.0), 0.0, True),
        (Pose(3.11, 1.0), 0.0, False),
        (Pose(3.0, 1.0, math.radians(9.0)), 0.0, True),
        (Pose(3.0, 1.0, math.radians(-11.0)), 0.0, False),
        (Pose(3.0, 1.0), 0.05, False),
    ],
)
def test_reached_is_at_rest_near_and_turned(end: Pose, speed: float, reached: bool) -> None:
    run = straight_run(end=end, speed_at_end=speed)
    judged = arrival(run, run.goals[0])
    assert judged.reached is reached
    assert judged.error == pytest.approx(end.x - 3.0)
    assert judged.turn_error == pytest.approx(abs(end.yaw))


def test_gaps_are_those_of_the_outline() -> None:
    gaps = person_gaps(straight_run())
    assert gaps.shape == (101, 1)
    assert np.isinf(gaps[:10]).all()
    assert gaps[100, 0] == pytest.approx(math.hypot(1.0, 0.6) - 0.37)


def drive(
    v: np.ndarray,
    omega: np.ndarray,
    *,
    people: np.ndarray | None = None,
    pan: np.ndarray | None = None,
    goals: tuple[GoalRecord, ...] = (),
    contacts: tuple[ContactRecord, ...] = (),
    robot: RobotProfile | None = None,
) -> Run:
    """A drive at given speeds (T,) from (5, 5) in an empty room of 10 x 10 m."""
    ticks = len(v)
    yaw = np.concatenate([[0.0], np.cumsum(omega[:-1] * DT)])
    steps = v[:-1, None] * DT * np.stack([np.cos(yaw), np.sin(yaw)], axis=1)[:-1]
    places = np.array([5.0, 5.0]) + np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
    nothing = np.zeros(ticks)
    return Run(
        OccupancyMap(Grid(np.zeros((100, 100), np.uint8), 0.1, Pose(0.0, 0.0))), robot or RobotProfile.load("round"),
        DT * np.arange(ticks), np.column_stack([places, yaw]), v, omega,
        CommandSeries(v, omega, np.zeros(ticks, np.bool_), ("",) * ticks), nothing if pan is None else pan,
        np.zeros((ticks, 0, 6)) if people is None else people, goals, contacts,
    )  # fmt: skip


def walker(ticks: int, start: tuple[float, float], velocity: tuple[float, float], radius: float = 0.2) -> np.ndarray:
    """One person (T, 1, 6) who walks straight on."""
    people = np.zeros((ticks, 1, 6))
    people[:, 0, :2] = start + np.outer(DT * np.arange(ticks), velocity)
    people[:, 0, 3:5], people[:, 0, 5] = velocity, radius
    return people


def test_constant_speed_is_smooth_and_straight() -> None:
    metrics = measure(drive(np.full(101, 0.5), np.zeros(101)))
    assert metrics.distance == pytest.approx(1.0)
    assert (metrics.rms_jerk, metrics.rms_turn_jerk, metrics.peak_deceleration) == (0.0, 0.0, 0.0)
    assert (metrics.path_irregularity, metrics.heading_reversals, metrics.direction_reversals) == (0.0, 0, 0)
    assert (metrics.stops, metrics.stopped, metrics.ttc_min, metrics.psc) == (0, 0.0, math.inf, 1.0)


def test_a_circle_turns_by_its_curvature() -> None:
    ticks = round(2.0 * math.pi / 0.5 / DT) + 1  # once round at 0.5 rad/s and 1 m radius
    metrics = measure(drive(np.full(ticks, 0.5), np.full(ticks, 0.5)))
    assert metrics.path_irregularity == pytest.approx(1.0, rel=1e-6)
    assert metrics.distance == pytest.approx(2.0 * math.pi, rel=2e-3)


def test_reversals_of_heading_and_direction() -> None:
    times = DT * np.arange(500)
    metrics = measure(drive(0.3 * np.sign(np.sin(times)), 0.5 * np.sin(2.0 * times)))
    assert metrics.direction_reversals == 3  # at pi, 2 pi, 3 pi
    assert metrics.heading_reversals == 6  # at pi/2, ... 3 pi


@pytest.mark.parametrize(("gap", "ahead", "expected"), [(2.0, 1.0, 2.0 - 0.37), (3.0, -1.0, math.inf)])
def test_time_to_collision_head_on(gap: float, ahead: float, expected: float) -> None:
    run = drive(np.full(2, 0.4 * ahead), np.zeros(2), people=walker(2, (5.0 + gap, 5.0), (-0.6 * ahead, 0.0)))
    assert times_to_collision(run)[0] == pytest.approx(expected)  # closing at 1 m/s


def test_time_to_collision_with_who_crosses_and_who_passes() -> None:
    crossing = drive(np.full(2, 1.0), np.zeros(2), people=walker(2, (7.0, 7.0), (0.0, -1.0)))
    assert times_to_collision(crossing)[0] == pytest.approx(2.0 - 0.37 / math.sqrt(2.0))  # meet at (7, 5)
    passing = drive(np.full(2, 1.0), np.zeros(2), people=walker(2, (7.0, 5.38), (-1.0, 0.0)))
    assert times_to_collision(passing)[0] == math.inf  # 1 cm beside
    touching = drive(np.zeros(2), np.zeros(2), people=walker(2, (5.3, 5.0), (1.0, 0.0)))
    assert times_to_collision(touching)[0] == 0.0
    absent = walker(2, (7.0, 5.0), (-1.0, 0.0))
    absent[0] = np.nan
    assert times_to_collision(drive(np.ones(2), np.zeros(2), people=absent))[0] == math.inf


@given(
    x=st.floats(-3.0, 3.0), y=st.floats(-3.0, 3.0), vx=st.floats(-2.0, 2.0), vy=st.floats(-2.0, 2.0),
    v=st.floats(-0.3, 1.0),
)  # fmt: skip
def test_time_to_collision_equals_stepping_on(x: float, y: float, vx: float, vy: float, v: float) -> None:
    time = float(times_to_collision(drive(np.full(2, v), np.zeros(2), people=walker(2, (5 + x, 5 + y), (vx, vy))))[0])
    later = np.linspace(0.0, 10.0, 20001)
    gaps = np.hypot(x + (vx - v) * later, y + vy * later) - 0.37
    if math.isinf(time):
        assert gaps.min() > -1e-6
    elif time < 10.0:
        assert gaps[later < time - 1e-3].min(initial=np.inf) > 0.0
        assert np.interp(time, later, gaps) == pytest.approx(min(gaps[0], 0.0), abs=2e-3)


def test_time_below_a_second_to_collision() -> None:
    run = drive(np.full(201, 0.5), np.zeros(201), people=walker(201, (5.0 + 2.37, 5.0), (0.0, 0.0)))
    metrics = measure(run)  # the gap is 2 m at first and 0.5 m after 3 s
    assert metrics.ttc_below_1 == pytest.approx(1.0, abs=2.0 * DT)
    assert metrics.ttc_min == pytest.approx(0.0, abs=DT)


def test_shares_of_time_near_people() -> None:
    """Somebody walks off from a gap of 0.4 m at 1 m/s for 4 s: 0.5, 0.45, 1.2 and 3.6 m are passed on the way."""
    run = drive(np.zeros(201), np.zeros(201), people=walker(201, (5.77, 5.0), (1.0, 0.0)))
    metrics = measure(run)
    assert metrics.person_distance == pytest.approx(0.4)
    assert metrics.psc == pytest.approx(1.0 - 0.1 / 4.0, abs=0.006)
    assert metrics.intimate == pytest.approx(0.05 / 4.0, abs=0.006)
    assert metrics.personal == pytest.approx(0.8 / 4.0, abs=0.006)
    assert metrics.social == pytest.approx(3.2 / 4.0, abs=0.006)


def approach(nearest: float, speed: float) -> np.ndarray:
    """Somebody who comes at the robot from a gap of 1 m, turns round at once and walks off."""
    people = walker(401, (0.0, 5.0), (0.0, 0.0))
    people[:, 0, 0] = 5.37 + nearest + np.abs(1.0 - nearest - speed * DT * np.arange(401))
    return people


@pytest.mark.parametrize(
    ("nearest", "speed", "expected"),
    [(0.1, 0.5, 1), (0.2, 0.5, 0), (0.1, 0.25, 0), (-0.05, 0.5, 0)],
    ids=["near and fast", "not near", "slow", "a touch"],
)
def test_near_misses(nearest: float, speed: float, expected: int) -> None:
    run = drive(np.zeros(401), np.zeros(401), people=approach(nearest, speed))
    assert near_misses(run, person_gaps(run)) == expected


def test_near_misses_by_two_count_twice_and_a_recorded_touch_is_none() -> None:
    both = np.concatenate([approach(0.1, 0.5), approach(0.12, 0.6)], axis=1)
    run = drive(np.zeros(401), np.zeros(401), people=both)
    assert measure(run).near_misses == 2
    touched = ContactRecord(1.8, "person", 0.0, False, 0)  # between two ticks
    assert measure(replace(run, contacts=(touched,))).near_misses == 1


def test_who_appears_beside_the_robot_was_not_closing() -> None:
    people = walker(100, (5.47, 5.0), (0.0, 0.0))
    people[:50] = np.nan
    run = drive(np.zeros(100), np.zeros(100), people=people)
    assert near_misses(run, person_gaps(run)) == 0


def test_halts_count_from_setting_out_to_the_last_move() -> None:
    v = np.concatenate([np.zeros(50), np.ones(50), np.zeros(15), np.ones(50), np.zeros(14), np.ones(50), np.zeros(100)])
    goal = GoalRecord(0.0, "there", Pose(0.0, 0.0), Status.REACHED, DT * (len(v) - 1))
    run = drive(v, np.zeros(len(v)), goals=(goal,))
    assert stops(run) == 1  # 0.30 s counts, 0.28 s does not
    assert measure(run).stopped == pytest.approx(DT * (50 + 15 + 14 + 100), abs=2.0 * DT)
    assert measure(replace(run, goals=())).stopped == 0.0
    turning = drive(v, np.full(len(v), 0.1), goals=(goal,))
    assert stops(turning) == 0  # a turn in the stand is no halt


@pytest.mark.parametrize("yaw_rate", [0.0, 0.4])
def test_the_screen_that_looks_where_the_robot_will_be_has_no_error(yaw_rate: float) -> None:
    v, omega = np.full(200, 0.5), np.full(200, yaw_rate)
    assert intent_error(drive(v, omega, pan=np.full(200, 0.5 * yaw_rate))) == pytest.approx(0.0, abs=0.01)
    assert intent_error(drive(v, omega, pan=np.full(200, 0.5 * yaw_rate + 0.3))) == pytest.approx(0.3, abs=0.01)


def test_intent_counts_only_where_there_is_a_way() -> None:
    assert intent_error(drive(np.full(200, 0.15), np.zeros(200), pan=np.ones(200))) == 0.0  # 0.15 m in a second
    assert intent_error(drive(np.full(30, 1.0), np.zeros(30), pan=np.ones(30))) == 0.0  # nothing a second later
    backwards = intent_error(drive(np.full(200, -0.3), np.zeros(200)))
    assert backwards == pytest.approx(math.pi)


def test_share_of_time_with_somebody_in_the_camera() -> None:
    """The screen pans at 90 degrees/s past somebody straight ahead; its camera sees 45 degrees to either side."""
    robot = RobotProfile.load("round")
    ticks = 201
    people = walker(ticks, (5.0 + robot.screen.x + 2.0, 5.0), (0.0, 0.0))
    pan = math.radians(90.0) * (DT * np.arange(ticks) - 2.0)  # from -180 to 180 degrees in 4 s
    still = np.zeros(ticks)
    assert person_in_camera(drive(still, still, people=people, pan=pan)) == pytest.approx(0.25, abs=0.01)
    farther = np.concatenate([people, walker(ticks, (1.0, 5.0), (0.0, 0.0))], axis=1)
    assert person_in_camera(drive(still, still, people=farther, pan=pan)) == pytest.approx(0.25, abs=0.01)
    nearer = np.concatenate([people, walker(ticks, (4.0, 5.0), (0.0, 0.0))], axis=1)
    behind = person_in_camera(drive(still, still, people=nearer, pan=np.zeros(ticks)))
    assert behind == 0.0
    assert person_in_camera(drive(still, still, pan=pan)) == 1.0  # nobody
    plain = msgspec.structs.replace(robot, screen=None)  # the detector on the base sees 180 degrees
    assert person_in_camera(drive(still, still, people=people, pan=pan, robot=plain)) == 1.0
    assert person_in_camera(drive(still, still, people=nearer, pan=pan, robot=plain)) == 0.0


def test_avoidable_contacts_count_among_those_by_the_robot() -> None:
    ticks = 301
    people = walker(ticks, (5.0 + 2.0 + 0.37, 5.0), (0.0, 0.0))
    run = drive(np.full(ticks, 0.5), np.zeros(ticks), people=people)
    by_robot, by_person = ContactRecord(4.0, "person", 0.5, True, 0), ContactRecord(4.0, "person", 0.5, False, 0)
    seen = replace(run, sightings=np.array([[1.0, 0.7, 0.0]]), contacts=(by_robot, by_person))
    metrics = measure(seen)
    assert (metrics.contacts, metrics.contacts_by_robot, metrics.contacts_avoidable) == (2, 1, 1)
    assert measure(replace(seen, sightings=np.zeros((0, 3)))).contacts_avoidable == 0


@pytest.mark.parametrize("profile", ["round", "astro_like"])
def test_gaps_and_walls_against_shapely(profile: str) -> None:
    robot = RobotProfile.load(profile)
    rng = np.random.default_rng(0)
    ticks = 30
    cells = (rng.random((60, 60)) < 0.03).astype(np.uint8)
    poses = np.column_stack([rng.uniform(2.0, 4.0, (ticks, 2)), rng.uniform(-3.0, 3.0, ticks)])
    people = np.zeros((ticks, 2, 6))
    people[..., :2], people[..., 5] = rng.uniform(1.0, 5.0, (ticks, 2, 2)), 0.2
    still = np.zeros(ticks)
    run = Run(
        OccupancyMap(Grid(cells, 0.1, Pose(0.0, 0.0))), robot, DT * np.arange(ticks), poses, still, still,
        CommandSeries(still, still, np.zeros(ticks, np.bool_), ("",) * ticks), still, people,
    )  # fmt: skip
    corners = robot.footprint
    base = Point(0.0, 0.0).buffer(robot.robot_radius, 256) if corners is None else Polygon(corners)
    outlines = [affinity.translate(affinity.rotate(base, yaw, (0, 0), use_radians=True), x, y) for x, y, yaw in poses]
    gaps = person_gaps(run)
    for k, outline in enumerate(outlines):
        for i in range(2):
            away = outline.distance(Point(people[k, i, :2]))
            if away > 0.0:
                assert gaps[k, i] == pytest.approx(away - 0.2, abs=1e-4)
            else:
                assert gaps[k, i] <= -0.2 + 1e-9
    squares = [box(0.1 * c, 0.1 * r, 0.1 * c + 0.1, 0.1 * r + 0.1) for r, c in np.argwhere(cells)]
    for k in range(0, ticks, WALL_EVERY):
        one = replace(
            run, times=run.times[:1], poses=poses[k : k + 1], v=still[:1], omega=still[:1],
            commands=CommandSeries(still[:1], still[:1], run.commands.emergency[:1], ("",)), pan=still[:1],
            people=people[:1],
        )  # fmt: skip
        least = min(outlines[k].distance(square) for square in squares)
        if least > 0.0:
            assert wall_clearance(one) == pytest.approx(min(least, 0.5), abs=1e-4)
        else:
            assert wall_clearance(one) <= 1e-9


def test_success_weighted_by_path_length() -> None:
    assert spl(True, 3.0, 4.0) == pytest.approx(0.75)
    assert spl(True, 3.0, 2.9) == spl(True, 0.0, 0.0) == 1.0  # nobody is better than the shortest way
    assert spl(False, 3.0, 4.0) == 0.0


def test_barn_score() -> None:
    assert barn_score(True, 10.0, 5.0) == 0.5  # at 2 m/s it would be OT / 2 OT
    assert barn_score(True, 10.0, 20.0) == pytest.approx(0.25)
    assert barn_score(True, 10.0, 100.0) == pytest.approx(0.125)
    assert barn_score(False, 10.0, 20.0) == 0.0
