"""The study of the last half metre: what is asked, what counts as there, and that it is reached."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from pavane.bench.runner.report import write_report
from pavane.bench.studies.goals import KINDS, ROBOTS, NearGoal, NearGoalResult, draw, drive_goal, list_jobs, report
from pavane.core.robot import RobotProfile
from pavane.maps.clearance import clearance_grid


def test_a_thousand_goals_nearby_and_two_hundred_in_corridors() -> None:
    counts = Counter(job.kind for job in list_jobs(False, 0))
    assert counts == KINDS and counts["corridor"] == 200 and sum(counts.values()) == 1200
    assert len(list_jobs(True, 0)) == 59


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("robot", ROBOTS)
def test_poses_are_near_each_other_and_free(kind: str, robot: str) -> None:
    profile = RobotProfile.load(robot)
    for seed in range(6):
        home, start, goal = draw(NearGoal(kind, robot, seed), profile)
        assert start.distance(goal) <= 1.1
        assert (start, goal) == draw(NearGoal(kind, robot, seed), profile)[1:]
        clearance = clearance_grid(home)
        for pose in (start, goal):
            edge = pose.transform(profile.shape.vertices + 0.0)
            assert (clearance.sample(edge, outside=-1.0) > profile.shape.radius).all()
    if kind == "sideways":
        assert start.inverse().transform(np.array([[goal.x, goal.y]]))[0, 0] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_one_of_each_kind_is_reached(kind: str) -> None:
    result = drive_goal(NearGoal(kind, "astro_like", 1))
    assert result.within and result.changes <= 2 and result.contacts == 0


def test_the_report_tells_what_failed(tmp_path: Path) -> None:
    good = NearGoalResult(NearGoal("behind", "round", 0), True, 0.01, 0.01, 4.0, 1, 0)
    off = NearGoalResult(NearGoal("behind", "round", 2), True, 0.01, math.radians(6.0), 5.0, 3, 0)
    stalled = NearGoalResult(NearGoal("wall", "round", 4), False, 0.01, 0.01, 25.0, 0, 1)
    summary, rows = report([good, off, stalled])
    assert summary["within_share"] == pytest.approx(1 / 3, abs=1e-3)
    assert summary["stalls"] == 1 and summary["direction_changes_max"] == 3 and summary["contacts"] == 1
    assert [row["goals"] for row in rows] == [2, 1]
    write_report(tmp_path / "goals.json", summary, rows)
