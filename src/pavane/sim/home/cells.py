"""Cells: how many obstacles stand on each cell of the true home, so that one taken away leaves the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pavane.core.arrays import Bools, Bytes, Ints
from pavane.core.geometry import Grid
from pavane.maps import FREE, OCCUPIED, UNKNOWN

Counts = NDArray[np.int16]


class Cells:
    """Three views of one lattice, kept true in place.

    Cells are addressed by their number, row * columns + column. An obstacle is placed with two lists of
    cells: those it stands on, and those among them at which a lidar sees it.

    Args:
        grid: the map's cells.
        fixed: (K,) those that are wall, or have no name. At first these and what is unknown are all that is there.

    Attributes:
        solid: (rows, columns) True where the robot is stopped: obstacles and unknown cells.
        opaque: (rows, columns) True where a ray of the lidar is stopped.
        walls: (rows, columns) True where people are stopped: obstacles alone.
        version: counts the times that anything changed.
    """

    def __init__(self, grid: Grid[np.uint8], fixed: Ints) -> None:
        self.grid = grid
        shape = grid.data.shape
        self.columns = shape[1]
        self._unknown: Bools = np.ascontiguousarray(grid.data == UNKNOWN)
        self._obstacles: Counts = np.zeros(shape, dtype=np.int16)
        self._seen: Counts = np.zeros(shape, dtype=np.int16)
        self._glass: Bools = np.zeros(shape, dtype=np.bool_)
        self.solid: Bools = self._unknown.copy()
        self.opaque: Bools = self._unknown.copy()
        self.walls: Bools = np.zeros(shape, dtype=np.bool_)
        self._fixed: Bools = np.zeros(shape, dtype=np.bool_)
        self._fixed.reshape(-1)[fixed] = True
        self.version = 0
        self.place(fixed, fixed)

    def place(self, cells: Ints, seen: Ints) -> None:
        """Put an obstacle on cells (K,), to be seen at ``seen`` (L,); no cell twice."""
        self._obstacles.reshape(-1)[cells] += 1
        self._seen.reshape(-1)[seen] += 1
        self._refresh(cells)

    def lift(self, cells: Ints, seen: Ints) -> None:
        """Take away an obstacle that was placed with the same cells."""
        self._obstacles.reshape(-1)[cells] -= 1
        self._seen.reshape(-1)[seen] -= 1
        self._refresh(cells)

    def clear(self, cells: Ints) -> None:
        """Make free floor of what is fixed or unknown at these cells (K,); other obstacles stay."""
        gone = cells[self._fixed.reshape(-1)[cells]]
        self._fixed.reshape(-1)[gone] = False
        self._unknown.reshape(-1)[cells] = False
        self.lift(gone, gone)
        self._refresh(cells)

    def glaze(self, cells: Ints) -> None:
        """Let rays through whatever stands at these cells (K,), now and later."""
        self._glass.reshape(-1)[cells] = True
        self._refresh(cells)

    def taken(self, cells: Ints) -> Bools:
        """Return at which of these cells (K,) something stands."""
        taken: Bools = self.walls.reshape(-1)[cells]
        return taken

    def states(self, without: Ints) -> Bytes:
        """Return the states of all cells as if one obstacle less stood at each of the cells ``without``.

        They are (rows, columns) of FREE, OCCUPIED and UNKNOWN.
        """
        obstacles = self._obstacles.copy()
        np.subtract.at(obstacles.reshape(-1), without, 1)
        return np.where(obstacles > 0, OCCUPIED, np.where(self._unknown, UNKNOWN, FREE))

    def _refresh(self, cells: Ints) -> None:
        """Bring the three views up to date at these cells (K,)."""
        obstacles = self._obstacles.reshape(-1)[cells] > 0
        unknown = self._unknown.reshape(-1)[cells]
        seen = self._seen.reshape(-1)[cells] > 0
        self.walls.reshape(-1)[cells] = obstacles
        self.solid.reshape(-1)[cells] = obstacles | unknown
        self.opaque.reshape(-1)[cells] = (seen | unknown) & ~self._glass.reshape(-1)[cells]
        self.version += 1
