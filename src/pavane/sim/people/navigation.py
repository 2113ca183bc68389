"""The ground that people walk on: the cells where a body fits, and those where a robot could still pass them.

Unknown cells stop the robot but not people: in a vacuum robot's scan they are specks of furniture legs and shadows, and
passages are barely wider than the robot, so somebody who could not lean over them could never get out of its way. A
person's centre keeps to free cells and to small unknown specks; only occupied cells stop the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from pavane.core.arrays import Bools, Floats, Floats32, Ints
from pavane.maps import FREE, OCCUPIED, UNKNOWN, OccupancyMap
from pavane.numerics.raycast import in_sight
from pavane.sim.people.doors import Doorway
from pavane.sim.people.kernels.terrain import Terrain, farthest_in_sight
from pavane.sim.people.walk_graph import ShortestWays, WalkGraph

SPECK = 1.0  # m^2 of connected unknown cells up to which they count as furniture, not as outdoors
WINDOW = 1.25  # m around a person within which it is asked whether a robot still gets past
ISLAND = 0.5  # m^2 of walkable ground below which a part of it is no place to be
STUB = 0.04  # m^2 of cut-off ground that no robot would miss


class AirField(NamedTuple):
    """The room around a body's centre.

    Args:
        air: (rows, columns) the room, m, float32.
        slope_x: (rows, columns) its gradient, smoothed, float32.
        slope_y: likewise.
    """

    air: Floats32
    slope_x: Floats32
    slope_y: Floats32


class WalkableSpace:
    """The ground of a home for people of one radius.

    Args:
        home: the true home, axes not turned.
        radius: radius of the body, m.

    Attributes:
        frame: resolution m, and x, y of the outer corner of cell (0, 0) in ``map``, m.
        walls: (rows, columns) True where a cell stops a body.
        floor: (rows, columns) True where a body's centre can be.
        clearance: (rows, columns) distance of each cell's centre from walls, m.
        blocked: (rows, columns) True where a body of this radius cannot be.
        graph: the cells where it can be, and ways over them.
        air_field: the room around a body of this radius.
    """

    def __init__(self, home: OccupancyMap, radius: float) -> None:
        grid = home.grid
        self.frame = (grid.resolution, grid.origin.x, grid.origin.y)
        self.walls: Bools = np.ascontiguousarray(grid.data == OCCUPIED)
        self.floor: Bools = (grid.data == FREE) | _specks(home)
        self.clearance = exact_clearance(self.walls, grid.resolution)
        walkable = _without_islands(self.floor & (self.clearance >= radius), grid.resolution)
        self.blocked: Bools = np.ascontiguousarray(~walkable)
        self.graph = WalkGraph(walkable, self.clearance, self.frame)
        self.air_field = _air_field(self.clearance, self.floor, radius, grid.resolution)
        self._robot_clearance = exact_clearance(home.solid, grid.resolution)
        self._lets_pass: dict[tuple[int, float, float], bool] = {}
        self._radius = radius

    @property
    def resolution(self) -> float:
        """Edge of a cell, m."""
        return self.frame[0]

    def waypoint(self, course: Ints, x: float, y: float) -> tuple[float, float]:
        """Return the farthest place of a course to which a person at (x, y) can walk straight, in ``map``, m."""
        places = self.graph.places[course]
        place_x, place_y = places[farthest_in_sight(self.blocked, *self.frame, x, y, places)].tolist()
        return place_x, place_y

    def is_straight(self, x: float, y: float, to: tuple[float, float]) -> bool:
        """Return whether a person at (x, y) in ``map`` can walk straight to a place."""
        return bool(in_sight(self.blocked, *self.frame, x, y, *to))

    def lets_pass(self, node: int, robot_radius: float, air: float) -> bool:
        """Return whether a robot still gets past somebody on a node: they do not cut the ground it drives on.

        Args:
            node: where the person stands.
            robot_radius: room the robot needs from walls, m.
            air: room it needs besides from the person, m.
        """
        key = (node, robot_radius, air)
        if key not in self._lets_pass:
            self._lets_pass[key] = not self._cuts(node, robot_radius, air)
        return self._lets_pass[key]

    def _cuts(self, node: int, robot_radius: float, air: float) -> bool:
        """Return whether a person on a node cuts the ground that a robot drives on; arguments as in ``lets_pass``."""
        column, row = self.graph.nodes[node]
        half = int(WINDOW / self.resolution)
        low_row, low_column = max(row - half, 0), max(column - half, 0)
        window = self._robot_clearance[low_row : row + half + 1, low_column : column + half + 1]
        drivable = window >= robot_radius
        away = np.hypot(
            np.arange(window.shape[0])[:, None] - (row - low_row),
            np.arange(window.shape[1])[None, :] - (column - low_column),
        )
        left = drivable & (away * self.resolution >= self._radius + robot_radius + air)
        before, _ = ndimage.label(drivable, np.ones((3, 3)))
        after, count = ndimage.label(left, np.ones((3, 3)))
        sizes = np.bincount(after.ravel(), minlength=count + 1) * self.resolution**2
        _, first = np.unique(after, return_index=True)
        parents = [before.flat[i] for i in first if after.flat[i] > 0 and sizes[after.flat[i]] > STUB]
        return len(parents) != len(set(parents))  # two pieces that were one


class KnownWays:
    """The ground of people of one radius, and the ways to goals on it that one of them has asked for before.

    Args:
        ground: where they walk.
    """

    def __init__(self, ground: WalkableSpace) -> None:
        self.ground = ground
        self._known: dict[int, ShortestWays] = {}

    def to(self, node: int) -> ShortestWays:
        """Return the ways to a node."""
        if node not in self._known:
            self._known[node] = self.ground.graph.ways_to(node)
        return self._known[node]


def shut(home: OccupancyMap, lines: Sequence[Doorway]) -> OccupancyMap:
    """Return the home with wall in some of its doorways."""
    grid = home.grid
    cells = grid.data.copy()
    for line in lines:
        along = np.linspace(-line.half, line.half, 2 + int(4.0 * line.half / grid.resolution))
        points = np.column_stack([line.x + along * np.cos(line.along), line.y + along * np.sin(line.along)])
        columns, rows = grid.indices(points).T
        inside = (columns >= 0) & (rows >= 0) & (columns < cells.shape[1]) & (rows < cells.shape[0])
        cells[rows[inside], columns[inside]] = OCCUPIED
    return replace(home, grid=replace(grid, data=cells))


def terrain_of(grounds: Sequence[WalkableSpace]) -> Terrain:
    """Return what the crowd's kernel needs of the grounds of one home, one layer for each."""
    first = grounds[0]
    air, slope_x, slope_y = (
        np.stack([getattr(ground.air_field, name) for ground in grounds]) for name in AirField._fields
    )
    return Terrain(first.walls, first.floor, air, slope_x, slope_y, *first.frame)


