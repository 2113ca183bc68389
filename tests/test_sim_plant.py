"""The plant: dead time, lag, limits, contacts with walls."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pavane.errors import BadGoal, BadMessage
from pavane.geometry import Pose
from pavane.plan import Command
from pavane.robot import RobotProfile
from pavane.sim import World, WorldSettings
from sim_scenes import ROBOT, hold, room

MIDDLE = Pose(3.0, 2.0, 0.4)


def test_dead_time_then_first_order_lag():
    world = World(room(), ROBOT, MIDDLE, seed=0, settings=WorldSettings(actuation=0.083, actuation_lag=0.05))
    world.send(Command(0.0, 0.08, 0.3))
    world.advance(0.08)
    assert world.truth.v == 0.0 and world.truth.pose == MIDDLE
    world.advance(0.083 + 0.10)
    assert world.truth.v == pytest.approx(0.08 * (1 - math.exp(-2.0)), rel=1e-9)
    assert world.truth.omega == pytest.approx(0.3 * (1 - math.exp(-2.0)), rel=1e-9)


def test_commands_keep_their_stamps_whenever_they_are_handed_in():
    one, two = (World(room(), ROBOT, MIDDLE, seed=0) for _ in range(2))
    commands = [Command(0.02 * k, 0.1 * math.sin(k), 0.2) for k in range(20)]
    for command in reversed(commands):
        one.send(command)
    one.advance(1.0)
    for command in commands:
        two.advance(command.stamp)
        two.send(command)
    two.advance(1.0)
    assert one.truth.pose.distance(two.truth.pose) < 1e-12


def test_distance_driven_is_the_integral_of_the_speed():
    world = World(room(), ROBOT, Pose(1.0, 2.0, 0.0), seed=0)
    hold(world, 0.1, 0.0, 4.0)
    latency = ROBOT.latency
    assert world.truth.pose.x - 1.0 == pytest.approx(0.1 * (4.0 - latency.actuation_delay), abs=1e-9)


def test_gains_and_wheel_limit():
    world = World(room(), ROBOT, MIDDLE, seed=0, settings=WorldSettings(speed_gain=0.9, turn_gain=1.1))
    hold(world, 0.2, 0.4, 1.5)
    assert world.truth.v == pytest.approx(0.18, rel=1e-6) and world.truth.omega == pytest.approx(0.44, rel=1e-6)
    spinning = World(room(), ROBOT, MIDDLE, seed=0)
    hold(spinning, 0.0, 50.0, 4.0)
    assert spinning.truth.omega * ROBOT.wheels.track_width / 2 == pytest.approx(ROBOT.wheels.speed_max, rel=1e-6)


def test_no_command_stops_the_robot_faster_than_its_emergency_brake():
    world = World(room(), ROBOT, Pose(1.0, 2.0, 0.0), seed=0)
    hold(world, 1.0, 0.0, 2.0)
    world.send(Command(world.time, 0.0, 0.0))
    speeds = []
    for _ in range(100):
        world.advance(world.time + 0.005)
        speeds.append(world.truth.v)
    assert np.diff(speeds).min() / 0.005 >= ROBOT.emergency.ax_min - 1e-9


def test_the_screen_keeps_its_limits_and_arrives():
    world = World(room(), ROBOT, MIDDLE, seed=0)
    screen = ROBOT.screen
    assert screen is not None
    world.send(Command(0.0, 0.0, 0.0, pan=9.0))
    pans = []
    for _ in range(800):
        world.advance(world.time + 0.005)
        pans.append(world.truth.pan)
    rates = np.diff(pans) / 0.005
    assert pans[-1] == pytest.approx(screen.pan_limit, abs=1e-3)
    assert np.abs(rates).max() <= screen.rate_max * 1.001
    assert max(pans) <= screen.pan_limit + 1e-9


def test_commands_that_are_not_finite_are_refused():
    with pytest.raises(BadMessage):
        World(room(), ROBOT, MIDDLE, seed=0).send(Command(0.0, math.nan, 0.0))


def test_a_start_in_the_wall_is_refused():
    with pytest.raises(BadGoal):
        World(room(), ROBOT, Pose(0.1, 2.0), seed=0)


def test_the_wall_stops_the_robot_once_and_lets_it_go_again():
    world = World(room(), ROBOT, Pose(1.0, 2.0, math.pi), seed=0)
    hold(world, 1.0, 0.0, 4.0)
    assert [c.kind for c in world.contacts] == ["wall"]
    contact = world.contacts[0]
    assert contact.robot_speed > 0.9 and contact.caused_by_robot and contact.index == -1
    assert 0.17 <= world.truth.pose.x < 0.175
    hold(world, -0.3, 0.0, world.time + 2.0)
    assert world.truth.pose.x > 0.5
    hold(world, 0.3, 0.0, world.time + 4.0)
    assert len(world.contacts) == 2


@settings(max_examples=25, deadline=None)
@given(x=st.floats(0.4, 5.6), y=st.floats(0.4, 3.6), yaw=st.floats(-3.1, 3.1), omega=st.floats(-1.0, 1.0))
def test_no_robot_ends_in_a_wall(x, y, yaw, omega):
    home = room()
    home.grid.data[40:43, 40:43] = 1  # a thin leg of a table
    for robot in (ROBOT, RobotProfile.load("astro_like")):
        try:
            world = World(home, robot, Pose(x, y, yaw), seed=0)
        except BadGoal:
            continue
        hold(world, 1.0, omega, 6.0)
        pose = world.truth.pose
        corners = np.argwhere(home.solid)[:, ::-1] * 0.05 - 0.05
        grid = np.stack(np.meshgrid([0.0, 0.025, 0.05], [0.0, 0.025, 0.05]), axis=-1).reshape(-1, 2)
        points = (corners[:, None] + grid).reshape(-1, 2)
        assert robot.shape.signed_distance(pose.inverse().transform(points)).min() >= -1e-9


def test_thin_walls_cannot_be_tunnelled_at_top_speed():
    home = room()
    home.grid.data[:, 60] = 1
    fast = msgspec.structs.replace(ROBOT, wheels=msgspec.structs.replace(ROBOT.wheels, speed_max=5.0))
    world = World(home, fast, Pose(1.0, 2.0, 0.0), seed=0)
    hold(world, 5.0, 0.0, 5.0)
    assert world.truth.pose.x < 2.95 - 0.17 + 1e-9
