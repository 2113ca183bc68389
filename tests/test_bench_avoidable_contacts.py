"""Contacts that could have been avoided, on drives whose verdict can be worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pavane.bench.metrics.avoidable_contacts import FINE, REACH, Avoidance, avoidable, judge_contact
from pavane.bench.metrics.evasive_manoeuvres import AFTER, FAMILY, roll
from pavane.bench.studies.scenarios import drive_scenario
from pavane.core.geometry import Grid, Pose
from pavane.core.robot import RobotProfile
from pavane.drive_log import CommandSeries, ContactRecord, Run
from pavane.maps import OccupancyMap
from pavane.numerics.overlap import cell_clearance, point_clearance
from pavane.sim.plant.base import FirstOrder, Twist
from pavane.sim.plant.config import PlantSettings
from pavane.sim.scenario import load_scenario

DT, SECONDS, HIT = 0.02, 7.0, 5.0  # s; the touch is at HIT
TIMES = DT * np.arange(round(SECONDS / DT) + 1)
ROBOT = RobotProfile.load("round")  # radius 0.17 m, brakes at 2.5 m/s^2 in an emergency
FORWARD_ONLY = msgspec.structs.replace(ROBOT, limits=msgspec.structs.replace(ROBOT.limits, vx_min=0.0))
RADIUS, DEAD, LAG, BRAKE = 0.17, ROBOT.latency.actuation, ROBOT.latency.actuation_lag, 2.5
NOBODY = np.full((len(TIMES), 2), np.nan)


def room() -> np.ndarray:
    """An empty room of 20 x 4 m in cells of 0.05 m."""
    cells = np.zeros((80, 400), np.uint8)
    cells[[0, -1], :] = cells[:, [0, -1]] = 1
    return cells


def corridor() -> np.ndarray:
    """Just as wide as the robot needs to go straight along y = 2: only what goes straight stays free."""
    cells = np.ones((80, 400), np.uint8)
    cells[36:44, 1:-1] = 0
    return cells


def home(cells: np.ndarray) -> OccupancyMap:
    return OccupancyMap(Grid(cells, 0.05, Pose(0.0, 0.0)))


def make_run(
    person: np.ndarray,
    *,
    v: float = 1.0,
    known: float | None = None,
    cells: np.ndarray | None = None,
    start: float = 1.0,
    robot: RobotProfile = ROBOT,
) -> Run:
    """A robot that goes along y = 2 from x = ``start`` at a constant speed, and one person's track (T, 2)."""
    people = np.zeros((len(TIMES), 1, 6))
    people[:, 0, :2], people[:, 0, 5] = person, 0.2
    poses = np.column_stack([start + v * TIMES, np.full_like(TIMES, 2.0), np.zeros_like(TIMES)])
    still = np.zeros_like(TIMES)
    return Run(
        home(room() if cells is None else cells), robot, TIMES, poses, still + v, still,
        CommandSeries(still, still, np.zeros(len(TIMES), np.bool_), ("",) * len(TIMES)), still, people,
        contacts=(ContactRecord(HIT, "person", v, True, 0, v),),
        sightings=np.zeros((0, 3)) if known is None else np.array([[known, known - 0.3, 0.0]]),
    )  # fmt: skip


def standing(v: float = 1.0, start: float = 1.0) -> np.ndarray:
    """Somebody who stands where the robot's front is at ``HIT``."""
    return np.tile([start + v * HIT + RADIUS + 0.2, 2.0], (len(TIMES), 1))


def judge(run: Run) -> Avoidance:
    return judge_contact(run, run.contacts[0])


def way_to_stop(v: float) -> float:
    """Closed form: hard braking down to where the lag takes over at v = BRAKE * LAG, then its exponential tail."""
    tail = BRAKE * LAG
    return (v**2 - tail**2) / (2.0 * BRAKE) + tail * LAG


def test_who_steps_out_close_in_front_cannot_be_avoided_and_could_when_seen_for_long() -> None:
    side = np.where(HIT - 0.4 > TIMES, 2.9, np.maximum(2.9 - 2.5 * (TIMES - HIT + 0.4), 2.0))
    person = np.column_stack([np.full_like(TIMES, 1.0 + HIT + RADIUS + 0.2), side])
    out_of_sight = judge(make_run(person, known=HIT - 0.4 + ROBOT.latency.perception))  # sensed when 0.4 m ahead
    assert not out_of_sight.avoidable
    assert out_of_sight.first_known == pytest.approx(0.1)
    assert out_of_sight.why == "no manoeuvre avoids it"
    seen = judge(make_run(person, known=HIT - 3.0))
    assert seen.avoidable
    assert seen.first_known == pytest.approx(3.0)
    straight = judge(make_run(person, known=HIT - 3.0, cells=corridor()))
    assert straight.avoidable and straight.by in ("brake", "back off")


