"""The base in MuJoCo against the first-order base: the same robot, to within what physics adds."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from pavane.core.errors import BadSetting
from pavane.core.geometry import Pose
from pavane.core.plan import Command
from pavane.core.robot import RobotProfile
from pavane.sim import PlantSettings, World, WorldSettings
from pavane.sim.plant import Plant
from sim_scenes import ROBOT, hold, room

pytest.importorskip("mujoco", reason="needs the extra mujoco")
pytestmark = pytest.mark.second_opinion


def plant_of(robot: RobotProfile = ROBOT, **settings: object) -> Plant:
    made = PlantSettings(**{"engine": "mujoco", **settings})  # type: ignore[arg-type]
    return Plant(robot, made, Pose(1.0, 1.0, 0.5), np.random.default_rng(0))


def drive(plant: Plant, v: float, omega: float, seconds: float = 3.0, grip: float = 1.0) -> Plant:
    plant.send(Command(0.0, v, omega))
    for k in range(round(seconds / 0.005)):
        plant.obey(0.005 * k)
        plant.accept(plant.propose(0.005, grip), 0.005)
    return plant


@pytest.mark.parametrize("name", ["round", "astro_like", "turtlebot4", "turtlebot3_burger", "jackal"])
@pytest.mark.parametrize(("v", "omega"), [(0.4, 0.0), (-0.2, 0.0), (0.3, 0.6), (0.0, 1.2)])
def test_it_drives_as_the_first_order_base_does(name: str, v: float, omega: float) -> None:
    robot = RobotProfile.load(name)
    ours, theirs = drive(plant_of(robot, engine="first_order"), v, omega), drive(plant_of(robot), v, omega)
    assert theirs.v == pytest.approx(ours.v, rel=0.01, abs=0.005)
    assert theirs.omega == pytest.approx(ours.omega, rel=0.03, abs=0.005)
    assert theirs.wheels.v == pytest.approx(ours.wheels.v, rel=0.01, abs=0.005)
    if omega == 0.0:
        assert theirs.pose.distance(Pose(1.0, 1.0)) == pytest.approx(ours.pose.distance(Pose(1.0, 1.0)), rel=0.01)
        assert theirs.pose.yaw == pytest.approx(0.5, abs=0.01)


def test_it_repeats_to_the_bit() -> None:
    one, two = (drive(plant_of(), 0.4, 0.7) for _ in range(2))
    assert one.pose == two.pose and one.odom == two.odom


def test_it_brakes_as_hard_as_the_emergency_limits_and_not_harder() -> None:
    plant = drive(plant_of(), 0.8, 0.0)
    start, odom, speeds = plant.pose, plant.odom, [plant.v]
    plant.send(Command(0.0, 0.0, 0.0))
    for k in range(120):
        plant.obey(3.0 + 0.005 * k)
        plant.accept(plant.propose(0.005), 0.005)
        speeds.append(plant.v)
        assert plant.v == pytest.approx(plant.wheels.v, abs=0.01)  # tyres with grip hardly slip
    limit = -ROBOT.emergency.ax_min
    assert 0.95 * limit < -min(np.diff(speeds)) / 0.005 < 1.02 * limit
    assert min(speeds) > -0.005
    way = plant.pose.distance(start)
    assert way == pytest.approx(0.8**2 / (2.0 * limit), rel=0.05)
    assert plant.odom.distance(odom) == pytest.approx(way, rel=0.02)


def test_what_is_stopped_has_not_moved() -> None:
    plant = drive(plant_of(), 0.4, 0.5)
    before = plant.pose
    plant.propose(0.005)
    plant.stop()
    assert plant.pose == before and plant.v == plant.omega == 0.0
    drive(plant, 0.4, 0.0, seconds=1.0)
    assert plant.v == pytest.approx(0.4, rel=0.01)


def test_wheels_of_unequal_size_bend_the_way() -> None:
    bent = drive(plant_of(left_scale=1.0, right_scale=1.1), 0.4, 0.0, seconds=2.0)
    curvature = 2.0 * 0.1 / (ROBOT.wheels.track_width * 2.1)
    assert bent.omega / bent.v == pytest.approx(curvature, rel=0.05)
    assert bent.odom.yaw == pytest.approx(0.0, abs=0.01)


def test_without_grip_wheels_spin_and_encoders_count_too_much() -> None:
    iced = drive(plant_of(), 0.8, 0.0, seconds=1.0, grip=0.02)
    way = iced.pose.distance(Pose(1.0, 1.0))
    assert iced.odom.x > 3.0 * way > 0.0


def test_a_wall_stops_it_and_lets_it_go_again() -> None:
    settings = WorldSettings(plant=PlantSettings(engine="mujoco"))
    world = World(room(), ROBOT, Pose(1.0, 2.0, math.pi), seed=0, settings=settings)
    hold(world, 0.8, 0.0, 3.0)
    assert [contact.kind for contact in world.contacts] == ["wall"]
    assert 0.17 <= world.truth.pose.x < 0.18
    hold(world, -0.3, 0.0, world.time + 2.0)
    assert world.truth.pose.x > 0.5


def test_it_can_be_carried() -> None:
    plant = drive(plant_of(), 0.4, 0.0)
    odom = plant.odom
    plant.carry_to(Pose(4.0, 2.0, -2.0))
    assert plant.pose.array() == pytest.approx([4.0, 2.0, -2.0])
    assert plant.odom == odom and plant.v == 0.0


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mujoco", None)
    with pytest.raises(
        BadSetting, match=r"MuJoCo is not installed; got engine: mujoco. pip install 'pavane\[mujoco\]'"
    ):
        plant_of()
