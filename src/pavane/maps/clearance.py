"""From a map to the clearance field that all layers share: computed once, exactly, before the drive."""

from __future__ import annotations

import math

import numpy as np

from pavane.core.geometry import Grid
from pavane.maps.occupancy import OccupancyMap
from pavane.numerics.distance import clearance

RESOLUTION = 0.05  # m, of every planning field
REACH = 2.0  # m, larger clearances do not matter


def clearance_grid(home: OccupancyMap, resolution: float = RESOLUTION) -> Grid[np.float32]:
    """Return the signed distance to the nearest occupied or unknown cell, m, on a lattice over the whole map.

    Everything beyond the map is solid. Distances are exact at the lattice points; a map finer than the lattice is
    sampled, a coarser one is subdivided first.
    """
    solid = np.pad(home.solid, 1, constant_values=True)
    cell = home.grid.resolution
    split = max(1, math.ceil(cell / resolution - 1e-6))
    if split > 1:
        solid, cell = np.kron(solid, np.ones((split, split), np.bool_)), cell / split
    field = clearance(solid, cell, REACH)[split:-split, split:-split]
    native = Grid(field, cell, home.grid.origin, home.grid.frame)
    if abs(cell - resolution) < 1e-9:
        return native
    width, height = native.size
    lattice = Grid(
        np.zeros((max(2, int(height / resolution + 1e-6)), max(2, int(width / resolution + 1e-6))), np.float32),
        resolution,
        home.grid.origin,
        home.grid.frame,
    )
    rows, columns = lattice.data.shape
    cells = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    values = native.sample(lattice.centres(cells), outside=-0.5).reshape(rows, columns).astype(np.float32)
    sampled = Grid(values, resolution, lattice.origin, lattice.frame)
    _keep_thin(sampled, native)
    return sampled


def _keep_thin(lattice: Grid[np.float32], native: Grid[np.float32]) -> None:
    """Lower the lattice where a wall or entity thinner than its cells has slipped between its points."""
    rows, columns = lattice.data.shape
    solid = np.argwhere(native.data < 0.0)[:, ::-1]  # (N, 2) column, row
    centres = native.centres(solid)
    lost = centres[lattice.inside(centres) & (lattice.sample(centres) > 0.0)]
    nearest = np.clip(lattice.indices(lost), 0, (columns - 1, rows - 1))
    np.minimum.at(lattice.data, (nearest[:, 1], nearest[:, 0]), np.float32(-0.5 * native.resolution))
