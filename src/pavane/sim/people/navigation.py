"""The ground that people walk on: where a body fits, ways to a goal, and where a robot could still pass them.

Unknown cells stop the robot but not people: in a vacuum robot's scan they are specks of furniture legs and shadows, and
passages are barely wider than the robot, so somebody who could not lean over them could never get out of its way. A
person's centre keeps to free cells and to small unknown specks; only occupied cells stop the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse import csgraph

from pavane.core.arrays import Bools, Floats, Floats32, Ints
from pavane.maps import FREE, OCCUPIED, UNKNOWN, OccupancyMap
from pavane.sim.people.doors import Doorway
from pavane.sim.people.kernels.terrain import Terrain, farthest_in_sight, trace

SPECK = 1.0  # m^2 of connected unknown cells up to which they count as furniture, not as outdoors
COMFORT = 0.45  # m of clearance below which people pay for walking near a wall
WINDOW = 1.25  # m around a person within which it is asked whether a robot still gets past
ISLAND = 0.5  # m^2 of walkable ground below which a part of it is no place to be
STUB = 0.04  # m^2 of cut-off ground that no robot would miss


@dataclass(frozen=True, slots=True, eq=False)
class ShortestWays:
    """The shortest ways from every node to one goal.

    Args:
        length: (N,) float32 cost of the way in metres, inf where there is none.
        towards: (N,) next node on the way, negative at the goal and where there is none.
    """

    length: Floats32
    towards: Ints


class WalkableSpace:
    """What people of one radius need to know of a home.

    Args:
        home: the true home, axes not turned.
        radius: radius of the body, m.
    """

    def __init__(self, home: OccupancyMap, radius: float) -> None:
        grid = home.grid
        self.resolution = grid.resolution
        self.origin_x, self.origin_y = grid.origin.x, grid.origin.y
        self.walls: Bools = np.ascontiguousarray(grid.data == OCCUPIED)
        self.clearance = exact_clearance(self.walls, grid.resolution)
        self.floor: Bools = (grid.data == FREE) | _specks(home)
        self.walkable: Bools = _without_islands(self.floor & (self.clearance >= radius), grid.resolution)
        self.blocked: Bools = np.ascontiguousarray(~self.walkable)
        rows, columns = np.nonzero(self.walkable)
        self.nodes: Ints = np.stack([columns, rows], axis=1)  # (N, 2) as (column, row)
        self.places = np.array([self.origin_x, self.origin_y]) + (self.nodes + 0.5) * self.resolution  # (N, 2) in map
        self._number: Ints = np.full(grid.data.shape, -1, dtype=np.int64)
        self._number[rows, columns] = np.arange(len(rows))
        self._robot_clearance = exact_clearance(home.solid, grid.resolution)
        air = np.minimum(self.clearance - radius, exact_clearance(~self.floor, grid.resolution))
        slope = np.gradient(ndimage.gaussian_filter(air, 1.0))
        self.air: Floats32 = air.astype(np.float32)  # room around a body's centre, m; and its gradient
        self.slope_x: Floats32 = (slope[1] / self.resolution).astype(np.float32)
        self.slope_y: Floats32 = (slope[0] / self.resolution).astype(np.float32)
        if len(rows):
            nearest = ndimage.distance_transform_edt(self.blocked, return_distances=False, return_indices=True)
            self._nearest: Ints = self._number[nearest[0], nearest[1]]
            self.graph = self._edges()
            self.parts: Ints = csgraph.connected_components(self.graph, directed=False)[1].astype(np.int64)
        self._lets_pass: dict[tuple[int, float, float], bool] = {}
        self._radius = radius

    def node(self, x: float, y: float) -> int:
        """The walkable cell nearest to a point in ``map``."""
        row, column = self._cell(x, y)
        return int(self._nearest[row, column])

    def connects(self, x: float, y: float, to_x: float, to_y: float) -> bool:
        """Whether people can walk from near one point in ``map`` to near another."""
        return bool(self.parts[self.node(x, y)] == self.parts[self.node(to_x, to_y)])

    def ways_to(
        self, node: int, *, around: tuple[float, float, float] | None = None, limit: float = np.inf
    ) -> ShortestWays:
        """The ways to a node no longer than ``limit`` m, optionally none through a disc ``around`` (x, y, radius)."""
        graph = self.graph
        if around is not None:
            keep = np.hypot(self.places[:, 0] - around[0], self.places[:, 1] - around[1]) > around[2]
            keep[node] = True
            if np.isfinite(limit):  # the ways that are asked for are all near, and a small graph is cut out sooner
                keep &= np.hypot(*(self.places - self.places[node]).T) <= limit
            kept = np.flatnonzero(keep)
            length = np.full(len(keep), np.inf, dtype=np.float32)
            towards: Ints = np.full(len(keep), -1, dtype=np.int64)
            start = int(np.searchsorted(kept, node))
            part = _shortest(graph[kept][:, kept], start, limit)
            length[kept] = part.length
            towards[kept] = np.where(part.towards >= 0, kept[np.maximum(part.towards, 0)], -1)
            return ShortestWays(length, towards)
        return _shortest(graph, node, limit)

    def course(self, ways: ShortestWays, x: float, y: float, ahead: float) -> Ints:
        """The next nodes (K,) of the way from a point, about ``ahead`` metres of them, the nearest first."""
        return trace(ways.towards, self.node(x, y), int(ahead / self.resolution))

    def waypoint(self, course: Ints, x: float, y: float) -> tuple[float, float]:
        """The farthest place of a course to which a person at (x, y) can walk straight."""
        places = self.places[course]
        frame = (self.resolution, self.origin_x, self.origin_y)
        place_x, place_y = places[farthest_in_sight(self.blocked, *frame, x, y, places)].tolist()
        return place_x, place_y

    def lets_pass(self, node: int, robot_radius: float, air: float) -> bool:
        """Whether a robot still gets past somebody who stands on a node: they do not cut the ground it drives on.

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
        column, row = self.nodes[node]
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

    def _cell(self, x: float, y: float) -> tuple[int, int]:
        rows, columns = self.walls.shape
        column = min(max(int((x - self.origin_x) / self.resolution), 0), columns - 1)
        row = min(max(int((y - self.origin_y) / self.resolution), 0), rows - 1)
        return row, column

    def _edges(self) -> sparse.csr_array:
        """Eight neighbours each; a step costs its length, more where it is narrow or over unknown ground."""
        free_air = self.clearance[self.nodes[:, 1], self.nodes[:, 0]]
        price = 1.0 + 3.0 * np.maximum(0.0, (COMFORT - free_air) / COMFORT) ** 2
        starts, ends, costs = [], [], []
        rows, columns = self.walkable.shape
        for d_column, d_row in ((1, 0), (0, 1), (1, 1), (1, -1)):
            to_column, to_row = self.nodes[:, 0] + d_column, self.nodes[:, 1] + d_row
            inside = (to_column < columns) & (to_row >= 0) & (to_row < rows)
            start = np.flatnonzero(inside)
            end = self._number[to_row[start], to_column[start]]
            start, end = start[end >= 0], end[end >= 0]
            cost = self.resolution * np.hypot(d_column, d_row) * 0.5 * (price[start] + price[end])
            starts += [start, end]
            ends += [end, start]
            costs += [cost, cost]
        count = len(self.nodes)
        entries = (np.concatenate(costs), (np.concatenate(starts), np.concatenate(ends)))
        return sparse.csr_array(sparse.coo_array(entries, shape=(count, count)))


