"""The world as a whole: it repeats to the bit, and judges contacts with people."""

import math
from dataclasses import asdict

import numpy as np
import pytest

from pavane.core.geometry import Pose
from pavane.core.messages import Detections, Scan
from pavane.core.plan import Command
from pavane.sim import PersonSpec, World, crowd
from sim_scenes import ROBOT, house, room

START = Pose(2.0, 6.0, 0.0)


def fingerprint(seed, people_seed, step=0.05):
    home = house()
    world = World(home, ROBOT, START, crowd(home, 4, people_seed, avoid=START), seed=seed)
    bits = []
    for k in range(round(12.0 / step)):
        world.send(Command(world.time, 0.4, 0.3 * math.sin(0.02 * step / 0.05 * k)))
        world.advance((k + 1) * step)
        for message in world.receive():
            if isinstance(message, Scan):
                bits.append(message.ranges.tobytes())
            elif isinstance(message, Detections):
                bits.append(message.positions.tobytes())
            else:
                bits.append(repr(asdict(message)).encode())
        bits += [world.truth.people.tobytes(), repr(world.truth.pose).encode()]
    return b"".join(bits), world


def test_the_same_seed_repeats_to_the_bit():
    assert fingerprint(1, 2)[0] == fingerprint(1, 2)[0]


def test_other_seeds_give_other_worlds():
    first = fingerprint(1, 2)[0]
    assert fingerprint(2, 2)[0] != first
    assert fingerprint(1, 3)[0] != first


def test_asking_more_often_changes_nothing_about_people():
    fine, coarse = (World(room(), ROBOT, Pose(3, 2), [PersonSpec(start=(1, 1))], seed=4) for _ in range(2))
    for k in range(1, 1001):
        fine.advance(0.0073 * k)
    coarse.advance(7.3)
    np.testing.assert_array_equal(fine.truth.people, coarse.truth.people)


def test_time_does_not_run_back():
    world = World(room(), ROBOT, Pose(3, 2), seed=4)
    world.advance(1.0)
    world.advance(0.5)
    assert world.time == 1.0


@pytest.mark.parametrize(("speed", "caused"), [(0.6, True), (0.0, False)])
def test_who_ran_into_whom(speed, caused):
    """A stubborn person walks at the robot: a robot that stands is not to blame."""
    person = PersonSpec(start=(5.0, 2.0), goals=((0.5, 2.0),), kind="stubborn", speed=0.7)
    world = World(room(), ROBOT, Pose(1.5, 2.0, 0.0), [person], seed=0)
    world.send(Command(0.0, speed, 0.0))
    world.advance(8.0)
    contacts = [c for c in world.contacts if c.kind == "person"]
    assert len(contacts) == 1
    assert contacts[0].caused_by_robot is caused
    assert contacts[0].index == 0
    assert contacts[0].robot_speed == pytest.approx(speed, abs=0.01)
    assert contacts[0].closing_speed == pytest.approx(speed + 0.7, abs=0.15)


def test_a_robot_that_backs_away_is_not_to_blame():
    person = PersonSpec(start=(5.0, 2.0), goals=((0.5, 2.0),), kind="stubborn", speed=1.0)
    world = World(room(), ROBOT, Pose(3.0, 2.0, 0.0), [person], seed=0)
    world.send(Command(0.0, -0.2, 0.0))
    world.advance(5.0)
    assert [c.caused_by_robot for c in world.contacts if c.kind == "person"] == [False]
