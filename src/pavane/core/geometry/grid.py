"""Grids with a frame, a resolution and an origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from pavane.core.arrays import Bools, Floats, Ints
from pavane.core.geometry.se2 import Pose

Cell = TypeVar("Cell", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Grid(Generic[Cell]):
    """Values on square cells.

    ``data[row, column]`` belongs to the cell whose centre is ((column + 0.5), (row + 0.5)) * resolution in the
    grid's own axes; row 0 is the lowest y (the opposite of an image).

    Args:
        data: (rows, columns) values.
        resolution: edge of a cell, m.
        origin: pose of the outer corner of cell (0, 0) in ``frame``; its yaw turns the grid's axes.
        frame: name of the frame that ``origin`` is given in (``map`` or ``odom``).
    """

    data: NDArray[Cell]
    resolution: float
    origin: Pose
    frame: str = "map"

    @property
    def size(self) -> tuple[float, float]:
        """Extent along the grid's x and y axes, m."""
        rows, columns = self.data.shape
        return columns * self.resolution, rows * self.resolution

    def cells(self, points: Floats) -> Floats:
        """Return continuous cells (N, 2) as (column, row) of points (N, 2); whole numbers are cell centres."""
        return self.origin.inverse().transform(points) / self.resolution - 0.5

    def cell(self, x: float, y: float) -> tuple[float, float]:
        """Return :meth:`cells` of one point, as plain numbers."""
        along, across = self.origin.inverse().point(x, y)
        return along / self.resolution - 0.5, across / self.resolution - 0.5

    def indices(self, points: Floats) -> Ints:
        """Return the (column, row) of the cell that holds each point (N, 2); not clipped to the grid."""
        return np.floor(self.cells(points) + 0.5).astype(np.int64)

    def inside(self, points: Floats) -> Bools:
        """Return which points (N, 2) lie on the grid."""
        rows, columns = self.data.shape
        column, row = self.indices(points).T
        on: Bools = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        return on

    def centres(self, cells: Ints) -> Floats:
        """Return the centres (N, 2), in ``frame``, of cells (N, 2) given as (column, row)."""
        return self.origin.transform((np.asarray(cells, dtype=np.float64) + 0.5) * self.resolution)

    def part(self, low: Floats, high: Floats) -> tuple[tuple[slice, slice], Floats]:
        """Return the cells about a box: where in ``data``, and their centres (N, 2).

        Args:
            low: lowest corner (2,) of the box, which lies along the grid's axes, m.
            high: highest corner.
        """
        shape = self.data.shape[::-1]
        corners = self.cells(np.array([low, high]))
        start = np.clip(np.floor(corners[0]), 0, shape).astype(np.int64)
        stop = np.clip(np.ceil(corners[1]) + 1, start, shape).astype(np.int64)
        row, column = np.mgrid[start[1] : stop[1], start[0] : stop[0]]
        centres = self.centres(np.stack([column.ravel(), row.ravel()], axis=1))
        return (slice(start[1], stop[1]), slice(start[0], stop[0])), centres

    def sample(self, points: Floats, outside: float = 0.0) -> Floats:
        """Return values (N,) at points (N, 2), bilinear between cell centres; ``outside`` where the grid has none."""
        rows, columns = self.data.shape
        cells = self.cells(points)
        inside = self.inside(points)
        c = np.clip(cells[:, 0], 0.0, columns - 1.0)
        r = np.clip(cells[:, 1], 0.0, rows - 1.0)
        c0 = np.minimum(c.astype(np.int64), columns - 2)
        r0 = np.minimum(r.astype(np.int64), rows - 2)
        u, w = c - c0, r - r0
        value = np.zeros(len(cells))
        for row, column, weight in (
            (r0, c0, (1 - w) * (1 - u)),
            (r0, c0 + 1, (1 - w) * u),
            (r0 + 1, c0, w * (1 - u)),
            (r0 + 1, c0 + 1, w * u),
        ):
            corner = np.where(weight > 0.0, self.data[row, column], 0.0)  # 0 * inf would make nan beside a wall
            value += weight * corner
        return np.where(inside, value, outside)
