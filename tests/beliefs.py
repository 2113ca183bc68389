"""Beliefs, tracks and scans for the tests of the planner's rooms."""

from __future__ import annotations

import math

import numpy as np

from pavane.core.belief import Belief, RobotState, ScreenState, Track
from pavane.core.geometry import Gaussian, Grid, Pose
from pavane.core.messages import Scan
from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.numerics.raycast import cast_rays
from pavane.perception.local_map import EXPLAINED, local_map
from pavane.perception.scan_layer import ScanLayer
from pavane.planning.global_planner import RoutePlanner
from sim_scenes import RESOLUTION

HERE = Pose(0.0, 0.0)


def track(x: float, y: float, vx: float = 0.0, vy: float = 0.0, *, sensed: float = 0.0, identity: int = 1) -> Track:
    """A person tracked for long, in odom."""
    return Track(identity, Gaussian(np.array([x, y, vx, vy]), np.diag([0.003, 0.003, 0.01, 0.01])), 5.0, sensed)


def believe(
    home: OccupancyMap,
    robot: RobotProfile,
    at: Pose,
    goal: Pose | None = None,
    *,
    v: float = 0.0,
    omega: float = 0.0,
    people: tuple[Track, ...] = (),
    match_heading: bool = False,
    stamp: float = 0.0,
    map_from_odom: Pose = HERE,
) -> Belief:
    """What a robot believes that stands at ``at`` (odom) in a home it knows, with the way to a goal (map)."""
    static = clearance_grid(home)
    here = map_from_odom @ at
    window = local_map(static, ScanLayer(static, EXPLAINED), here, stamp)
    guidance = None
    if goal is not None:
        guidance = RoutePlanner(static, robot).plan(goal, here, match_heading=match_heading, tolerance=0.05)
        assert guidance is not None
    return Belief(stamp, RobotState(at, v, omega), ScreenState(), people, window, map_from_odom, guidance)


def look(
    home: OccupancyMap, at: Pose, stamp: float, *, rays: int = 360, reach: float = 8.0, noise: np.ndarray | float = 0.0
) -> Scan:
    """A scan all around from ``at`` (map)."""
    increment = 2 * math.pi / rays
    angles = -math.pi + increment * np.arange(rays)
    origin = home.grid.origin
    ranges = cast_rays(
        np.ascontiguousarray(home.solid), home.grid.resolution, origin.x, origin.y, at.x, at.y, at.yaw + angles, reach,
        np.zeros((0, 3)),
    )  # fmt: skip
    return Scan(stamp, -math.pi, increment, np.maximum(ranges + noise, 0.0), reach, Pose(0.0, 0.0))


def with_box(home: OccupancyMap, x: float, y: float, width: float, depth: float) -> OccupancyMap:
    """The home with a solid box whose lower left corner is (x, y), m."""
    data = home.grid.data.copy()
    step, origin = home.grid.resolution, home.grid.origin
    c0, r0 = round((x - origin.x) / step), round((y - origin.y) / step)
    data[r0 : r0 + round(depth / step), c0 : c0 + round(width / step)] = 1
    return OccupancyMap(Grid(data, step, origin))


def plain(solid: np.ndarray, resolution: float = RESOLUTION) -> OccupancyMap:
    """A home from rows of solid cells, its corner at (0, 0)."""
    return OccupancyMap(Grid(np.asarray(solid, np.uint8), resolution, Pose(0.0, 0.0)))
