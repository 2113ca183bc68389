"""way_length, draw_chain: how far poses of a home are from each other on foot, and random poses that can be reached."""

from __future__ import annotations

import math

import numpy as np

from pavane.core.arrays import Bools, Floats32, Ints
from pavane.core.errors import BadMap
from pavane.core.geometry import Grid, Pose
from pavane.maps.clearance import clearance_grid
from pavane.maps.occupancy import OccupancyMap
from pavane.numerics.fast_marching import cost_to_go

ROOM = 0.22  # m of clearance that a drawn pose has


def draw_chain(home: OccupancyMap, count: int, seed: int) -> list[Pose]:
    """Draw random poses that can all be reached from each other, with room around them.

    Raises:
        BadMap: the home is too narrow to stand anywhere.
    """
    rng = np.random.default_rng(seed)
    free, cells = standing_room(home)
    parts = [way_lengths(free, *(int(i) for i in cells[rng.integers(len(cells))])) for _ in range(8)]
    largest = np.argwhere(np.isfinite(max(parts, key=lambda part: int(np.isfinite(part).sum()))))
    chosen = largest[rng.integers(len(largest), size=count)]
    return [Pose(x, y, rng.uniform(-math.pi, math.pi)) for x, y in free.centres(chosen[:, ::-1])]


def way_length(home: OccupancyMap, radius: float, start: Pose, goal: Pose) -> float:
    """Return the length of the shortest way of a disc between two poses, m; inf where none leads.

    Args:
        home: the map.
        radius: of the disc, m.
        start: where the way begins, in ``map``.
        goal: where it ends.
    """
    free = _roomy(clearance_grid(home), radius)
    points = np.array([[start.x, start.y], [goal.x, goal.y]])
    if not free.inside(points).all():
        return math.inf
    (c, r), (column, row) = free.indices(points)
    return float(way_lengths(free, int(row), int(column))[r, c])


def standing_room(home: OccupancyMap) -> tuple[Grid[np.bool_], Ints]:
    """Return where there is room around the robot, and the (row, column) (N, 2) of those cells.

    Raises:
        BadMap: the home is too narrow to stand anywhere.
    """
    free = _roomy(clearance_grid(home), ROOM)
    cells = np.argwhere(free.data)
    if len(cells) < 2:
        raise BadMap("no room to drive in this home", value=home.name, limit=f"{ROOM} m of clearance somewhere")
    return free, cells


def way_lengths(free: Grid[np.bool_], row: int, column: int) -> Floats32:
    """Return the length of the way from each cell (rows, columns) to one of them, m; inf where none leads."""
    lengths: Floats32 = cost_to_go(free.data.astype(np.float32), row, column, free.resolution)
    return lengths


def _roomy(clearance: Grid[np.float32], radius: float) -> Grid[np.bool_]:
    """Return where there is at least so much clearance, m."""
    free: Bools = clearance.data >= radius
    return Grid(free, clearance.resolution, clearance.origin, clearance.frame)
