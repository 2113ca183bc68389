"""How uneasy it is to be near things that have a kind of their own and stay where they are, as a field.

Unease is the sum over things of ``entities.unease``: 1 is what touching a wall is like. The kernels read its logarithm,
as an equivalent clearance -L ln(unease), L = ``UNEASE_LENGTH``: that is smooth where anything is felt.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from pavane.arrays import Floats32
from pavane.entities import Entity, Manner, faded, unease
from pavane.errors import BadSetting
from pavane.geometry import Footprint, Grid
from pavane.kernels.model import UNEASE_LENGTH

SPOTS = 3  # discs of one size along the outline's axis that meet these things; a round one has one
FARTHEST = 1.0  # m of equivalent clearance that are told apart


def spots(shape: Footprint) -> Floats32:
    """Discs (K, 3) of x, y and one radius in the base frame, m, that cover the outline's rounded rectangle."""
    x, y, half_x, half_y, radius = shape.rounded_rectangle()
    count = 1 if max(half_x, half_y) < 0.01 else SPOTS
    along, across = max(half_x, half_y) + radius, min(half_x, half_y) + radius
    places = along * ((2.0 * np.arange(count) + 1.0) / count - 1.0)
    size = np.full(count, math.hypot(across, along / count) if count > 1 else along)
    middle = np.zeros(count)
    ahead, left = (places, middle) if half_x >= half_y else (middle, places)
    return np.stack([x + ahead, y + left, size], axis=1).astype(np.float32)


def check_kinds(found: Iterable[str], kinds: Mapping[str, Manner]) -> None:
    """Refuse things that nobody knows how to treat.

    Raises:
        BadSetting: a kind has no manner.
    """
    for kind in found:
        if kind not in kinds:
            raise BadSetting(
                "unknown kind of thing", value=kind, limit=", ".join(sorted(kinds)),
                remedy="Correct it, or add a Manner for it to Objective.kinds.",
            )  # fmt: skip


def unease_field(
    entities: Iterable[Entity], kinds: Mapping[str, Manner], lattice: Grid[np.float32], radius: float
) -> Grid[np.float32] | None:
    """Unease of a disc of ``radius`` m at each point of a lattice, float32; None where there is nothing of the sort.

    Raises:
        BadSetting: a kind has no manner.
    """
    things = [thing for thing in entities if thing.kind != "wall"]  # those are in the clearance
    check_kinds((thing.kind for thing in things), kinds)
    if not things:
        return None
    field = np.zeros(lattice.data.shape, np.float32)
    grid = Grid(field, lattice.resolution, lattice.origin, lattice.frame)
    for thing in things:
        add_unease(grid, thing, kinds[thing.kind], radius)
    return grid


def add_unease(grid: Grid[np.float32], thing: Entity, manner: Manner, radius: float) -> None:
    """Add what one thing does to a disc of ``radius`` m, in place."""
    low, high = (grid.cells(corner[None])[0] for corner in thing.bounds(faded(manner) + radius))
    rows, columns = grid.data.shape
    c0, r0 = (int(n) for n in np.clip(np.floor(low), 0, (columns, rows)))
    c1, r1 = (int(n) for n in np.clip(np.ceil(high) + 1, 0, (columns, rows)))
    if r1 <= r0 or c1 <= c0:
        return
    row, column = np.mgrid[r0:r1, c0:c1]
    places = grid.centres(np.stack([column.ravel(), row.ravel()], axis=1))
    grid.data[r0:r1, c0:c1] += unease(thing.distance(places) - radius, manner).reshape(r1 - r0, c1 - c0)


def equivalent_clearance(field: Floats32) -> Floats32:
    """Unease (rows, columns) as the kernels read it, m."""
    least = math.exp(-FARTHEST / UNEASE_LENGTH)
    return (-UNEASE_LENGTH * np.log(np.maximum(field, np.float32(least)))).astype(np.float32)
