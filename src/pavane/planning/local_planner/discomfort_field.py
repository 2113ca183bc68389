"""The discomfort of being near things that have a kind of their own and stay where they are, as a field.

Discomfort is the sum over things of ``entities.discomfort``: 1 is what touching a wall is like. The kernels read its
logarithm, as an equivalent clearance -L ln(discomfort), L = ``DISCOMFORT_LENGTH``: that is smooth where anything is
felt.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np

from pavane.core.arrays import Floats32
from pavane.core.entities import Entity, KindCost, discomfort, faded
from pavane.core.errors import BadSetting
from pavane.core.geometry import Footprint, Grid
from pavane.planning.local_planner.objective.walls import DISCOMFORT_LENGTH, FAR

DISCS_ALONG = 3  # discs of one size along the outline's axis that meet these things; a round one has one


@lru_cache(maxsize=8)
def covering_discs(shape: Footprint) -> Floats32:
    """Discs (K, 3) of x, y and one radius in the base frame, m, that cover the outline's rounded rectangle."""
    x, y, half_x, half_y, radius = shape.rounded_rectangle()
    count = 1 if max(half_x, half_y) < 0.01 else DISCS_ALONG
    along, across = max(half_x, half_y) + radius, min(half_x, half_y) + radius
    places = along * ((2.0 * np.arange(count) + 1.0) / count - 1.0)
    size = np.full(count, math.hypot(across, along / count) if count > 1 else along)
    middle = np.zeros(count)
    ahead, left = (places, middle) if half_x >= half_y else (middle, places)
    return np.stack([x + ahead, y + left, size], axis=1).astype(np.float32)


def discomfort_field(
    entities: Iterable[Entity], kinds: Mapping[str, KindCost], lattice: Grid[np.float32], radius: float
) -> Grid[np.float32] | None:
    """Return the discomfort of a disc of ``radius`` m at each point of a lattice, float32; None if nothing causes any.

    Raises:
        BadSetting: a kind has no cost.
    """
    things = [thing for thing in entities if thing.kind != "wall"]  # those are in the clearance
    if not things:
        return None
    for thing in things:
        if thing.kind not in kinds:
            raise BadSetting(
                "unknown kind of thing", value=thing.kind, limit=", ".join(sorted(kinds)),
                remedy="Correct it, or add a KindCost for it to Objective.kinds.",
            )  # fmt: skip
    field = np.zeros(lattice.data.shape, np.float32)
    grid = Grid(field, lattice.resolution, lattice.origin, lattice.frame)
    for thing in things:
        add_discomfort(grid, thing, kinds[thing.kind], radius)
    return grid


def add_discomfort(grid: Grid[np.float32], thing: Entity, kind_cost: KindCost, radius: float) -> None:
    """Add what one thing does to a disc of ``radius`` m, in place."""
    part, places = grid.part(*thing.bounds(faded(kind_cost) + radius))
    here = grid.data[part]
    here += discomfort(thing.distance(places) - radius, kind_cost).reshape(here.shape)


def equivalent_clearance(field: Floats32) -> Floats32:
    """Discomfort (rows, columns) as the kernels read it, m."""
    least = math.exp(-FAR / DISCOMFORT_LENGTH)
    return (-DISCOMFORT_LENGTH * np.log(np.maximum(field, np.float32(least)))).astype(np.float32)
