"""Rays against the squares of a solid grid and against discs, exact: every cell on a ray is visited in order.

Grid traversal after Amanatides and Woo, "A Fast Voxel Traversal Algorithm for Ray Tracing", Eurographics 1987. What
lies outside the grid is solid.
"""

from __future__ import annotations

import math

import numpy as np

from pavane.arrays import Bools, Floats
from pavane.kernels.jit import exact_kernel


@exact_kernel
def _first_hit(solid: Bools, x: float, y: float, dx: float, dy: float, reach: float) -> float:
    """Distance in cells along the unit vector (dx, dy) from (x, y) to the first solid cell; inf beyond ``reach``."""
    rows, columns = solid.shape
    column, row = int(math.floor(x)), int(math.floor(y))
    step_x, step_y = (1 if dx > 0.0 else -1), (1 if dy > 0.0 else -1)
    edge_x, edge_y = (1 if dx > 0.0 else 0), (1 if dy > 0.0 else 0)
    over_dx = 1.0 / dx if dx != 0.0 else np.inf
    over_dy = 1.0 / dy if dy != 0.0 else np.inf
    distance = 0.0
    while distance <= reach:
        if column < 0 or column >= columns or row < 0 or row >= rows or solid[row, column]:
            return distance
        to_x = (column + edge_x - x) * over_dx if dx != 0.0 else np.inf
        to_y = (row + edge_y - y) * over_dy if dy != 0.0 else np.inf
        if to_x < to_y:
            distance = to_x
            column += step_x
        else:
            distance = to_y
            row += step_y
    return np.inf


@exact_kernel
def _to_disc(x: float, y: float, dx: float, dy: float, disc_x: float, disc_y: float, radius: float) -> float:
    """Distance along the unit vector (dx, dy) from (x, y) to a disc; 0 inside it, inf where it is missed."""
    ahead_x, ahead_y = disc_x - x, disc_y - y
    outside = ahead_x * ahead_x + ahead_y * ahead_y - radius * radius
    if outside <= 0.0:
        return 0.0
    along = ahead_x * dx + ahead_y * dy
    across = ahead_x * dy - ahead_y * dx
    root = radius * radius - across * across
    if along <= 0.0 or root < 0.0:
        return np.inf
    return outside / (along + math.sqrt(root))


@exact_kernel
def cast_rays(
    solid: Bools,
    resolution: float,
    origin_x: float,
    origin_y: float,
    x: float,
    y: float,
    angles: Floats,
    range_max: float,
    discs: Floats,
) -> Floats:
    """Distances (N,) in m along rays from one point; inf where nothing is hit within ``range_max``.

    Args:
        solid: (rows, columns) True where a cell stops a ray.
        resolution: edge of a cell, m.
        origin_x: x of the outer corner of cell (0, 0), m.
        origin_y: y of the same corner, m.
        x: where the rays start, m.
        y: likewise.
        angles: (N,) directions in the grid's axes, rad.
        range_max: how far to look, m.
        discs: (M, 3) x, y, radius of discs that stop rays too, m.
    """
    ranges = np.empty(len(angles))
    for i in range(len(angles)):
        dx, dy = math.cos(angles[i]), math.sin(angles[i])
        cells = _first_hit(
            solid, (x - origin_x) / resolution, (y - origin_y) / resolution, dx, dy, range_max / resolution
        )
        nearest = cells * resolution
        for j in range(len(discs)):
            nearest = min(nearest, _to_disc(x, y, dx, dy, discs[j, 0], discs[j, 1], discs[j, 2]))
        ranges[i] = nearest if nearest <= range_max else np.inf
    return ranges


@exact_kernel
def in_sight(
    solid: Bools,
    resolution: float,
    origin_x: float,
    origin_y: float,
    x: float,
    y: float,
    target_x: float,
    target_y: float,
) -> bool:
    """Whether no solid cell lies on the straight line from (x, y) to the target; arguments as in `cast_rays`."""
    dx, dy = target_x - x, target_y - y
    length = math.hypot(dx, dy)
    if length > 0.0:
        dx, dy = dx / length, dy / length
    cells = _first_hit(
        solid,
        (x - origin_x) / resolution,
        (y - origin_y) / resolution,
        dx,
        dy,
        length / resolution,
    )
    return cells == np.inf