@lru_cache(maxsize=8)
def ground_of(home: OccupancyMap, radius: float) -> WalkableSpace:
    """Return the ground of a home for people of one radius, made once for all the worlds that share the home."""
    return WalkableSpace(home, radius)


def exact_clearance(solid: Bools, resolution: float) -> Floats:
    """Return the distance (rows, columns) of each cell's centre from the nearest solid square, m.

    It is 0 in a solid square and at the map's border. The point of a square that is nearest to another cell's centre is
    always a corner or the middle of an edge, so a distance transform on the lattice of half cells is exact.
    """
    rows, columns = solid.shape
    lattice = np.ones((2 * rows + 1, 2 * columns + 1), dtype=bool)
    for d_row in range(3):
        for d_column in range(3):
            lattice[d_row : d_row + 2 * rows : 2, d_column : d_column + 2 * columns : 2] &= ~solid
    lattice[0, :] = lattice[-1, :] = lattice[:, 0] = lattice[:, -1] = False
    distance = ndimage.distance_transform_edt(lattice)
    return np.asarray(distance, dtype=np.float64)[1::2, 1::2] * (0.5 * resolution)


def _air_field(clearance: Floats, floor: Bools, radius: float, resolution: float) -> AirField:
    """Return the room around a body.

    Args:
        clearance: (rows, columns) from walls, m.
        floor: (rows, columns) True where the body's centre can be.
        radius: of the body, m.
        resolution: edge of a cell, m.
    """
    air = np.minimum(clearance - radius, exact_clearance(~floor, resolution))
    slope = np.gradient(ndimage.gaussian_filter(air, 1.0))
    slope_y, slope_x = ((along / resolution).astype(np.float32) for along in slope)
    return AirField(air.astype(np.float32), slope_x, slope_y)


def _without_islands(walkable: Bools, resolution: float) -> Bools:
    """Return the walkable cells (rows, columns) but for parts that are too small to be a place."""
    labels, count = ndimage.label(walkable, np.ones((3, 3)))
    large = np.bincount(labels.ravel(), minlength=count + 1) * resolution**2 >= ISLAND
    large[0] = False
    return np.asarray(large[labels], dtype=np.bool_)


def _specks(home: OccupancyMap) -> Bools:
    """Return where unknown cells (rows, columns) are furniture: parts that are small and not at the map's border."""
    labels, count = ndimage.label(home.grid.data == UNKNOWN, np.ones((3, 3)))
    size = np.bincount(labels.ravel(), minlength=count + 1) * home.grid.resolution**2
    outdoors = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    small = size <= SPECK
    small[outdoors] = False
    small[0] = False
    return np.asarray(small[labels], dtype=np.bool_)
