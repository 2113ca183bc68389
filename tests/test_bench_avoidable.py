"""Contacts that could have been avoided, on drives whose verdict can be worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pavane.bench.avoidable import FAMILY, LOOK_BACK, judge_contact
from pavane.geometry import Grid, Pose
from pavane.maps import OccupancyMap
from pavane.robot import RobotProfile
from pavane.run import Contact, Run

DT, SECONDS, HIT = 0.02, 8.0, 5.0  # s; the touch is at HIT
ROBOT = RobotProfile.load("round")  # radius 0.17 m, brakes at 2.5 m/s^2 in an emergency
RADIUS, DELAY = 0.17, ROBOT.latency.actuation_delay


def make_run(
    person: np.ndarray, *, v: float = 1.0, known: float | None, cells: np.ndarray | None = None, start: float = 1.0
) -> Run:
    """A robot that goes along y = 2 from x = ``start`` at a constant speed, and one person's track (T, 2)."""
    times = DT * np.arange(round(SECONDS / DT) + 1)
    grid = np.zeros((80, 400), np.uint8) if cells is None else cells
    grid[[0, -1], :] = grid[:, [0, -1]] = 1
    people = np.zeros((len(times), 1, 6))
    people[:, 0, :2], people[:, 0, 5] = person, 0.2
    poses = np.column_stack([start + v * times, np.full_like(times, 2.0), np.zeros_like(times)])
    still = np.zeros_like(times)
    return Run(
        OccupancyMap(Grid(grid, 0.05, Pose(0.0, 0.0))), ROBOT, times, poses, still + v, still, still, still,
        np.zeros(len(times), np.bool_), ("",) * len(times), still, people,
        contacts=(Contact(HIT, "person", v, True, 0, v),),
        sightings=np.zeros((0, 3)) if known is None else np.array([[known, known - 0.3, 0.0]]),
    )  # fmt: skip


def standing(v: float = 1.0, start: float = 1.0) -> np.ndarray:
    """Somebody who stands where the robot's front is at ``HIT``."""
    times = DT * np.arange(round(SECONDS / DT) + 1)
    return np.tile([start + v * HIT + RADIUS + 0.2, 2.0], (len(times), 1))


def judge(run: Run):
    return judge_contact(run, run.contacts[0])


def test_who_was_seen_long_before_could_be_avoided() -> None:
    verdict = judge(make_run(standing(), known=2.0))
    assert verdict.avoidable
    assert verdict.first_known == pytest.approx(3.0)
    assert verdict.by in {manoeuvre.name for manoeuvre in FAMILY}
    assert 0.0 < verdict.margin <= 0.5
    assert verdict.why == f"{verdict.by}, begun {verdict.began:.1f} s before"


def test_who_was_never_sensed_could_not() -> None:
    verdict = judge(make_run(standing(), known=None))
    assert (verdict.avoidable, verdict.why) == (False, "never sensed")
    assert verdict.first_known == -math.inf


def test_data_that_comes_within_the_dead_time_is_too_late() -> None:
    verdict = judge(make_run(standing(), known=HIT - 0.5 * DELAY))
    assert (verdict.avoidable, verdict.why) == (False, "sensed too late for any control to take effect")


def walled() -> np.ndarray:
    """A corridor as wide as the robot needs to go straight, so that only braking helps."""
    cells = np.ones((80, 400), np.uint8)
    cells[36:44, 1:-1] = 0  # 0.4 m about y = 2
    return cells


@pytest.mark.parametrize("v", [0.6, 1.0])
def test_latency_decides_at_the_braking_distance(v: float) -> None:
    """In a corridor, the last moment is the dead time and the time to brake: d = v t - v^2 / 2a, t = v / 2a before."""
    last = DELAY + v / (2.0 * 2.5)
    person = standing(v)
    early = judge(make_run(person, v=v, known=HIT - last - 0.12, cells=walled()))
    late = judge(make_run(person, v=v, known=HIT - last + 0.06, cells=walled()))
    assert early.avoidable
    assert early.by.startswith(("brake", "back off"))
    assert not late.avoidable
    assert late.why == "no manoeuvre avoids it"


