"""Things with a kind, as they are written in the YAML of a map: stairs, cables, glass, zones and the like."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from pavane.arrays import Bytes
from pavane.entities import KINDS, Entity
from pavane.errors import BadMap
from pavane.geometry import Grid
from pavane.maps.occupancy import FREE, OCCUPIED

Point = tuple[float, float]


class MappedEntity(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing: a point with a width is a disc, several are a line, with ``area`` the corners of an area."""

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
    """The entities of a map; what is free in ``grid`` and solid in them becomes occupied.

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
    low, high = (grid.indices(corner[None])[0] for corner in entity.bounds(grid.resolution))
    (c0, r0), (c1, r1) = np.maximum(low, 0), high + 1
    cells: Bytes = grid.data[r0:r1, c0:c1]
    rows, columns = np.indices(cells.shape)
    centres = grid.centres(np.stack([columns.ravel() + c0, rows.ravel() + r0], axis=1))
    covered = (entity.distance(centres) <= 1e-9).reshape(cells.shape)
    if not entity.area or not covered.any():
        (x, y), (last_row, last_column) = entity.along(0.1 * grid.resolution).T, np.array(grid.data.shape) - 1
        column, row = grid.indices(np.stack([x, y], axis=1)).T
        covered[np.clip(row, 0, last_row) - r0, np.clip(column, 0, last_column) - c0] = True
    cells[covered & (cells == FREE)] = OCCUPIED
