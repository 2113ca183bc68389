"""Leaves of doors: hinged ones that swing into a room, sliding ones that go into the wall.

Homes have hinged leaves, and they are the harder case: an open one stands a door's width into the room, a closing one
sweeps the floor before it, and both hide people behind them. A closed leaf lies on the wall's centre line. The
pivot stands behind the jamb by as much as keeps the open leaf out of the opening: an open door is as wide as drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from scipy import ndimage

from pavane.core.arrays import Bools, Floats, Ints
from pavane.core.geometry import Grid, Pose
from pavane.maps import UNKNOWN
from pavane.sim.home.cells import Cells
from pavane.sim.home.opening import EDGE, Opening, cells_around

NOTCHES = 64  # of a full travel: the tip of a leaf of 0.9 m moves by 2 cm in each
SWING = 0.5 * math.pi  # rad of a hinged leaf that stands open
LEAF = 0.04  # m, thickness
CLOSED_CELLS = 1.5  # a slanted leaf thinner than sqrt(2) cells could let a ray through between cell centres
HALF_GAP = 2.0 * math.asin(0.25) / SWING  # openness at which a gap of half the width is left beside the tip
COARSE = 4  # notches between looks when a way to hang a leaf is chosen
ROOM = 0.25  # m of clearance that counts as room to drive, when a way to hang a leaf is chosen
PLACE_ROOM = 0.3  # m a leaf keeps from the places of the map, when it can be chosen
AROUND = 1.2  # m beyond the leaf's reach in which room to drive is counted

LeafType = Literal["hinged", "sliding"]


@dataclass(frozen=True, slots=True)
class Hanging:
    """The way that a leaf hangs in its opening.

    Args:
        at_end: the hinge is at the opening's end, not at its start; a sliding leaf goes into the wall there.
        to_left: it opens to the left of the way from start to end.
        motion: hinged or sliding.
    """

    at_end: bool
    to_left: bool
    motion: LeafType = "hinged"


class Leaf:
    """The cells of a leaf at each notch of its travel, 0 closed and ``NOTCHES`` open.

    Args:
        opening: where it hangs.
        hanging: how.
        grid: the map's cells.
    """

    def __init__(self, opening: Opening, hanging: Hanging, grid: Grid[np.uint8]) -> None:
        self.opening, self.hanging = opening, hanging
        self.thickness = max(LEAF, CLOSED_CELLS * grid.resolution)
        touch = opening.touch(grid.resolution)
        jamb, other = (opening.end, opening.start) if hanging.at_end else (opening.start, opening.end)
        self._along = (np.array(other) - np.array(jamb)) / opening.width
        left = 1.0 if hanging.to_left is not hanging.at_end else -1.0  # seen from the hinge, left may be right
        self._aside = left * np.array([-self._along[1], self._along[0]])
        back = touch + (0.5 * self.thickness if hanging.motion == "hinged" else 0.0)
        self._pivot = np.array(jamb) - back * self._along
        self.length = opening.width + touch + back
        pivot_x, pivot_y = self._pivot.tolist()
        around = cells_around(grid, (pivot_x, pivot_y), self.length + self.thickness)
        self.numbers, self.centres = around.numbers, around.centres  # (K,), (K, 2): all that it can ever cover
        self._a = (self.centres - self._pivot) @ self._along
        self._b = (self.centres - self._pivot) @ self._aside
        wall = 0.5 * opening.thickness + grid.resolution
        # where an obstacle stops the leaf: in the opening and beyond the wall, not in the wall itself
        self.in_way: Bools = (self._b > wall) & (np.hypot(self._a, self._b) > wall + grid.resolution)
        self.in_way |= np.isin(self.numbers, opening.strip(grid))
        self._covered: dict[int, Ints] = {}

    def covered(self, notch: int) -> Ints:
        """Return which of ``numbers`` and ``centres`` the leaf covers at a notch, as indices (L,) in order."""
        if notch not in self._covered:
            self._covered[notch] = self._cover(notch)
        return self._covered[notch]

    def cells(self, notch: int) -> Ints:
        """Return the numbers (L,) of the cells that the leaf covers at a notch."""
        return self.numbers[self.covered(notch)]

    def swept(self) -> Ints:
        """Return which of ``numbers`` and ``centres`` a travel passes over, as indices (L,) in order."""
        swept: Ints = np.unique(np.concatenate([self.covered(notch) for notch in range(0, NOTCHES + 1, COARSE)]))
        return swept

    def corners(self, notch: int) -> Floats:
        """Return the outline (4, 2) of the leaf in ``map`` at a notch, m."""
        angle, length = self._travel(notch)
        half = 0.5 * self.thickness
        a, b = np.array([0.0, length, length, 0.0]), np.array([-half, -half, half, half])
        c, s = math.cos(angle), math.sin(angle)
        outline: Floats = self._pivot + np.outer(a * c - b * s, self._along) + np.outer(a * s + b * c, self._aside)
        return outline

    def _travel(self, notch: int) -> tuple[float, float]:
        """Return the angle in rad and the length in m of what is to be seen of the leaf."""
        share = notch / NOTCHES
        return (share * SWING, self.length) if self.hanging.motion == "hinged" else (0.0, (1.0 - share) * self.length)

    def _cover(self, notch: int) -> Ints:
        """Work out ``covered``."""
        angle, length = self._travel(notch)
        if length <= 0.0:
            return np.empty(0, dtype=np.int64)
        c, s = math.cos(angle), math.sin(angle)
        a, b = self._a * c + self._b * s, self._b * c - self._a * s
        inside = (a >= -EDGE) & (a <= length + EDGE) & (np.abs(b) <= 0.5 * self.thickness + EDGE)
        covered: Ints = np.flatnonzero(inside)
        return covered


def hang(opening: Opening, choices: list[Hanging], cells: Cells, places: list[Pose]) -> Leaf:
    """Return the leaf that sweeps over no place, opens indoors and wide, and then leaves the most room to drive.

    Args:
        opening: where it hangs, free of any other leaf.
        choices: ways to hang it, the earlier the better among equals.
        cells: what stands now.
        places: of the map.
    """
    leaves = [Leaf(opening, hanging, cells.grid) for hanging in choices]
    return leaves[0] if len(leaves) == 1 else max(leaves, key=lambda leaf: _fitness(leaf, cells, places))


class _Fitness(NamedTuple):
    """The merits of a way to hang a leaf, the weightiest first."""

    places_free: bool
    indoors: bool
    opens_wide: bool
    room: float  # m^2 of drivable floor around the open door


def _fitness(leaf: Leaf, cells: Cells, places: list[Pose]) -> _Fitness:
    """Return what speaks for a leaf where these ``cells`` stand, on a map with these places."""
    taken = cells.taken(leaf.numbers) & leaf.in_way
    notch = 0
    while notch < NOTCHES and not taken[leaf.covered(notch + COARSE)].any():
        notch += COARSE
    swept = leaf.swept()
    near = [np.hypot(*(leaf.centres[swept] - (place.x, place.y)).T).min() < PLACE_ROOM for place in places]
    unknown = (cells.grid.data.reshape(-1)[leaf.numbers[swept]] == UNKNOWN).mean()
    return _Fitness(not any(near), bool(unknown < 0.25), notch == NOTCHES, _room(leaf, notch, cells))


def _room(leaf: Leaf, notch: int, cells: Cells) -> float:
    """Return the largest drivable floor around a door with its leaf at a notch, m^2."""
    resolution = cells.grid.resolution
    column, row = cells.grid.indices(np.array([leaf.opening.middle]))[0].tolist()
    half = int((leaf.length + AROUND) / resolution)
    low_row, low_column = max(row - half, 0), max(column - half, 0)
    stopped = cells.solid.copy()
    stopped.reshape(-1)[leaf.cells(notch)] = True
    window = stopped[low_row : row + half + 1, low_column : column + half + 1]
    labels, count = ndimage.label((ndimage.distance_transform_edt(~window) - 0.5) * resolution >= ROOM)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    return float(sizes.max(initial=0)) * resolution**2