def test_the_verdict_names_the_manoeuvre_of_the_largest_margin() -> None:
    verdict = judge(make_run(standing(), known=2.0))
    assert verdict.by in {manoeuvre.name for manoeuvre in FAMILY}
    assert 0.0 < verdict.began <= 3.0
    assert verdict.margin == pytest.approx(REACH)
    assert verdict.why == f"{verdict.by}, begun {verdict.began:.2f} s before"
    assert avoidable(make_run(standing(), known=2.0)) == (verdict,)


def test_who_was_never_sensed_could_not_be_avoided() -> None:
    never = Avoidance(False, math.inf, why="never sensed")
    assert judge(make_run(standing())) == never
    assert judge(make_run(standing(), known=HIT + 0.1)) == never
    other = replace(make_run(standing(), known=1.0), sightings=np.array([[1.0, 0.7, 1.0]]))  # somebody else was
    assert judge(other) == never


def test_data_that_comes_within_the_dead_time_is_too_late() -> None:
    verdict = judge(make_run(standing(), known=HIT - 0.5 * DEAD))
    assert (verdict.avoidable, verdict.why) == (False, "sensed too late for any control to take effect")
    assert verdict.first_known == pytest.approx(0.5 * DEAD)


@pytest.mark.parametrize("v", [0.5, 0.8, 1.0])
def test_latency_decides_at_the_way_to_stop(v: float) -> None:
    """In a corridor the last moment is the dead time plus the time in which the robot drives the way it brakes in."""
    sensed = HIT - 1.0
    threshold = 1.0 - DEAD - way_to_stop(v) / v
    for latency, expected in ((threshold - 1.5 * DT, True), (threshold + 0.5 * DT, False)):
        run = make_run(standing(v), v=v, known=sensed + latency, cells=corridor())
        assert judge(run).avoidable is expected


def test_a_longer_dead_time_decides_likewise() -> None:
    known = HIT - 0.5
    threshold = 0.5 - way_to_stop(1.0)
    for dead, expected in ((threshold - 1.5 * DT, True), (threshold + 1.5 * DT, False)):
        slow = msgspec.structs.replace(ROBOT, latency=msgspec.structs.replace(ROBOT.latency, actuation=dead))
        assert judge(make_run(standing(), known=known, cells=corridor(), robot=slow)).avoidable is expected


def runner(into: float = 0.3) -> np.ndarray:
    """Somebody who runs along y = 2 at the robot, which stands at x = 4, and stops where they have met it."""
    x = np.maximum(4.0 + RADIUS + 0.2 + 1.5 * (HIT - TIMES), 4.0 + RADIUS + 0.2 - into)
    return np.column_stack([x, np.full_like(TIMES, 2.0)])


def test_a_runner_is_avoided_in_the_open_and_not_in_a_dead_end() -> None:
    assert judge(make_run(runner(), v=0.0, known=2.5, start=4.0)).avoidable
    backwards = judge(make_run(runner(), v=0.0, known=2.5, start=4.0, cells=corridor()))
    assert backwards.avoidable and backwards.by == "back off"
    dead_end = corridor()
    dead_end[:, :76] = 1  # a wall 3 cm behind the robot
    assert not judge(make_run(runner(), v=0.0, known=2.5, start=4.0, cells=dead_end)).avoidable
    assert not judge(make_run(runner(), v=0.0, known=2.5, start=4.0, cells=corridor(), robot=FORWARD_ONLY)).avoidable


def test_what_lies_outside_the_map_is_no_way_out() -> None:
    """A free strip 0.8 m wide, in which nobody can pass; its map ends 3 cm behind the robot, or 2 m."""
    run = make_run(runner(), v=0.0, known=2.5, start=4.0)
    for start, expected in ((3.8, False), (2.0, True)):
        strip = room()[32:48, round(start / 0.05) :]
        strip[:, -1] = 0
        inside = OccupancyMap(Grid(strip, 0.05, Pose(start, 1.6)))
        assert judge(replace(run, home=inside)).avoidable is expected


@pytest.mark.parametrize(("fastest", "expected"), [(0.1, False), (0.2, True)])
def test_nothing_is_begun_more_than_three_seconds_before(fastest: float, expected: bool) -> None:
    """Somebody comes from the side and stops 7 cm from the standing robot's middle: it has to go 0.36 m ahead."""
    person = np.column_stack([np.full_like(TIMES, 4.0), np.maximum(2.37 + 1.5 * (HIT - TIMES), 2.07)])
    limits = msgspec.structs.replace(ROBOT.limits, vx_max=fastest, vx_min=0.0)
    verdict = judge(make_run(person, v=0.0, start=4.0, known=0.5, robot=msgspec.structs.replace(ROBOT, limits=limits)))
    assert verdict.first_known == pytest.approx(4.5)
    assert verdict.avoidable is expected
    assert verdict.began <= 3.0 + 1e-9