def shut(home: OccupancyMap, lines: Sequence[Doorway]) -> OccupancyMap:
    """The home with wall in some of its doorways."""
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
    """What the crowd's kernel needs of the grounds of one home, one layer for each."""
    first = grounds[0]
    air, slope_x, slope_y = (
        np.stack([getattr(ground, name) for ground in grounds]) for name in ("air", "slope_x", "slope_y")
    )
    return Terrain(
        first.walls, first.floor, air, slope_x, slope_y, first.resolution, first.origin_x, first.origin_y
    )  # fmt: skip


@lru_cache(maxsize=8)
def ground_of(home: OccupancyMap, radius: float) -> WalkableSpace:
    """The ground of a home for people of one radius, made once for all the worlds that share the home."""
    return WalkableSpace(home, radius)


def exact_clearance(solid: Bools, resolution: float) -> Floats:
    """Distance (rows, columns) of each cell's centre from the nearest solid square, m; 0 in it and at the border.

    The point of a square that is nearest to another cell's centre is always a corner or the middle of an edge, so a
    distance transform on the lattice of half cells is exact.
    """
    rows, columns = solid.shape
    lattice = np.ones((2 * rows + 1, 2 * columns + 1), dtype=bool)
    for d_row in range(3):
        for d_column in range(3):
            lattice[d_row : d_row + 2 * rows : 2, d_column : d_column + 2 * columns : 2] &= ~solid
    lattice[0, :] = lattice[-1, :] = lattice[:, 0] = lattice[:, -1] = False
    distance = ndimage.distance_transform_edt(lattice)
    return np.asarray(distance, dtype=np.float64)[1::2, 1::2] * (0.5 * resolution)


def _shortest(graph: sparse.csr_array, node: int, limit: float) -> ShortestWays:
    length, before = csgraph.dijkstra(graph, indices=np.array([node]), limit=limit, return_predecessors=True)
    return ShortestWays(length[0].astype(np.float32), before[0].astype(np.int64))


def _without_islands(walkable: Bools, resolution: float) -> Bools:
    labels, count = ndimage.label(walkable, np.ones((3, 3)))
    large = np.bincount(labels.ravel(), minlength=count + 1) * resolution**2 >= ISLAND
    large[0] = False
    return np.asarray(large[labels], dtype=np.bool_)


def _specks(home: OccupancyMap) -> Bools:
    labels, count = ndimage.label(home.grid.data == UNKNOWN, np.ones((3, 3)))
    size = np.bincount(labels.ravel(), minlength=count + 1) * home.grid.resolution**2
    outdoors = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    small = size <= SPECK
    small[outdoors] = False
    small[0] = False
    return np.asarray(small[labels], dtype=np.bool_)
