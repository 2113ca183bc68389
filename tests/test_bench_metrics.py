"""Figures of a drive, on drives whose figures are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pavane.bench.metrics import arrival, measure, person_gaps, rms_jerk, sparc
from pavane.geometry import Grid, Pose
from pavane.maps import OccupancyMap
from pavane.plan import Status
from pavane.robot import RobotProfile
from pavane.run import Contact, GoalRecord, Run

DT = 0.02
THERE = Pose(3.0, 1.0)


def straight_run(*, end: Pose = THERE, speed_at_end: float = 0.0, reasons: tuple[str, ...] = ()) -> Run:
    """A drive along x from (1, 1) in an empty room of 4 x 2 m, past a person who stands at (2, 1.6)."""
    ticks = 101
    cells = np.zeros((40, 80), np.uint8)
    times = DT * np.arange(ticks)
    poses = np.linspace((1.0, 1.0, end.yaw), (end.x, end.y, end.yaw), ticks)
    v = np.sin(np.pi * times / times[-1])
    v[-1] = speed_at_end
    people = np.tile([2.0, 1.6, 0.0, 0.0, 0.0, 0.2], (ticks, 1, 1))
    people[:10] = np.nan  # not there yet
    emergency = np.zeros(ticks, np.bool_)
    emergency[50] = True
    said = list(reasons) + [""] * (ticks - len(reasons))
    said[50] = "an obstacle"
    return Run(
        OccupancyMap(Grid(cells, 0.05, Pose(0.0, 0.0))), RobotProfile.load("round"), times, poses, v, np.zeros(ticks),
        v, np.zeros(ticks), emergency, tuple(said), np.zeros(ticks), people,
        goals=(GoalRecord(0.0, "there", Pose(3.0, 1.0), Status.REACHED, float(times[-1])),),
        contacts=(Contact(1.0, "wall", 0.5, True), Contact(1.2, "person", 0.0, False)),
    )  # fmt: skip


def test_a_known_drive() -> None:
    run = straight_run(reasons=("not ready", "not ready"))
    metrics = measure(run)
    assert metrics.seconds == pytest.approx(2.0)
    assert metrics.distance == pytest.approx(2.0)
    assert metrics.mean_speed == pytest.approx(1.0)
    assert metrics.person_distance == pytest.approx(0.6 - 0.17 - 0.2)
    assert metrics.wall_clearance == pytest.approx(0.5)
    assert (metrics.contacts, metrics.contacts_by_robot) == (2, 1)
    assert (metrics.guard_ticks, metrics.emergency_ticks) == (1, 1)


@pytest.mark.parametrize(
    ("end", "speed", "reached"),
    [
        (Pose(3.0, 1.0), 0.0, True),
        (Pose(3.09, 1.0), 0.0, True),
        (Pose(3.11, 1.0), 0.0, False),
        (Pose(3.0, 1.0, math.radians(9.0)), 0.0, True),
        (Pose(3.0, 1.0, math.radians(-11.0)), 0.0, False),
        (Pose(3.0, 1.0), 0.05, False),
    ],
)
def test_reached_is_at_rest_near_and_turned(end: Pose, speed: float, reached: bool) -> None:
    run = straight_run(end=end, speed_at_end=speed)
    judged = arrival(run, run.goals[0])
    assert judged.reached is reached
    assert judged.error == pytest.approx(end.x - 3.0)
    assert judged.turn_error == pytest.approx(abs(end.yaw))


def test_gaps_are_those_of_the_outline() -> None:
    gaps = person_gaps(straight_run())
    assert gaps.shape == (101, 1)
    assert np.isinf(gaps[:10]).all()
    assert gaps[100, 0] == pytest.approx(math.hypot(1.0, 0.6) - 0.37)


def test_jerk_of_a_cosine() -> None:
    times = np.linspace(0.0, 2.0 * np.pi, 5000)
    jerk = rms_jerk(times, -np.cos(2.0 * times))  # its second derivative is 4 cos 2t
    assert jerk == pytest.approx(4.0 / math.sqrt(2.0), rel=0.02)
    assert rms_jerk(times[:2], times[:2]) == 0.0


def test_sparc_prefers_one_smooth_motion() -> None:
    times = DT * np.arange(300)
    smooth = np.sin(np.pi * times / times[-1]) ** 2
    halting = smooth * (1.0 + 0.5 * np.sin(12.0 * times))
    assert sparc(times, halting) < sparc(times, smooth) < -1.0
    assert sparc(times, 3.0 * smooth) == pytest.approx(sparc(times, smooth))
    assert sparc(times, np.zeros(300)) == 0.0
