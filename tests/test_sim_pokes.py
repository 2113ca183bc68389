"""Interventions during a drive: people led by the hand, things put down, sensing made late."""

import numpy as np
import pytest

from pavane.core.errors import BadGoal, BadSetting
from pavane.core.geometry import Footprint, Pose
from pavane.core.messages import Detections, Scan
from pavane.maps.floor_plan import Rectangle
from pavane.sim import DetectorSettings, LidarSettings, PersonSpec, World, WorldSettings
from pavane.sim.home import Add, DoorSpec, Toy
from sim_scenes import ROBOT, hold, house, room

START = Pose(1.0, 2.0, 0.0)
WALKER = PersonSpec(start=(5.0, 3.5), goals=((5.0, 0.5),), speed=0.8, kind="stubborn")


def walked(world, until):
    states = [world.truth.people]
    while world.time < until - 1e-9:
        world.advance(world.time + 0.02)
        world.receive()
        states.append(world.truth.people)
    return np.array(states)  # (T, N, 6)


def test_somebody_who_is_led_moves_with_the_velocity_that_is_told_and_walks_on_when_let_go():
    world = World(room(), ROBOT, START, [WALKER, WALKER.__class__(start=(3.0, 3.5), goals=((3.0, 3.4),))], seed=0)
    walked(world, 0.5)
    world.lead(0, 2.5, 1.0)
    assert world.led.tolist() == [True, False]
    states = walked(world, 3.0)[:, 0]
    np.testing.assert_allclose(states[1:, 3:5], np.diff(states[:, :2], axis=0) / 0.02, atol=1e-9)
    assert np.hypot(*states[:, 3:5].T).max() == pytest.approx(4.0, abs=0.01)
    np.testing.assert_allclose(states[-1, :2], (2.5, 1.0), atol=0.01)
    turns = np.abs(np.remainder(np.diff(states[:, 2]) + np.pi, 2 * np.pi) - np.pi)
    assert turns.max() <= 4.0 * 0.02 + 1e-9
    world.let_go(0)
    assert not world.led.any()
    states = walked(world, 9.0)[:, 0]
    np.testing.assert_allclose(states[-1, :2], (5.0, 0.5), atol=0.3)
    assert np.hypot(*np.diff(states[:, :2], axis=0).T).max() < 1.0 * 0.02


def test_nobody_is_led_where_they_could_not_stand_or_not_walk_on():
    cells = room()
    cells.grid.data[:, 80] = 1  # a wall across: nobody gets to the other side
    world = World(cells, ROBOT, START, [PersonSpec(start=(2.5, 3.0), goals=((2.5, 1.0),))], seed=0)
    for place in ((3.98, 2.0), (5.0, 2.0), (50.0, 2.0)):
        with pytest.raises(BadGoal):
            world.lead(0, *place)
    assert not world.led.any()
    world.let_go(0)  # who is not led need not be let go


def test_somebody_who_is_led_into_the_robot_touches_it_and_is_to_blame():
    world = World(room(), ROBOT, START, [PersonSpec(start=(3.0, 2.0), goals=((3.0, 1.9),))], seed=0)
    world.lead(0, 1.0, 2.0)
    walked(world, 1.5)
    (contact,) = world.contacts
    assert contact.kind == "person" and not contact.caused_by_robot and contact.closing_speed > 0.5


def test_people_go_round_a_box_that_was_put_down():
    def world():
        return World(
            house(), ROBOT, Pose(2.0, 6.0), [PersonSpec(start=(5.0, 6.2), goals=((13.0, 6.2),), speed=1.0)], seed=0
        )

    free, boxed = world(), world()
    box = Add(piece=Rectangle("box", (8.0, 6.2), (0.6, 0.6)))
    walked(boxed, 0.5)
    version = boxed.home.version
    assert boxed.put_down(box) and boxed.home.version > version
    shape = Footprint.polygon(0.3 * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]))
    straight, round_ = walked(free, 14.0)[:, 0], walked(boxed, 14.0)[:, 0]

    def air(states):
        return (shape.signed_distance(states[:, :2] - (8.0, 6.2)) - states[:, 5]).min()

    assert air(straight) < -0.1 and air(round_) > -0.05  # cells are 5 cm
    np.testing.assert_allclose(round_[-1, :2], (13.0, 6.2), atol=0.3)


def test_nothing_is_put_down_on_anybody_or_off_the_map():
    world = World(room(), ROBOT, START, [WALKER], seed=0)
    version = world.home.version
    for change in (Toy(at=(5.0, 3.4)), Toy(at=(1.1, 2.0)), Add(piece=Rectangle("box", (1.0, 2.2), (0.4, 0.3)))):
        assert not world.put_down(change)
    with pytest.raises(BadSetting):
        world.put_down(Toy(at=(50.0, 2.0)))
    assert world.home.version == version
    assert world.put_down(Toy(at=(3.0, 1.0))) and world.home.low[:, :2].tolist() == [[3.0, 1.0]]
    hold(world, 0.0, 0.0, 0.2)
    assert world.home.version == version + 1


def test_room_for_a_thing_is_exact():
    home = World(room(), ROBOT, START, seed=0).home
    disc = Footprint.disc(0.1)
    assert home.clearance(disc, Pose(0.15, 2.0), 0.1) == pytest.approx(0.05, abs=1e-6)
    assert home.clearance(disc, Pose(0.02, 2.0), 0.1) < 0.0
    assert home.clearance(disc, Pose(3.0, 2.0), 0.1) == pytest.approx(0.1)


def test_what_a_door_is_asked_to_be_is_told():
    home = house()
    spec = DoorSpec(name="door", jambs=((3.5, 5.025), (4.4, 5.025)))
    world = World(home, ROBOT, Pose(2.0, 6.0), seed=0, settings=WorldSettings(doors=(spec,)))
    doors = world.home.doors
    assert doors.wanted(0) == doors.openness(0) == 1.0
    doors.request(0, False)
    assert doors.wanted(0) == 0.0 and doors.openness(0) == 1.0
    world.advance(1.5)
    assert doors.openness(0) == 0.0


def test_sensing_is_made_late_while_driving():
    at_once = WorldSettings(lidar=LidarSettings(latency=0.0), detector=DetectorSettings(latency=0.0))
    world = World(room(), ROBOT, START, [WALKER], seed=0, settings=at_once)
    for late in (0.0, 0.3, 0.1):
        world.delay_sensing("lidar", late)
        world.delay_sensing("detector", late)
        world.delay_sensing("no such sensor", late)
        until, ages = world.time + 1.0, []
        while world.time < until - 1e-9:
            world.advance(world.time + 0.005)
            ages += [world.time - m.stamp for m in world.receive() if isinstance(m, Scan | Detections)]
        np.testing.assert_allclose(ages[-10:], late, atol=0.006)
