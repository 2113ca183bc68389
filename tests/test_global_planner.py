"""Global planning: ways through doors and around walls, goals that cannot be stood on, cost-to-go downhill."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from beliefs import plain
from pavane.core.errors import BadGoal
from pavane.core.geometry import Pose
from pavane.core.plan import Guidance
from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.planning.global_planner import RoutePlanner
from sim_scenes import RESOLUTION, house, room

ROBOT = RobotProfile.load("round")


def planner(home: OccupancyMap, robot: RobotProfile = ROBOT) -> RoutePlanner:
    return RoutePlanner(clearance_grid(home), robot)


def route(home: OccupancyMap, goal: Pose, start: Pose, robot: RobotProfile = ROBOT) -> Guidance | None:
    return planner(home, robot).plan(goal, start, match_heading=True, tolerance=0.1)


def split(door: float, *, size: float = 4.0) -> OccupancyMap:
    """A room with a wall across its middle at x = 2, 10 cm thick, and a door of ``door`` metres around y = 2."""
    n = round(size / RESOLUTION)
    solid = np.zeros((n, n), np.uint8)
    solid[[0, -1], :] = solid[:, [0, -1]] = 1
    solid[:, 40:42] = 1
    half = round(door / RESOLUTION / 2)
    solid[40 - half : 40 - half + round(door / RESOLUTION), 40:42] = 0
    return plain(solid)


def test_straight_ahead_costs_its_length() -> None:
    start, goal = Pose(1.0, 2.0), Pose(5.0, 2.0, 1.0)
    guidance = route(room(), goal, start)
    assert guidance is not None
    assert guidance.goal == goal and guidance.match_heading and guidance.tolerance == 0.1
    assert guidance.cost_to_go.sample(np.array([[1.0, 2.0]]))[0] == pytest.approx(4.0, rel=0.02)
    assert np.abs(guidance.path[:, 1] - 2.0).max() < 0.06
    assert np.hypot(*(guidance.path[0] - (1.0, 2.0))) < 0.06 and np.hypot(*(guidance.path[-1] - (5.0, 2.0))) < 0.06


def test_a_diagonal_has_no_zigzag() -> None:
    guidance = route(room(), Pose(5.0, 3.4), Pose(1.0, 0.7))
    assert guidance is not None
    straight = math.hypot(4.0, 2.7)
    length = np.hypot(*np.diff(guidance.path, axis=0).T).sum()
    assert straight * 0.98 < length < straight * 1.05


def test_around_a_wall() -> None:
    solid = split(0.0).grid.data.copy()
    solid[60:76, 40:42] = 0  # open above y = 3
    guidance = route(plain(solid), Pose(3.0, 1.0), Pose(1.0, 1.0))
    assert guidance is not None
    assert guidance.path[:, 1].max() > 3.0
    assert guidance.cost_to_go.sample(np.array([[1.0, 1.0]]))[0] > 2 * math.hypot(1.0, 2.0)
    at = clearance_grid(plain(solid)).sample(guidance.path)
    assert at.min() > ROBOT.shape.inscribed_radius - 0.01


def test_a_robot_of_45_cm_goes_through_a_door_of_70() -> None:
    wide = replace(ROBOT, robot_radius=0.225)
    assert route(split(0.70), Pose(3.0, 2.0), Pose(1.0, 1.0), wide) is not None
    assert route(split(0.40), Pose(3.0, 2.0), Pose(1.0, 1.0), wide) is None


def test_no_way_is_none() -> None:
    assert route(split(0.0), Pose(3.0, 2.0), Pose(1.0, 2.0)) is None


def test_a_start_in_a_tight_place_finds_out() -> None:
    home = room()
    for start in (Pose(0.08, 2.0), Pose(0.1, 0.1), Pose(5.95, 3.95)):  # nearer to the wall than the robot is wide
        guidance = route(home, Pose(3.0, 2.0), start)
        assert guidance is not None and len(guidance.path) > 10
        assert np.hypot(*(guidance.path[-1] - (3.0, 2.0))) < 0.06


@pytest.mark.parametrize(
    "start", [Pose(-0.2, 2.0), Pose(-0.6, 2.0), Pose(6.3, 2.0), Pose(3.0, -1.0), Pose(3.0, 4.2), Pose(40.0, -9.0)]
)
def test_a_start_outside_the_map_has_no_way(start: Pose) -> None:
    assert route(room(), Pose(3.0, 2.0), start) is None


BAD = [
    (Pose(math.nan, 1.0), "not finite", "numbers"),
    (Pose(1.0, math.inf), "not finite", "numbers"),
    (Pose(9.0, 1.0), "outside the map", "x -0.05..6.05"),
    (Pose(1.0, -3.0), "outside the map", "y -0.05..4.05"),
    (Pose(0.05, 2.0), "too close", "0.1"),
    (Pose(-0.02, 2.0), "too close", "0.1"),
]


@pytest.mark.parametrize(("goal", "what", "limit"), BAD)
def test_goals_that_cannot_be_stood_on_say_why(goal: Pose, what: str, limit: str) -> None:
    with pytest.raises(BadGoal) as caught:
        planner(room()).check("goal", goal)
    assert what in str(caught.value) and limit in str(caught.value.limit)
    assert caught.value.what.startswith("goal") and caught.value.value is not None


def test_a_good_goal_passes() -> None:
    planner(room()).check("goal", Pose(3.0, 2.0))


HOUSE = planner(house())
DOWNHILL = HOUSE.plan(Pose(2.0, 2.0), Pose(13.0, 10.0), match_heading=False, tolerance=0.1)


@given(st.floats(0.5, 14.5), st.floats(0.5, 11.5))
def test_paths_go_downhill_all_the_way_to_the_goal(x: float, y: float) -> None:
    assert DOWNHILL is not None
    if HOUSE.clearance.sample(np.array([[x, y]]))[0] < HOUSE.radius:
        return
    guidance = HOUSE.plan(Pose(2.0, 2.0), Pose(x, y), match_heading=False, tolerance=0.1)
    assert guidance is not None
    costs = guidance.cost_to_go.data
    assert (costs[np.isfinite(costs)] >= 0.0).all()
    column, row = guidance.cost_to_go.indices(guidance.path).T
    assert (np.diff(costs[row, column]) < 0.0).all()
    assert np.hypot(*(guidance.path[-1] - (2.0, 2.0))) < 0.06


def test_the_cost_to_go_never_lies_below_the_straight_line() -> None:
    assert DOWNHILL is not None
    field = DOWNHILL.cost_to_go
    rows, columns = np.nonzero(np.isfinite(field.data))
    places = field.centres(np.stack([columns, rows], axis=1))
    straight = np.hypot(*(places - (2.0, 2.0)).T)
    assert (field.data[rows, columns] > 0.97 * straight - 0.05).all()
