"""WalkGraph: the cells of a home that people can walk on, and the shortest ways between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse import csgraph

from pavane.core.arrays import Bools, Floats, Floats32, Ints
from pavane.sim.people.kernels.terrain import trace

COMFORT = 0.45  # m of clearance below which people pay for walking near a wall


@dataclass(frozen=True, slots=True, eq=False)
class ShortestWays:
    """The shortest ways from every node to one goal.

    Args:
        length: (N,) float32 cost of the way in metres, inf where there is none.
        towards: (N,) next node on the way, negative at the goal and where there is none.
    """

    length: Floats32
    towards: Ints


class WalkGraph:
    """Walkable cells, each joined with its eight neighbours.

    Args:
        walkable: (rows, columns) the cells; where none is, only ``nodes`` and ``places`` can be asked for.
        clearance: (rows, columns) distance of their centres from walls, m.
        frame: resolution m, and x, y of the outer corner of cell (0, 0) in ``map``, m.

    Attributes:
        frame: as given.
        nodes: (N, 2) column and row of each.
        places: (N, 2) its centre in ``map``, m.
        parts: (N,) number of the connected part of the home that it belongs to.
    """

    def __init__(self, walkable: Bools, clearance: Floats, frame: tuple[float, float, float]) -> None:
        self.frame = frame
        rows, columns = np.nonzero(walkable)
        self.nodes: Ints = np.stack([columns, rows], axis=1)
        self.places = np.array(frame[1:]) + (self.nodes + 0.5) * frame[0]
        if len(rows):
            numbers: Ints = np.full(walkable.shape, -1, dtype=np.int64)
            numbers[rows, columns] = np.arange(len(rows))
            nearest = ndimage.distance_transform_edt(~walkable, return_distances=False, return_indices=True)
            self._nearest: Ints = numbers[nearest[0], nearest[1]]
            self._edges = _edges(self.nodes, numbers, clearance[rows, columns], frame[0])
            self.parts: Ints = csgraph.connected_components(self._edges, directed=False)[1].astype(np.int64)

    def node(self, x: float, y: float) -> int:
        """Return the walkable cell nearest to a point in ``map``."""
        resolution, origin_x, origin_y = self.frame
        rows, columns = self._nearest.shape
        column = min(max(int((x - origin_x) / resolution), 0), columns - 1)
        row = min(max(int((y - origin_y) / resolution), 0), rows - 1)
        return int(self._nearest[row, column])

    def place(self, node: int) -> tuple[float, float]:
        """Return the centre of a node in ``map``, m."""
        x, y = self.places[node].tolist()
        return x, y

    def connects(self, one: tuple[float, float], other: tuple[float, float]) -> bool:
        """Return whether people can walk from near one point in ``map`` to near another."""
        return bool(self.parts[self.node(*one)] == self.parts[self.node(*other)])

    def ways_to(
        self, node: int, *, around: tuple[float, float, float] | None = None, limit: float = np.inf
    ) -> ShortestWays:
        """Return the ways to a node no longer than ``limit`` m, none through the disc ``around`` (x, y, radius)."""
        if around is None:
            return _shortest(self._edges, node, limit)
        keep = np.hypot(self.places[:, 0] - around[0], self.places[:, 1] - around[1]) > around[2]
        keep[node] = True
        if np.isfinite(limit):  # the ways that are asked for are all near, and a small graph is cut out sooner
            keep &= np.hypot(*(self.places - self.places[node]).T) <= limit
        kept = np.flatnonzero(keep)
        length = np.full(len(keep), np.inf, dtype=np.float32)
        towards: Ints = np.full(len(keep), -1, dtype=np.int64)
        start = int(np.searchsorted(kept, node))
        part = _shortest(self._edges[kept][:, kept], start, limit)
        length[kept] = part.length
        towards[kept] = np.where(part.towards >= 0, kept[np.maximum(part.towards, 0)], -1)
        return ShortestWays(length, towards)

    def course(self, ways: ShortestWays, x: float, y: float, ahead: float) -> Ints:
        """Return the next nodes (K,) of the way from a point, the nearest first.

        Args:
            ways: to the goal.
            x: where it begins in ``map``, m.
            y: likewise.
            ahead: length of the course, about, m.
        """
        return trace(ways.towards, self.node(x, y), int(ahead / self.frame[0]))


def _edges(nodes: Ints, numbers: Ints, clearance: Floats, resolution: float) -> sparse.csr_array:
    """Return the graph (N, N) of costs, m: a step costs its length, more where it is narrow.

    Args:
        nodes: (N, 2) column and row.
        numbers: (rows, columns) of the nodes, -1 where a cell is none.
        clearance: (N,) of the nodes, m.
        resolution: edge of a cell, m.
    """
    price = 1.0 + 3.0 * np.maximum(0.0, (COMFORT - clearance) / COMFORT) ** 2
    starts, ends, costs = [], [], []
    rows, columns = numbers.shape
    for d_column, d_row in ((1, 0), (0, 1), (1, 1), (1, -1)):
        to_column, to_row = nodes[:, 0] + d_column, nodes[:, 1] + d_row
        inside = (to_column < columns) & (to_row >= 0) & (to_row < rows)
        start = np.flatnonzero(inside)
        end = numbers[to_row[start], to_column[start]]
        start, end = start[end >= 0], end[end >= 0]
        cost = resolution * np.hypot(d_column, d_row) * 0.5 * (price[start] + price[end])
        starts += [start, end]
        ends += [end, start]
        costs += [cost, cost]
    count = len(nodes)
    entries = (np.concatenate(costs), (np.concatenate(starts), np.concatenate(ends)))
    return sparse.csr_array(sparse.coo_array(entries, shape=(count, count)))


def _shortest(graph: sparse.csr_array, node: int, limit: float) -> ShortestWays:
    """Return the ways to a node of a symmetric graph, no longer than ``limit`` m."""
    length, before = csgraph.dijkstra(graph, indices=np.array([node]), limit=limit, return_predecessors=True)
    return ShortestWays(length[0].astype(np.float32), before[0].astype(np.int64))