def test_who_steps_out_close_in_front_cannot_be_avoided() -> None:
    times = DT * np.arange(round(SECONDS / DT) + 1)
    side = np.where(times < HIT - 0.3, 2.6, 2.6 - 2.0 * (times - (HIT - 0.3)))
    person = np.column_stack([np.full_like(times, 1.0 + HIT + 0.25), np.maximum(side, 2.0)])
    assert not judge(make_run(person, known=HIT - 0.25)).avoidable
    assert judge(make_run(person, known=HIT - 2.0)).avoidable


def runner(into: float) -> np.ndarray:
    """Somebody who runs along y = 2 towards the robot, which stands at x = 4, and stops where they meet it."""
    times = DT * np.arange(round(SECONDS / DT) + 1)
    x = np.maximum(4.0 + RADIUS + 0.2 + 1.5 * (HIT - times), 4.0 + RADIUS + 0.2 - into)
    return np.column_stack([x, np.full_like(times, 2.0)])


def test_a_runner_is_avoided_in_the_open_and_not_in_a_dead_end() -> None:
    open_run = make_run(runner(0.3), v=0.0, known=3.0, start=4.0)
    assert judge(open_run).avoidable
    cells = walled()
    cells[:, :77] = 1  # a wall right behind the robot
    assert not judge(make_run(runner(0.3), v=0.0, known=3.0, cells=cells, start=4.05)).avoidable


@settings(max_examples=15)
@given(known=st.floats(0.5, HIT - 0.2), sooner=st.floats(0.0, 2.0), v=st.floats(0.2, 1.0))
def test_sooner_data_never_takes_a_way_out(known: float, sooner: float, v: float) -> None:
    late = judge(make_run(standing(v), v=v, known=known, cells=walled()))
    early = judge(make_run(standing(v), v=v, known=known - sooner, cells=walled()))
    assert early.avoidable or not late.avoidable or early.first_known > LOOK_BACK


def test_a_wall_on_the_map_is_always_known_and_another_when_it_is_seen() -> None:
    run = make_run(np.full((401, 2), np.nan), known=None)
    hit = (Contact(HIT, "wall", 1.0, True),)
    cells = run.home.grid.data.copy()
    column = int((1.0 + HIT + RADIUS) / 0.05) + 1
    cells[30:50, column : column + 2] = 1
    truth = OccupancyMap(Grid(cells, 0.05, Pose(0.0, 0.0)))
    mapped = replace(run, home=truth, contacts=hit)
    verdict = judge_contact(mapped, hit[0])
    assert verdict.avoidable and verdict.first_known == math.inf
    unmapped = replace(run, truth=truth, contacts=hit)
    verdict = judge_contact(unmapped, hit[0])
    reach = ROBOT.lidar.range_max - ROBOT.lidar.x
    assert verdict.avoidable
    assert verdict.first_known == pytest.approx(min(reach + RADIUS - ROBOT.latency.scan, HIT), abs=0.3)


def test_a_low_thing_is_known_when_the_lidar_makes_it_out() -> None:
    run = make_run(np.full((401, 2), np.nan), known=None)
    place = [1.0 + HIT + RADIUS + 0.08, 2.0, 0.08]
    hit = (Contact(HIT, "thing", 1.0, True, 0),)
    near = replace(run, low=np.array([[*place, 0.8]]), contacts=hit)
    blind = replace(run, low=np.array([[*place, 0.1]]), contacts=hit)
    verdict = judge_contact(near, hit[0])
    assert verdict.avoidable
    assert verdict.first_known == pytest.approx(0.8 - RADIUS - ROBOT.latency.scan + ROBOT.lidar.x, abs=0.1)
    assert judge_contact(blind, hit[0]).why == "never sensed"


def test_a_drive_of_the_simulator_tells_who_was_seen() -> None:
    from pavane.bench.scenarios import drive_scenario
    from pavane.sim.scenario import load_scenario

    run = drive_scenario(load_scenario("crossing"), "no_reflex", 0)
    contact = next(c for c in run.contacts if c.caused_by_robot)
    verdict = judge_contact(run, contact)
    assert verdict.avoidable
    assert verdict.first_known > 1.0
