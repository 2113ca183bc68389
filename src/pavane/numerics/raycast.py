"""Rays against the squares of a solid grid and against discs, exact: every cell on a ray is visited in order.

Grid traversal after Amanatides and Woo, "A Fast Voxel Traversal Algorithm for Ray Tracing", Eurographics 1987. What
lies outside the grid is solid. A cell holds its lower edges: a ray along a line of the grid runs in the cells above it
or right of it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from pavane.core.arrays import Bools, Floats, Ints
from pavane.numerics.jit import exact_kernel, spliced

TINY = 1e-300  # a smaller part of a direction has no finite inverse; it moves nothing
STRIPS = 9  # lines of sight across the width of a body


class Traced(NamedTuple):
    """Where rays end.

    Args:
        ranges: (N,) distance along each ray, m; inf where nothing is hit within reach.
        struck: (N,) index of the disc that is hit; -1 for a cell or nothing.
    """

    ranges: Floats
    struck: Ints


@exact_kernel
def _first_hit(solid: Bools, x: float, y: float, dx: float, dy: float, reach: float) -> float:
    """Return the distance along a ray to the first solid cell; inf beyond ``reach``. Lengths are in cells.

    Args:
        solid: (rows, columns) True where a cell stops a ray.
        x: where the ray starts, from the outer corner of cell (0, 0).
        y: likewise.
        dx: its direction, a unit vector.
        dy: likewise.
        reach: how far to look.
    """
    rows, columns = solid.shape
    dx = dx if abs(dx) > TINY else 0.0
    dy = dy if abs(dy) > TINY else 0.0
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
    """Return the distance along a ray to a disc, m; 0 inside it, inf where it is missed.

    Args:
        x: where the ray starts, m.
        y: likewise.
        dx: its direction, a unit vector.
        dy: likewise.
        disc_x: middle of the disc, m.
        disc_y: likewise.
        radius: m.
    """
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
    """Return the distances (N,) in m along rays from one point; inf where nothing is hit within ``range_max``.

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
def trace_rays(
    solid: Bools,
    resolution: float,
    origin_x: float,
    origin_y: float,
    rays: Floats,
    range_max: float,
    discs: Floats,
) -> Traced:
    """Return where rays from many points end, and on which disc.

    Args:
        solid: grid and frame as in `cast_rays`, likewise the three below.
        resolution: m.
        origin_x: m.
        origin_y: m.
        rays: (N, 3) x, y, direction, m and rad.
        range_max: how far to look, m.
        discs: (M, 3) x, y, radius of discs that stop rays too, m.
    """
    ranges, struck = np.empty(len(rays)), np.full(len(rays), -1)
    for i in range(len(rays)):
        x, y = rays[i, 0], rays[i, 1]
        dx, dy = math.cos(rays[i, 2]), math.sin(rays[i, 2])
        nearest = range_max
        for j in range(len(discs)):
            distance = _to_disc(x, y, dx, dy, discs[j, 0], discs[j, 1], discs[j, 2])
            if distance < nearest or (distance == nearest and struck[i] < 0):
                nearest, struck[i] = distance, j
        reach = nearest / resolution
        wall = _first_hit(solid, (x - origin_x) / resolution, (y - origin_y) / resolution, dx, dy, reach) * resolution
        if wall <= nearest:
            nearest, struck[i] = wall, -1
        elif struck[i] < 0:
            nearest = np.inf
        ranges[i] = nearest
    return Traced(ranges, struck)


@spliced
def _is_hidden(bodies: Floats, body: int, x: float, y: float, dx: float, dy: float, before: float) -> bool:
    """Return whether another body stands in a line of sight.

    Args:
        bodies: (N, 3) x, y, radius, m.
        body: index of the one that is looked at.
        x: of the eye, m.
        y: likewise.
        dx: direction of the line, a unit vector.
        dy: likewise.
        before: how far along the line others hide it, m.
    """
    hidden = False
    for j in range(len(bodies)):
        if j != body and _to_disc(x, y, dx, dy, bodies[j, 0], bodies[j, 1], bodies[j, 2]) < before:
            hidden = True
            break
    return hidden


@exact_kernel
def visible_shares(
    solid: Bools,
    resolution: float,
    origin_x: float,
    origin_y: float,
    x: float,
    y: float,
    range_max: float,
    bodies: Floats,
) -> Floats:
    """Return the share (N,) of the width of each body that is seen: not behind solid cells, nor behind nearer bodies.

    The width is cut into strips, each seen or not by the line to its middle. Bodies whose centre is beyond
    ``range_max`` are not looked at and have 0.

    Args:
        solid: grid and frame as in `cast_rays`, likewise the three below.
        resolution: m.
        origin_x: m.
        origin_y: m.
        x: of the eye, m.
        y: likewise.
        range_max: m.
        bodies: (N, 3) x, y, radius, m.
    """
    shares = np.zeros(len(bodies))
    for i in range(len(bodies)):
        ahead_x, ahead_y, radius = bodies[i, 0] - x, bodies[i, 1] - y, bodies[i, 2]
        distance = math.hypot(ahead_x, ahead_y)
        if not distance <= range_max:
            continue
        if distance == 0.0:
            shares[i] = 1.0
            continue
        seen = 0
        for k in range(STRIPS):
            aside = radius * ((2 * k + 1) / STRIPS - 1.0) / distance
            dx, dy = ahead_x - ahead_y * aside, ahead_y + ahead_x * aside
            length = math.hypot(dx, dy)
            dx, dy = dx / length, dy / length
            if not _is_hidden(bodies, i, x, y, dx, dy, length - radius):
                column, row = (x - origin_x) / resolution, (y - origin_y) / resolution
                seen += _first_hit(solid, column, row, dx, dy, length / resolution) == np.inf
        shares[i] = seen / STRIPS
    return shares


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
    """Return whether no solid cell lies on the straight line from a point to another.

    Args:
        solid: grid and frame as in `cast_rays`, likewise the three below.
        resolution: m.
        origin_x: m.
        origin_y: m.
        x: of the eye, m.
        y: likewise.
        target_x: where it looks, m.
        target_y: likewise.
    """
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