def test_who_walks_into_the_robot_after_it_stopped_counts() -> None:
    through = standing()
    through[:, 0] += np.minimum(1.0 * (HIT - TIMES), 0.0)  # stands until the touch, then walks on through the robot
    in_corridor = make_run(through, known=HIT - 0.55, cells=corridor(), robot=FORWARD_ONLY)
    assert not judge(in_corridor).avoidable
    later = through.copy()
    later[TIMES > HIT] = later[TIMES <= HIT][-1]  # stays instead
    assert judge(replace(in_corridor, people=make_run(later).people)).avoidable


def test_whoever_is_recorded_no_longer_stays_where_they_were() -> None:
    run = make_run(standing(), known=HIT - 2.0, cells=corridor(), robot=FORWARD_ONLY)
    asked = run.commands
    cut = len(TIMES) - round((SECONDS - HIT) / DT)  # ends with the touch, as an episode does
    ended = replace(
        run, times=run.times[:cut], poses=run.poses[:cut], v=run.v[:cut], omega=run.omega[:cut],
        commands=CommandSeries(asked.v[:cut], asked.omega[:cut], asked.emergency[:cut], asked.reasons[:cut]),
        pan=run.pan[:cut], people=run.people[:cut],
    )  # fmt: skip
    assert judge(ended) == judge(run)
    assert judge(ended).by == "brake"
    too_late = replace(ended, sightings=np.array([[HIT - 0.2, HIT - 0.5, 0.0]]))
    assert not judge(too_late).avoidable


def test_a_robot_that_a_wall_has_stopped_did_not_avoid_it() -> None:
    """The simulator stops a robot before it overlaps a wall: at the tick of the contact it stands, free."""
    cells = room()
    face = 1.0 + HIT + RADIUS + 0.008
    column = math.ceil(face / 0.05)
    cells[:, column] = 1
    run = make_run(NOBODY, cells=cells)
    hit = round(HIT / DT)
    poses, v = run.poses.copy(), run.v.copy()
    poses[hit:, 0], v[hit:] = column * 0.05 - RADIUS - 1e-4, 0.0
    late_map = replace(run, home=home(room()), truth=home(cells), poses=poses, v=v)
    blind = msgspec.structs.replace(ROBOT, lidar=msgspec.structs.replace(ROBOT.lidar, range_max=0.3))
    verdict = judge_contact(replace(late_map, robot=blind), ContactRecord(HIT, "wall", 1.0, True))
    assert DEAD < verdict.first_known < DEAD + way_to_stop(1.0) - 0.05
    assert not verdict.avoidable


@settings(max_examples=25)
@given(
    known=st.floats(HIT - 2.9, HIT - 0.1),
    sooner=st.floats(0.0, 2.0),
    v=st.floats(0.1, 1.0),
    narrow=st.booleans(),
    walk=st.floats(-1.5, 1.5),
    seed=st.integers(0, 99),
)
def test_sooner_data_never_takes_a_way_out(
    known: float, sooner: float, v: float, narrow: bool, walk: float, seed: int
) -> None:
    person = standing(v)
    person[:, 1 if not narrow else 0] += walk * (HIT - TIMES)
    cells = corridor() if narrow else room()
    clutter = np.random.default_rng(seed).integers((10, 30), (70, 140), (25, 2))
    clutter = clutter[abs(clutter[:, 0] - 40) > 6]
    cells[clutter[:, 0], clutter[:, 1]] = 1
    late = judge(make_run(person, v=v, known=known, cells=cells))
    early = judge(make_run(person, v=v, known=known - sooner, cells=cells))
    assert early.avoidable or not late.avoidable
    assert early.margin >= late.margin - FINE


