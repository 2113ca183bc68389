"""From what was sensed to what is believed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pavane import Forwarding, Pose
from pavane.core.entities import KINDS
from pavane.core.executor import LockStep
from pavane.core.messages import Detections, Localization, Message, Odometry, Scan, ScreenFeedback
from pavane.maps.clearance import clearance_grid
from pavane.navigator.base import Base
from pavane.navigator.senses import STALE, Senses, without_itself
from pavane.planning.reactive import blind_after
from pavane.prediction import LatencyMonitor
from test_navigator import HOME, ROBOT, START, under_way


def make(*messages: Message) -> Senses:
    senses = Senses(ROBOT, clearance_grid(HOME), None, KINDS, LockStep())
    for message in messages:
        senses.take(message)
    return senses


def scan(stamp: float, metres: float = np.inf) -> Scan:
    rays, view = ROBOT.lidar.rays, ROBOT.lidar.field_of_view
    ranges = np.full(rays, metres)
    return Scan(stamp, -0.5 * view, view / (rays - 1), ranges, ROBOT.lidar.range_max, ROBOT.lidar.mount)


HERE = (Odometry(1.0, Pose(0.0, 0.0), 0.5, 0.0), Localization(1.0, START))


def test_it_is_ready_when_it_is_known_where_the_robot_is() -> None:
    assert not make().is_ready(1.0) and not make().is_located
    assert not make(HERE[0]).is_ready(1.0) and not make(HERE[1]).is_ready(1.0)
    senses = make(*HERE)
    assert senses.is_ready(1.0 + 0.99 * STALE) and not senses.is_ready(1.0 + 1.01 * STALE)
    assert senses.is_located
    senses.reset()
    assert not senses.is_located


def test_it_is_sighted_while_scans_are_fresh() -> None:
    senses = make(*HERE)
    assert not senses.is_sighted(1.0)
    senses.take(scan(1.0))
    assert senses.is_sighted(1.1) and senses.is_ready(1.1)
    blind = 1.0 + blind_after(ROBOT)
    senses.take(replace(HERE[0], stamp=blind))
    assert senses.is_ready(blind) and not senses.is_sighted(blind)


def test_stamps_are_of_the_newest_of_each_kind_whatever_the_order() -> None:
    assert set(make().stamps.values()) == {-np.inf}
    senses = make(*HERE, scan(0.98), Detections(0.9, np.array([[2.0, 0.0]]), 0.05))
    stamps = {"odometry": 1.0, "localization": 1.0, "scan": 0.98, "detections": 0.9}
    assert senses.stamps == stamps
    for old in (replace(HERE[0], stamp=0.5), replace(HERE[1], stamp=0.5), scan(0.5)):
        senses.take(old)
    assert senses.stamps == stamps


def test_a_belief_is_brought_to_now_as_far_as_it_is_forwarded() -> None:
    senses, base = make(*HERE, ScreenFeedback(1.0, 0.3, 0.1)), Base(ROBOT)
    base.send(0.9, replace(base.state, v=0.5), 0.0, False, "")
    forwarded = senses.belief_at(1.2, base, Forwarding(), None)
    assert forwarded.stamp == 1.2 and forwarded.robot.pose.x == pytest.approx(0.1, abs=0.01)
    assert forwarded.screen.pan == 0.3 and forwarded.map_from_odom == START
    left = senses.belief_at(1.2, base, Forwarding(robot=False, people=False), None)
    assert left.robot.pose == Pose(0.0, 0.0)


def test_people_walk_on_and_are_forgotten() -> None:
    senses, base = make(*HERE), Base(ROBOT)
    for k in range(10):
        at = np.array([[2.0 + 0.1 * k, 0.0]])
        senses.take(Detections(1.0 + 0.1 * k, at, 0.05))
        senses.take(Odometry(1.05 + 0.1 * k, Pose(0.0, 0.0), 0.0, 0.0))
    now = senses.belief_at(1.9, base, Forwarding(), None)
    later = senses.belief_at(2.2, base, Forwarding(), None)
    assert later.tracks[0].position[0] > now.tracks[0].position[0] + 0.1
    assert senses.belief_at(2.2, base, Forwarding(people=False), None).tracks[0].position[0] == pytest.approx(
        now.tracks[0].position[0]
    )
    assert not senses.belief_at(30.0, base, Forwarding(), None).tracks


def test_scans_are_in_the_near_map_at_once_and_in_the_local_map_when_the_pipeline_has_worked_on_them() -> None:
    senses, latencies = make(*HERE), LatencyMonitor()
    senses.take(scan(1.0, 0.8))
    empty = make(*HERE)
    assert senses.near_map(1.02, 1.1).solid.sum() > empty.near_map(1.02, 1.1).solid.sum()
    senses.collect(1.0 + 0.5 * ROBOT.latency.perception, latencies)
    before = senses.local_map(START, 1.1)
    assert (before.clearance == empty.local_map(START, 1.1).clearance).all()
    senses.collect(1.0 + ROBOT.latency.perception + 0.01, latencies)
    assert (senses.local_map(START, 1.4).clearance < before.clearance).any()
    assert latencies.stages == ("perception",)


def test_what_is_seen_inside_the_outline_is_left_out_unless_it_is_all() -> None:
    sleeved = scan(1.0, 2.0)
    sleeved.ranges[:10] = 0.03
    kept = without_itself(sleeved, ROBOT.shape)
    assert np.isnan(kept.ranges[:10]).all() and (kept.ranges[10:] == 2.0).all()
    assert (sleeved.ranges[:10] == 0.03).all()
    broken = scan(1.0, 0.03)
    assert without_itself(broken, ROBOT.shape) is broken
    clear = scan(1.0, 2.0)
    assert without_itself(clear, ROBOT.shape) is clear


# -- and so the whole navigator ---------------------------------------------------------------------------------------


def test_what_the_lidar_sees_inside_the_robot_holds_it_no_more_than_a_fly() -> None:
    drive, calm = under_way(seconds=1.0), under_way(seconds=2.0)
    observe = drive.navigator.observe

    def sleeved(message: object) -> None:
        if isinstance(message, Scan):
            ranges = message.ranges.copy()
            ranges[: len(ranges) // 3] = 0.05
            message = replace(message, ranges=ranges)
        observe(message)  # type: ignore[arg-type]

    drive.navigator.observe = sleeved  # type: ignore[method-assign, assignment]
    drive.run(1.0)
    assert not any(command.reason for command in drive.commands[50:])
    assert np.abs(drive.v - calm.v).max() < 0.05
