"""Entities as they are written in the YAML of a map: stairs, cables, glass, zones and the like."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from pavane.core.arrays import Bools
from pavane.core.entities import KINDS, Entity
from pavane.core.errors import BadMap
from pavane.core.geometry import Grid
from pavane.maps.occupancy import FREE, OCCUPIED

EDGE = 1e-9  # m: what is drawn on a cell centre covers it

Point = tuple[float, float]


class MappedEntity(Struct, frozen=True, forbid_unknown_fields=True):
    """One entity: a point with a width is a disc, several are a line, with ``area`` the corners of an area."""

    kind: Annotated[str, Meta(min_length=1)]
    points: Annotated[list[Point], Meta(min_length=1)]
    width: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.0  # m
    area: bool = False
    solid: bool | None = None  # whether the robot cannot be there; None: as its kind is
    name: str = ""

    def __post_init__(self) -> None:
        what = f"entity {self.name or self.kind!r}"
        if not all(math.isfinite(number) for point in self.points for number in (*point, self.width)):
            raise BadMap(f"{what} is not finite", value=self.points, limit="finite numbers, m")
        if self.area and len(self.points) < 3:
            raise BadMap(f"{what} is no area", value=f"{len(self.points)} points", limit="at least 3 corners")
        if len(self.points) == 1 and self.width == 0.0:
            raise BadMap(f"{what} has no extent", value="one point, width 0", limit="a width > 0, m")


def place_entities(grid: Grid[np.uint8], items: Sequence[MappedEntity]) -> tuple[Entity, ...]:
    """Return the entities of a map; what is free in ``grid`` and solid in them becomes occupied.

    Raises:
        BadMap: one lies outside of the map.
    """
    entities = []
    for item in items:
        entity = Entity(item.kind, np.array(item.points, dtype=np.float64), item.width, item.area, item.name)
        (width, height), origin = grid.size, grid.origin
        low, high = entity.points.min(axis=0) - (origin.x, origin.y), entity.points.max(axis=0) - (origin.x, origin.y)
        if (low < 0.0).any() or (high > (width, height)).any():
            raise BadMap(
                f"entity {item.name or item.kind!r} lies outside the map", value=item.points,
                limit=f"x {origin.x:.2f}..{origin.x + width:.2f}, y {origin.y:.2f}..{origin.y + height:.2f} m",
            )  # fmt: skip
        known = KINDS.get(item.kind)
        if item.solid if item.solid is not None else known is None or known.solid:
            _draw(grid, entity)
        entities.append(entity)
    return tuple(entities)


def _draw(grid: Grid[np.uint8], entity: Entity) -> None:
    """Occupy the free cells whose centre an entity covers, and those that its points and lines run through."""
    part, covered = cells_covered(grid, entity)
    if not entity.area or not covered.any():
        last = np.array(grid.data.shape) - 1
        column, row = grid.indices(entity.along(0.1 * grid.resolution)).T
        row, column = np.minimum(row, last[0]), np.minimum(column, last[1])  # the map's upper rim belongs to it
        covered[row - part[0].start, column - part[1].start] = True
    cells = grid.data[part]
    cells[covered & (cells == FREE)] = OCCUPIED


def cells_covered(grid: Grid[np.uint8], entity: Entity) -> tuple[tuple[slice, slice], Bools]:
    """Return part of a grid, and which of its cells an entity covers: their centres lie in or on it."""
    part, centres = grid.part(*entity.bounds(grid.resolution))
    covered: Bools = entity.distance(centres) <= EDGE
    return part, covered.reshape(grid.data[part].shape)