@pytest.mark.parametrize("profile", ["round", "astro_like"])
@pytest.mark.parametrize("seed", range(4))
def test_the_margin_equals_that_of_a_search_without_bounds(profile: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    robot = RobotProfile.load(profile)
    cells = room()
    for row, column in rng.integers((25, 105), (55, 150), (12, 2)):
        cells[row : row + 2, column : column + 2] = 1
    person = standing()
    person += np.outer(TIMES - HIT, rng.uniform(-1.0, 1.0, 2))
    run = make_run(person, known=HIT - 0.5, cells=cells, robot=robot)
    strip = OccupancyMap(Grid(cells[28:54], 0.05, Pose(0.0, 1.4)))  # 1.3 m wide; what lies outside the map is solid
    run = replace(run, home=strip if seed % 2 else run.home, low=np.array([[5.8, 2.3, 0.06, 0.8]]))
    first, hit = round((HIT - 0.5) / DT), round(HIT / DT)
    starts = np.arange(first, hit - round(DEAD / DT)) + round(DEAD / DT)
    ways = roll(run, FAMILY, starts, hit)
    best = 0.0
    for way in range(len(ways.x)):
        margin = REACH
        for k in range(ways.x.shape[1]):
            pose = (float(ways.x[way, k]), float(ways.y[way, k]), float(ways.yaw[way, k]))
            margin = min(margin, gap_at(run, pose, int(ways.ticks[way, k])))
            if margin <= best:
                break
        best = max(best, margin)
    assert judge(run).margin == pytest.approx(best, abs=1.1 * FINE)
    assert judge(run).avoidable is bool(best > FINE)


def gap_at(run: Run, pose: tuple[float, float, float], tick: int) -> float:
    """Least gap from walls, people and low things, by the exact kernels alone."""
    shape, grid = run.robot.shape, run.true_home.grid
    outline = (shape.vertices, shape.radius, *pose)
    discs = [run.people[min(tick, len(run.times) - 1), 0, [0, 1, 5]], *run.low[:, :3]]
    gaps = [point_clearance(*outline, float(x), float(y))[0] - r for x, y, r in discs]
    frame = (grid.resolution, grid.origin.x, grid.origin.y)
    return min(*gaps, cell_clearance(*outline, np.ascontiguousarray(run.true_home.solid), *frame, REACH))


@pytest.mark.parametrize("manoeuvre", FAMILY, ids=lambda m: m.name)
def test_manoeuvres_move_as_the_simulated_base(manoeuvre) -> None:
    run = make_run(NOBODY, v=0.6)
    start, hit = round(4.2 / DT), round(HIT / DT)
    ways = roll(run, [manoeuvre], np.array([start]), hit)
    base = FirstOrder(ROBOT, PlantSettings(), Pose(*run.poses[start]))
    base.motion = base.motion._replace(base=Twist(0.6, 0.0), wheels=Twist(0.6, 0.0))
    limits = ROBOT.limits
    goal = Twist(manoeuvre.v * (limits.vx_max if manoeuvre.v > 0 else -limits.vx_min), manoeuvre.omega * limits.wz_max)
    for k in range(1, ways.x.shape[1]):
        base.accept(base.propose(DT, goal if start + k - 1 < hit else Twist(0.0, 0.0), 1.0))
        assert (ways.x[0, k], ways.y[0, k]) == pytest.approx((base.pose.x, base.pose.y), abs=2e-4)
        assert ways.yaw[0, k] == pytest.approx(base.pose.yaw, abs=1e-9)
    assert ways.ticks[0, -1] == hit + round(AFTER / DT)


def test_no_manoeuvre_exceeds_speeds_wheels_or_emergency_limits() -> None:
    run = make_run(NOBODY, v=1.0)
    ways = roll(run, FAMILY, np.array([round(4.0 / DT)]), round(HIT / DT))
    v = np.hypot(np.diff(ways.x), np.diff(ways.y)) / DT
    omega = np.diff(ways.yaw) / DT
    assert v.max() <= ROBOT.limits.vx_max + 1e-6
    assert np.abs(omega).max() <= ROBOT.limits.wz_max + 1e-6
    assert (v + np.abs(omega) * ROBOT.wheels.track_width / 2.0).max() <= ROBOT.wheels.speed_max + 1e-2
    assert np.abs(np.diff(omega)).max() / DT <= 1.05 * ROBOT.emergency.az_max  # of means over a tick, as the plant's
    assert np.abs(np.diff(v)).max() / DT <= -1.05 * ROBOT.emergency.ax_min
    assert v[:, -1].max() < 1e-3  # at rest at the end


def test_the_yaw_rate_takes_what_speed_the_wheels_have_left() -> None:
    """At 0.9 m/s and 0.8 rad/s wheels of 1 m/s are at their limit: speeding up takes the turn away."""
    robot = msgspec.structs.replace(ROBOT, wheels=msgspec.structs.replace(ROBOT.wheels, speed_max=1.0))
    run = make_run(NOBODY, v=0.9, robot=robot)
    ways = roll(replace(run, omega=run.omega + 0.8), FAMILY, np.array([round(4.0 / DT)]), round(HIT / DT))
    rim = np.hypot(np.diff(ways.x), np.diff(ways.y)) / DT + np.abs(np.diff(ways.yaw)) / DT * 0.125
    assert rim.max() <= 1.0 + 1e-6


def test_a_drive_of_the_simulator_tells_who_was_seen() -> None:
    run = drive_scenario(load_scenario("crossing"), "no_reflex", 0)
    contact = next(c for c in run.contacts if c.caused_by_robot)
    verdict = judge_contact(run, contact)
    assert verdict.avoidable
    assert verdict.first_known > 1.0
