"""Faults, by name and time: each fault does what it says, in its time and no longer."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from pavane.core.compute import Stall
from pavane.core.errors import BadGoal, BadSetting
from pavane.core.geometry import Pose
from pavane.core.messages import Detections, Localization, Message, Odometry, Scan
from pavane.core.plan import Command
from pavane.sim import World, WorldSettings
from pavane.sim.faults import (
    ClockStep,
    CommandLoss,
    DetectorFlood,
    Dropout,
    Fault,
    Kidnap,
    LatePlans,
    OdometryJump,
    PlannerStall,
    SensorFreeze,
    StaleStamps,
    WheelSlip,
    stalls,
)  # fmt: skip
from sim_scenes import ROBOT, room

START = Pose(2.0, 2.0, 0.0)


def world_with(*faults: Fault, **settings: Any) -> World:
    return World(room(), ROBOT, START, seed=3, settings=WorldSettings(faults=faults, **settings))


def listen(world: World, until: float, kind: type[Message], v: float = 0.0) -> list[tuple[float, Message]]:
    """Messages of a kind with the times they arrived at, while one speed is commanded."""
    heard = []
    while world.time < until - 1e-9:
        world.send(Command(world.clock, v, 0.0))
        world.advance(world.time + 0.01)
        heard += [(world.time, message) for message in world.receive() if isinstance(message, kind)]
    return heard


def test_a_frozen_lidar_repeats_its_content_with_new_stamps() -> None:
    scans = listen(world_with(SensorFreeze(at=1.0, sensor="lidar", seconds=1.0)), 3.0, Scan, v=0.4)
    assert np.diff([scan.stamp for _, scan in scans]) == pytest.approx(0.05)

    def same(first: float, last: float) -> int:
        inside = [scan.ranges for _, scan in scans if first <= scan.stamp < last]
        return sum(np.array_equal(a, b) for a, b in itertools.pairwise(inside))

    assert (same(0.0, 0.94), same(1.0, 1.99), same(2.0, 3.0)) == (0, 19, 0)


def test_stale_stamps_come_later_and_tell_the_truth_about_it() -> None:
    scans = listen(world_with(StaleStamps(at=1.0, sensor="lidar", seconds=1.0, by=0.3)), 3.0, Scan)
    late = [now - scan.stamp for now, scan in scans if 1.0 <= scan.stamp < 2.0]
    early = [now - scan.stamp for now, scan in scans if scan.stamp < 0.95]
    assert np.mean(late) - np.mean(early) == pytest.approx(0.3, abs=0.02)


def test_a_clock_that_steps_shifts_stamps_for_its_time() -> None:
    heard = listen(world_with(ClockStep(at=1.0, clock="odometry", by=-5.0, seconds=0.5)), 2.0, Odometry)
    off = {round(now - message.stamp) for now, message in heard if 1.1 < now < 1.5}
    assert off == {5}
    assert {round(now - message.stamp) for now, message in heard if now < 1.0 or now > 1.6} == {0}


def test_the_robots_clock_steps_and_commands_are_still_understood() -> None:
    world = world_with(ClockStep(at=1.0, clock="robot", by=3.0))
    listen(world, 2.0, Odometry, v=0.3)
    assert world.clock == pytest.approx(world.time + 3.0)
    assert world.truth.v == pytest.approx(0.3, abs=1e-3)


def test_dropouts_lose_their_share() -> None:
    heard = listen(world_with(Dropout(at=1.0, sensor="odometry", seconds=4.0, share=0.5)), 6.0, Odometry)
    during = sum(1.0 <= message.stamp < 5.0 for _, message in heard)
    assert abs(during - 200) < 2.576 * math.sqrt(400 * 0.25)  # 99 % binomial interval
    assert sum(message.stamp < 1.0 for _, message in heard) == 100
    silent = listen(world_with(Dropout(at=1.0, sensor="odometry", seconds=4.0)), 6.0, Odometry)
    assert not [message for _, message in silent if 1.0 <= message.stamp < 5.0]


def test_two_faults_at_once_add_up_and_end_one_by_one() -> None:
    faults = (
        Dropout(at=1.0, sensor="odometry", seconds=3.0, share=0.5),
        Dropout(at=2.0, sensor="odometry", seconds=1.0),
    )
    heard = [message.stamp for _, message in listen(world_with(*faults), 5.0, Odometry)]
    counts = [sum(first <= stamp < first + 1.0 for stamp in heard) for first in (0.0, 1.0, 2.0, 3.0, 4.0)]
    assert (counts[0], counts[2], counts[4]) == (100, 0, 100)
    assert all(25 < counts[k] < 75 for k in (1, 3))


def test_a_flooded_detector_sees_people_everywhere() -> None:
    heard = listen(world_with(DetectorFlood(at=1.0, seconds=1.0, count=25)), 3.0, Detections)
    assert {len(message.positions) for _, message in heard if 1.0 <= message.stamp < 2.0} == {25}
    assert {len(message.positions) for _, message in heard if not 1.0 <= message.stamp < 2.0} == {0}


def test_an_odometry_jump_moves_odometry_and_localization_makes_up_for_it() -> None:
    world = world_with(OdometryJump(at=1.0, x=0.4, yaw_deg=20.0))
    heard: list[Message] = []
    while world.time < 2.0:
        world.advance(world.time + 0.01)
        heard += world.receive()
    poses = [m.pose for m in heard if isinstance(m, Odometry)]
    assert poses[-1].x - poses[0].x == pytest.approx(0.4)
    assert poses[-1].yaw == pytest.approx(math.radians(20.0))
    places = [m.map_from_odom for m in heard if isinstance(m, Localization)]
    believed = places[-1] @ poses[-1]
    assert (believed.x, believed.y, believed.yaw) == pytest.approx((START.x, START.y, START.yaw), abs=1e-9)
    assert world.truth.pose == START


def test_slipping_wheels_turn_and_the_base_moves_less() -> None:
    def way(*faults: Fault) -> tuple[float, float]:
        world = world_with(*faults)
        last = listen(world, 3.0, Odometry, v=0.4)[-1][1]
        assert isinstance(last, Odometry)
        return world.truth.pose.x - START.x, last.pose.x

    plain, counted = way()
    slipped, still_counted = way(WheelSlip(at=1.0, seconds=1.0, grip=0.25))
    assert plain - slipped == pytest.approx(0.75 * 0.4 * 1.0, abs=0.01)
    assert still_counted == pytest.approx(counted, abs=1e-6)


def test_a_robot_that_is_carried_is_elsewhere_and_its_odometry_does_not_notice() -> None:
    world = world_with(Kidnap(at=1.0, to=(4.0, 3.0, 90.0)))
    last = listen(world, 2.0, Odometry)[-1][1]
    assert isinstance(last, Odometry)
    assert (last.pose.x, last.pose.y) == pytest.approx((0.0, 0.0))
    assert world.truth.pose.array() == pytest.approx([4.0, 3.0, math.pi / 2])
    with pytest.raises(BadGoal, match="does not fit where it is carried"):
        world_with(Kidnap(at=1.0, to=(-4.0, 3.0, 0.0)))


def test_lost_commands_leave_the_base_with_the_last() -> None:
    world = world_with(CommandLoss(at=1.0, seconds=1.0))
    listen(world, 1.0, Odometry, v=0.3)
    listen(world, 1.95, Odometry, v=0.0)
    assert world.truth.v == pytest.approx(0.3, abs=1e-3)
    listen(world, 3.0, Odometry, v=0.0)
    assert world.truth.v == pytest.approx(0.0, abs=1e-3)


def test_faults_of_computing_become_stalls_of_the_planner() -> None:
    faults: list[Fault] = [PlannerStall(at=1.0, seconds=2.0), LatePlans(at=5.0, seconds=1.0, by=0.3)]
    assert stalls([*faults, CommandLoss(at=0.0, seconds=1.0)]) == (
        Stall("planning", 1.0, 3.0, hold=True),
        Stall("planning", 5.0, 6.0, delay=0.3),
    )


def test_a_fault_of_a_sensor_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadSetting, match="the robot has no screen_detector; expected odometry, "):
        world_with(SensorFreeze(at=1.0, sensor="screen_detector", seconds=1.0))


def test_faults_shift_no_noise_of_what_comes_after() -> None:
    """Paired studies: the same seed with and without a fault differs in the fault alone."""
    plain = listen(world_with(), 3.0, Scan)
    faulty = listen(world_with(Dropout(at=1.0, sensor="lidar", seconds=1.0)), 3.0, Scan)
    by_stamp = {scan.stamp: scan for _, scan in plain if isinstance(scan, Scan)}
    assert 20 < len(faulty) < len(plain)
    for _, scan in faulty:
        assert isinstance(scan, Scan)
        np.testing.assert_array_equal(scan.ranges, by_stamp[scan.stamp].ranges)
