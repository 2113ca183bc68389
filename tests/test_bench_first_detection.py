"""When a robot first knew of what it hit, against distances and angles worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from pavane.bench.metrics.first_detection import BESIDE, first_known
from pavane.core.geometry import Grid, Pose
from pavane.core.robot import RobotProfile
from pavane.drive_log import CommandSeries, ContactRecord, Run
from pavane.maps import OccupancyMap

DT, HIT = 0.02, 8.0
TIMES = DT * np.arange(round(9.0 / DT) + 1)
ROBOT = RobotProfile.load("round")  # lidar: 5 m, 180 degrees, 0.10 m ahead of the base
RADIUS, SCAN, MOUNT = 0.17, ROBOT.latency.scan, ROBOT.lidar.x


def room() -> np.ndarray:
    cells = np.zeros((80, 240), np.uint8)
    cells[[0, -1], :] = cells[:, [0, -1]] = 1
    return cells


def drive_along_x(truth: np.ndarray, mapped: np.ndarray | None = None, yaw: float = 0.0, low: tuple = ()) -> Run:
    """A robot that goes along y = 2 from x = 1 at 1 m/s, its heading turned by ``yaw``."""
    poses = np.column_stack([1.0 + TIMES, np.full_like(TIMES, 2.0), np.full_like(TIMES, yaw)])
    still = np.zeros_like(TIMES)
    return Run(
        OccupancyMap(Grid(room() if mapped is None else mapped, 0.05, Pose(0.0, 0.0))), ROBOT, TIMES, poses,
        still + 1.0, still, CommandSeries(still, still, np.zeros(len(TIMES), np.bool_), ("",) * len(TIMES)), still,
        np.zeros((len(TIMES), 0, 6)), truth=OccupancyMap(Grid(truth, 0.05, Pose(0.0, 0.0))),
        low=np.array(low, dtype=np.float64).reshape(-1, 4),
    )  # fmt: skip


def block(cells: np.ndarray, x: float, low: float, high: float) -> np.ndarray:
    """The same with a wall 0.1 m thick from x on, between two y."""
    out = cells.copy()
    out[round(low / 0.05) : round(high / 0.05), round(x / 0.05) : round(x / 0.05) + 2] = 1
    return out


WALL = ContactRecord(HIT, "wall", 1.0, True)
FACE = 1.0 + HIT + RADIUS + 0.03  # to the next whole cell


def test_a_wall_on_the_map_is_known_from_the_start() -> None:
    cells = block(room(), FACE, 1.5, 2.5)
    assert first_known(drive_along_x(cells, cells), WALL) == 0.0


def test_the_end_of_the_map_is_known_from_the_start() -> None:
    run = drive_along_x(np.zeros((80, 240), np.uint8), np.zeros((80, 240), np.uint8))
    run = replace(run, poses=run.poses + np.array([2.8, 0.0, 0.0]))  # its front is at 11.97 m of 12 when it touches
    assert first_known(run, WALL) == 0.0


def test_another_wall_is_known_when_it_comes_into_range() -> None:
    run = drive_along_x(block(room(), FACE, 1.5, 2.5))
    expected = FACE - ROBOT.lidar.range_max - BESIDE - MOUNT - 1.0 + SCAN
    assert first_known(run, WALL) == pytest.approx(expected, abs=2.0 * DT)


def test_what_stands_behind_another_wall_is_known_once_past_its_end() -> None:
    cells = block(room(), FACE, 1.5, 2.5)
    hidden = block(cells, 7.0, 0.5, 3.5)  # across the way: the lidar sees past it only from its far side
    run = drive_along_x(hidden)
    assert first_known(run, WALL) == pytest.approx(7.1 - MOUNT - 1.0 + SCAN, abs=2.0 * DT)


def test_what_the_lidar_does_not_look_at_is_not_known() -> None:
    cells = block(room(), FACE, 1.5, 2.5)
    assert first_known(drive_along_x(cells, yaw=math.pi), WALL) > HIT  # it drives backwards
    assert first_known(drive_along_x(cells, yaw=math.radians(89.0)), WALL) < HIT
    assert first_known(drive_along_x(cells, yaw=math.radians(110.0)), WALL) > HIT


def test_a_low_thing_is_known_once_its_edge_is_near_enough() -> None:
    toy = (1.0 + HIT + RADIUS + 0.08, 2.0, 0.08, 0.8)
    contact = ContactRecord(HIT, "object", 1.0, True, 0)
    expected = toy[0] - toy[2] - toy[3] - MOUNT - 1.0 + SCAN
    assert first_known(drive_along_x(room(), low=toy), contact) == pytest.approx(expected, abs=1.01 * DT)
    blind = msgspec.structs.replace(ROBOT, lidar=msgspec.structs.replace(ROBOT.lidar, range_max=0.3))
    late = first_known(replace(drive_along_x(room(), low=toy), robot=blind), contact)
    assert late == pytest.approx(expected + 0.5, abs=1.01 * DT)
    never = (*toy[:3], 0.05)  # nearer than the outline lets the lidar come
    assert first_known(drive_along_x(room(), low=never), contact) > HIT


def test_a_person_is_known_when_the_first_message_about_them_arrives() -> None:
    run = replace(drive_along_x(room()), sightings=np.array([[3.0, 2.7, 1.0], [5.0, 4.7, 0.0], [4.2, 4.0, 0.0]]))
    assert first_known(run, ContactRecord(HIT, "person", 1.0, True, 0)) == 4.2
    assert first_known(run, ContactRecord(HIT, "person", 1.0, True, 1)) == 3.0
    assert first_known(run, ContactRecord(HIT, "person", 1.0, True, 2)) == math.inf
