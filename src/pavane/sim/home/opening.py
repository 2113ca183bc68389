"""Openings: where doors are, and the leaves that hang or slide in them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pavane.core.arrays import Bools, Floats, Ints
from pavane.core.errors import BadSetting
from pavane.core.geometry import Grid, Pose
from pavane.maps import OCCUPIED, OccupancyMap

THICKNESS = 0.1  # m of a wall that nobody drew
AT_WALL = 0.15  # m from a jamb within which there must be wall
NARROWEST = 0.3  # m
EDGE = 1e-9  # m: what is drawn on a cell centre covers it


@dataclass(frozen=True, slots=True)
class Opening:
    """A gap in a wall between two jambs, on the wall's centre line, in ``map``, m."""

    name: str
    start: tuple[float, float]
    end: tuple[float, float]
    thickness: float = THICKNESS  # of the wall

    @property
    def frame(self) -> Pose:
        """map_from_opening: origin at the start, x along the opening."""
        return Pose(*self.start, math.atan2(self.end[1] - self.start[1], self.end[0] - self.start[0]))

    @property
    def width(self) -> float:
        """Distance between the jambs, m."""
        return math.dist(self.start, self.end)

    @property
    def middle(self) -> tuple[float, float]:
        """Middle between the jambs in ``map``, m."""
        return 0.5 * (self.start[0] + self.end[0]), 0.5 * (self.start[1] + self.end[1])

    def touch(self, resolution: float) -> float:
        """Return how far a cell's centre can be from a line along the jamb for the cell to touch it, m."""
        yaw = self.frame.yaw
        return 0.5 * resolution * (abs(math.cos(yaw)) + abs(math.sin(yaw)))

    def box(self, low: float, high: float) -> Floats:
        """Return the corners (4, 2) of the wall from ``low`` to ``high`` m along the opening, as thick as the wall."""
        half = 0.5 * self.thickness
        return self.frame.transform(np.array([[low, -half], [high, -half], [high, half], [low, half]]))

    def strip(self, grid: Grid[np.uint8]) -> Ints:
        """Return the numbers (K,) of the cells that the opening frees: all it touches, as in ``rasterise``."""
        touch, half = self.touch(grid.resolution), 0.5 * self.thickness + EDGE
        around = cells_around(grid, self.middle, 0.5 * self.width + self.thickness + grid.resolution)
        along, beside = self.frame.inverse().transform(around.centres).T
        inside: Bools = (along > -touch + EDGE) & (along < self.width + touch - EDGE) & (np.abs(beside) <= half)
        return around.numbers[inside]


def drawn_openings(home: OccupancyMap) -> tuple[Opening, ...]:
    """Return the doors of a floor plan, with the thickness of the walls they stand in."""
    ends: dict[tuple[float, float], float] = {}  # middle of each edge of a wall, so of each jamb: length of the edge
    for outline in home.outlines:
        if outline.wall:
            following = np.roll(outline.corners, -1, axis=0)
            lengths = np.hypot(*(following - outline.corners).T)
            for (x, y), length in zip((0.5 * (outline.corners + following)).tolist(), lengths.tolist(), strict=True):
                key = (round(x, 6), round(y, 6))
                ends[key] = min(length, ends.get(key, math.inf))
    return tuple(
        Opening(
            door.name, door.start, door.end, ends.get((round(door.start[0], 6), round(door.start[1], 6)), THICKNESS)
        )
        for door in home.doors
    )


def opening_at(name: str, jambs: tuple[tuple[float, float], tuple[float, float]], home: OccupancyMap) -> Opening:
    """Return a door of a map that has none by name, given by its two jambs.

    Raises:
        BadSetting: the jambs are too near each other, off the map, or not at a wall.
    """
    opening = Opening(name, *jambs)
    if opening.width < NARROWEST:
        raise BadSetting(f"door {name!r} is too narrow", value=f"{opening.width:.2f} m", limit=f">= {NARROWEST} m")
    grid = home.grid
    beside = (home.grid.data == OCCUPIED).reshape(-1)
    beside[opening.strip(grid)] = False
    for x, y in jambs:
        if not grid.inside(np.array([[x, y]]))[0]:
            raise BadSetting(f"a jamb of door {name!r} lies outside of the map", value=f"{x}, {y}")
        near = cells_around(grid, (x, y), AT_WALL + grid.resolution)
        if not beside[near.numbers].any():
            raise BadSetting(
                f"a jamb of door {name!r} is not at a wall", value=f"{x}, {y}",
                limit=f"an occupied cell within {AT_WALL} m, beside the opening",
                remedy="Give the two ends of the gap in the wall.",
            )  # fmt: skip
    return opening


class Around(NamedTuple):
    """Cells near a point: their numbers (K,), row * columns + column, and their centres (K, 2) in ``map``, m."""

    numbers: Ints
    centres: Floats


def cells_around(grid: Grid[np.uint8], middle: tuple[float, float], reach: float) -> Around:
    """Return the cells whose centre lies within ``reach`` m of a point in ``map``."""
    rows, columns = grid.data.shape
    low = np.maximum(grid.indices(np.array([middle]) - reach)[0], 0)
    high = np.minimum(grid.indices(np.array([middle]) + reach)[0] + 1, (columns, rows))
    column, row = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
    points = grid.centres(np.stack([column.ravel(), row.ravel()], axis=1))
    near: Bools = np.hypot(points[:, 0] - middle[0], points[:, 1] - middle[1]) <= reach
    return Around((row.ravel() * columns + column.ravel())[near], points[near])
