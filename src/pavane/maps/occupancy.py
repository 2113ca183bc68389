"""OccupancyMap: a grid of free, occupied and unknown cells with the names of places and doors."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pavane.arrays import Bools, Floats
from pavane.errors import BadGoal
from pavane.geometry import Grid, Pose

FREE, OCCUPIED, UNKNOWN = np.uint8(0), np.uint8(1), np.uint8(2)


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
    """A solid thing as it was drawn: exact where the grid is coarse.

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
    """

    grid: Grid[np.uint8]
    places: dict[str, Pose] = field(default_factory=dict)
    doors: tuple[Door, ...] = ()
    name: str = "map"
    rooms: tuple[Room, ...] = ()
    outlines: tuple[Outline, ...] = ()

    @property
    def solid(self) -> Bools:
        """(rows, columns) True where a robot must not be: occupied or unknown."""
        solid: Bools = self.grid.data != FREE
        return solid

    def place(self, name: str) -> Pose:
        """The pose of a named place.

        Raises:
            BadGoal: the map has no such place.
        """
        if name not in self.places:
            known = ", ".join(sorted(self.places)) or "no named places on this map: give x,y,yaw"
            raise BadGoal("unknown place", value=name, limit=known)
        return self.places[name]
