"""Simple robots: each does what its line says, keeps the profile's limits, and lacks what it is said to lack."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pavane.baselines.reactive_baselines import BASELINES, TICK, make_baseline
from pavane.bench.metrics.drive_metrics import arrival
from pavane.bench.studies.scenarios import Trial, drive_scenario, run_trial
from pavane.core.errors import BadSetting
from pavane.core.geometry import Pose
from pavane.core.messages import Localization, Odometry, Scan
from pavane.core.plan import Status
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Follow, GoTo, Stop, Task
from pavane.drive import drive
from pavane.drive_log import Run
from pavane.maps import load_map
from pavane.maps.floor_plan import Disc
from pavane.sim import PersonSpec, World, WorldSettings
from pavane.sim.home import Add
from pavane.sim.scenario import load_scenario

ROBOT, FLAT = RobotProfile.load("round"), load_map("flat")


def errand(name: str, task: Task, *people: PersonSpec, seconds: float = 40.0, start: str = "dock", **settings) -> Run:
    world = World(FLAT, ROBOT, FLAT.place(start), people, seed=0, settings=WorldSettings(**settings))
    return drive(make_baseline(name, ROBOT, FLAT), world, [task], seconds=seconds)


@pytest.mark.parametrize("goal", ["kitchen", "bed", "sofa", "washer", "bath"])
def test_the_trivial_robot_reaches_its_goals(goal: str) -> None:
    run = errand("stop_and_go", GoTo(goal))
    assert run.goals[0].status is Status.REACHED
    assert arrival(run, run.goals[0]).reached
    assert not run.contacts


@pytest.mark.parametrize("name", BASELINES)
def test_limits_are_kept(name: str) -> None:
    run = errand(name, GoTo("dining"), seconds=8.0)
    limits, emergency = ROBOT.limits, ROBOT.emergency
    abrupt = BASELINES[name].abrupt
    brake, speed_up = -(emergency.ax_min if abrupt else limits.ax_min), limits.ax_max
    changes = np.diff(run.commands.v)
    assert run.commands.v.max() <= limits.vx_max
    assert np.abs(run.commands.omega).max() <= limits.wz_max + 1e-9
    assert changes.max() <= (brake if abrupt else speed_up) * TICK + 1e-9
    assert changes.min() >= -brake * TICK - 1e-9


def test_it_stops_for_somebody_and_goes_on_when_they_are_gone() -> None:
    person = PersonSpec(start=(5.0, 3.4), goals=((6.6, 5.2),), departs=9.0, kind="stubborn")
    run = errand("stop_and_go", GoTo("dining"), person)
    waited = (run.times > 6.5) & (run.times < 9.0)
    assert np.abs(run.v[waited]).max() < 0.05
    assert run.goals[0].status is Status.REACHED
    assert not run.contacts


def test_the_blind_ones_hit_what_they_do_not_see() -> None:
    box = Add(piece=Disc("box", (5.0, 3.55), 0.2))
    assert errand("no_reflex", GoTo("dining"), changes=(box,), seconds=10.0).contacts
    assert not errand("stop_and_go", GoTo("dining"), changes=(box,), seconds=10.0).contacts
    assert errand("straight", GoTo("kitchen"), seconds=15.0).contacts[0].kind == "wall"


def test_dead_reckoning_is_as_good_as_the_odometry() -> None:
    assert errand("dead_reckoning", GoTo("kitchen")).goals[0].status is Status.REACHED
    off = run_trial(Trial("drifting_odometry", "dead_reckoning", 0))
    assert {failure.by for failure in off.failures} == {"not_reached"}


def test_who_cannot_spin_arrives_turned_wrongly() -> None:
    run = errand("forward_only", GoTo("bath"))
    end = arrival(run, run.goals[0])
    assert end.error < 0.1 and not end.reached
    assert arrival(run, run.goals[0], match_heading=False).reached


def test_a_stop_circle_traps_its_robot() -> None:
    trapped, free = (drive_scenario(load_scenario("hemmed_in"), name, 0) for name in ("stop_circle", "stop_and_go"))
    assert trapped.distance < 0.05
    assert free.distance > 4.0


def test_hard_steering_cannot_live_with_a_slow_actuator() -> None:
    wobbly, calm = (run_trial(Trial("lag_unknown", name, 0)) for name in ("wobbly", "stop_and_go"))
    assert wobbly.failures and not calm.failures


def test_follow_keeps_a_distance_and_stop_stops() -> None:
    person = PersonSpec(start=(5.2, 3.4), goals=((5.7, 6.0),), speed=0.5, departs=3.0, kind="stubborn")
    run = errand("stop_and_go", Follow(), person, seconds=15.0, start="dock")
    gap = np.hypot(*(run.people[:, 0, :2] - run.poses[:, :2]).T)
    assert gap.min() > 0.8
    assert errand("stop_and_go", Stop()).goals[0].status is Status.STOPPED


def test_a_place_that_cannot_be_reached_is_said() -> None:
    shut = load_map("flat")
    cells = shut.grid.data
    cells[:, 75:85] = 1  # a wall through the home
    robot = make_baseline("stop_and_go", ROBOT, shut)
    robot.request(GoTo("sofa"))
    robot.observe(Odometry(0.0, Pose(0.0, 0.0), 0.0, 0.0))
    robot.observe(Localization(0.0, shut.place("bath")))
    robot.observe(Scan(0.0, 0.0, 0.1, np.array([np.inf, math.nan]), 5.0, Pose(0.0, 0.0)))
    robot.step(0.02)
    assert robot.status is Status.NO_ROUTE


def test_without_news_it_stops() -> None:
    robot = make_baseline("stop_and_go", ROBOT, FLAT)
    robot.request(GoTo("sofa"))
    assert robot.step(0.0).v == 0.0
    robot.observe(Odometry(0.0, Pose(0.0, 0.0), 0.0, 0.0))
    robot.observe(Localization(0.0, FLAT.place("dock")))
    assert all(robot.step(0.02 * k).omega == 0.0 for k in range(10))  # no scan yet


def test_an_unknown_baseline_is_refused() -> None:
    with pytest.raises(BadSetting, match="no such baseline; got teb; expected stop_and_go, straight"):
        make_baseline("teb", ROBOT, FLAT)
