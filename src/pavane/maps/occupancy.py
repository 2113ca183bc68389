"""OccupancyMap: a grid of free, occupied and unknown cells with the names of places and doors."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from pavane.core.arrays import Bools, Floats
from pavane.core.entities import Entity
from pavane.core.errors import BadGoal, BadMap
from pavane.core.geometry import Grid, Pose
from pavane.core.messages import FARTHEST

FREE, OCCUPIED, UNKNOWN = np.uint8(0), np.uint8(1), np.uint8(2)
FINEST, COARSEST = 0.002, 0.5  # m a cell: what is coarser knows no doors
CELLS_MAX = 100_000_000  # of a map
AREA_MAX = 40_000.0  # m^2: the planner's own fields, at 5 cm and finer, take about 1 GB of memory then


@dataclass(frozen=True, slots=True)
class Door:
    """An opening in a wall between two jambs, in ``map``, m."""

    name: str
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Room:
    """A room's name and where to write it, in ``map``, m."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A wall or a piece of furniture as it was drawn: exact where the grid is coarse.

    Args:
        name: what it is.
        corners: (N, 2) of its polygon in ``map``, m.
        wall: whether it is part of a wall; furniture otherwise.
    """

    name: str
    corners: Floats
    wall: bool


@dataclass(frozen=True, slots=True, eq=False)
class OccupancyMap:
    """What is known of a home.

    Args:
        grid: (rows, columns) uint8 of FREE, OCCUPIED and UNKNOWN, in ``map``, axes not turned.
        places: poses in ``map`` by name.
        doors: named openings.
        name: what to call the map.
        rooms: names for pictures.
        outlines: walls and furniture as drawn; empty when only the grid is known.
        entities: what has a kind of its own; the solid ones are occupied in ``grid`` too.
    """

    grid: Grid[np.uint8]
    places: dict[str, Pose] = field(default_factory=dict)
    doors: tuple[Door, ...] = ()
    name: str = "map"
    rooms: tuple[Room, ...] = ()
    outlines: tuple[Outline, ...] = ()
    entities: tuple[Entity, ...] = ()

    def __post_init__(self) -> None:
        rows, columns = self.grid.data.shape
        check_lattice(self.name, columns, rows, self.grid.resolution)
        origin = self.grid.origin
        if not max(abs(origin.x), abs(origin.y)) <= FARTHEST or origin.yaw != 0.0:
            at = (origin.x, origin.y, origin.yaw)
            raise BadMap(
                f"{self.name} has its origin in no place", value=at, limit=f"x, y within {FARTHEST:g} m, yaw 0"
            )

    @property
    def solid(self) -> Bools:
        """(rows, columns) True where a robot must not be: occupied or unknown."""
        solid: Bools = self.grid.data != FREE
        return solid

    def solid_at(self, points: Floats) -> Bools:
        """Return whether points (N, 2) in ``map`` are where a robot must not be, (N,); outside the map they are."""
        columns, rows = self.grid.indices(points).T
        height, width = self.grid.data.shape
        cells = self.grid.data[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
        solid: Bools = (cells != FREE) | ~self.grid.inside(points)
        return solid

    def place(self, name: str) -> Pose:
        """Return the pose of a named place.

        Raises:
            BadGoal: the map has no such place.
        """
        if name not in self.places:
            known = ", ".join(sorted(self.places)) or "no named places on this map: give x,y,yaw"
            raise BadGoal("unknown place", value=name, limit=known)
        return self.places[name]


def check_lattice(name: str, columns: float, rows: float, resolution: float) -> None:
    """Refuse a map that is empty, or of cells or an extent that would take the memory of the machine.

    Args:
        name: of the map or its file, for the error.
        columns: number of cells along x.
        rows: and along y.
        resolution: edge of a cell, m.

    Raises:
        BadMap: it is one of these.
    """
    check_resolution(resolution)
    size, extent = f"{columns:.6g} x {rows:.6g} cells", f"{columns * resolution:.4g} x {rows * resolution:.4g} m"
    if min(columns, rows) < 1:
        raise BadMap(f"{name} is an empty map", value=size, limit="at least 1 x 1")
    if columns * rows > CELLS_MAX:
        raise BadMap(
            f"{name} is too large", value=size, limit=f"at most {CELLS_MAX:,} cells",
            remedy="Crop the map or use a coarser resolution.",
        )  # fmt: skip
    if columns * rows * resolution**2 > AREA_MAX * (1.0 + 1e-9):
        raise BadMap(
            f"{name} is too large", value=extent, limit=f"at most {AREA_MAX:,.0f} m^2",
            remedy="Crop the map, or check its resolution: metres a cell.",
        )  # fmt: skip


def check_resolution(resolution: float) -> None:
    """Refuse an edge of a cell that no map of a home has.

    Raises:
        BadMap: it is not positive, not finite, too fine or too coarse.
    """
    if not math.isfinite(resolution) or not FINEST <= resolution <= COARSEST:
        raise BadMap(
            "resolution cannot be right",
            value=f"{resolution:g}",
            limit=f"{FINEST} to {COARSEST} metres a cell",
        )
