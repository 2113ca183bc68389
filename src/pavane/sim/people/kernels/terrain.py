"""Where people can be: room around a body on a grid and beside the robot, and ways over cells."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from pavane.core.arrays import Bools, Floats, Floats32, Ints
from pavane.numerics.jit import exact_kernel
from pavane.numerics.raycast import in_sight


class Terrain(NamedTuple):
    """Where people can be.

    Args:
        walls: (rows, columns) True where a cell stops a body.
        floor: (rows, columns) True where a body's centre can be.
        air: (R, rows, columns) room around the centre of a body of the R-th radius, m, float32.
        slope_x: (R, rows, columns) its gradient, float32.
        slope_y: likewise.
        resolution: edge of a cell, m.
        origin_x: x of the outer corner of cell (0, 0), m.
        origin_y: y of the same corner, m.
    """

    walls: Bools
    floor: Bools
    air: Floats32
    slope_x: Floats32
    slope_y: Floats32
    resolution: float
    origin_x: float
    origin_y: float


class Machine(NamedTuple):
    """The robot: map_from_base, velocity of its base in ``map``, yaw rate, outline as in ``overlap``."""

    x: float
    y: float
    yaw: float
    vx: float
    vy: float
    omega: float
    vertices: Floats
    radius: float


class Air(NamedTuple):
    """How far something is, m, and the unit vector that leads away from it."""

    gap: float
    out_x: float
    out_y: float


@exact_kernel
def _sample(field: Floats32, column: float, row: float) -> float:
    """A field between the centres of its cells, bilinear; flat beyond its border."""
    rows, columns = field.shape
    c, r = min(max(column - 0.5, 0.0), columns - 1.001), min(max(row - 0.5, 0.0), rows - 1.001)
    c0, r0 = int(c), int(r)
    fc, fr = c - c0, r - r0
    low = field[r0, c0] * (1.0 - fc) + field[r0, c0 + 1] * fc
    high = field[r0 + 1, c0] * (1.0 - fc) + field[r0 + 1, c0 + 1] * fc
    return low * (1.0 - fr) + high * fr


@exact_kernel
def off_walls(terrain: Terrain, which: int, x: float, y: float) -> Air:
    """Air between a body and walls, and the way off them."""
    column = (x - terrain.origin_x) / terrain.resolution
    row = (y - terrain.origin_y) / terrain.resolution
    out_x, out_y = _sample(terrain.slope_x[which], column, row), _sample(terrain.slope_y[which], column, row)
    return Air(_sample(terrain.air[which], column, row), out_x, out_y)


@exact_kernel
def off_machine(machine: Machine, x: float, y: float) -> Air:
    """As ``overlap.point_clearance``: distance of a point from the robot's outline, and the way off it."""
    c, s = math.cos(machine.yaw), math.sin(machine.yaw)
    px, py = c * (x - machine.x) + s * (y - machine.y), c * (y - machine.y) - s * (x - machine.x)
    count = len(machine.vertices)
    nearest, depth, out_x, out_y, inner_x, inner_y = np.inf, -np.inf, 1.0, 0.0, 1.0, 0.0
    for i in range(count):
        start_x, start_y = machine.vertices[i, 0], machine.vertices[i, 1]
        edge_x = machine.vertices[(i + 1) % count, 0] - start_x
        edge_y = machine.vertices[(i + 1) % count, 1] - start_y
        along = 0.0
        if count > 1:
            square = edge_x * edge_x + edge_y * edge_y
            along = min(max(((px - start_x) * edge_x + (py - start_y) * edge_y) / square, 0.0), 1.0)
            length = math.sqrt(square)
            out = ((px - start_x) * edge_y - (py - start_y) * edge_x) / length
            if out > depth:
                depth, inner_x, inner_y = out, edge_y / length, -edge_x / length
        away_x, away_y = px - start_x - along * edge_x, py - start_y - along * edge_y
        distance = math.hypot(away_x, away_y)
        if distance < nearest:
            nearest = distance
            if distance > 0.0:
                out_x, out_y = away_x / distance, away_y / distance
    if count > 1 and depth <= 0.0:
        nearest, out_x, out_y = depth, inner_x, inner_y
    return Air(nearest - machine.radius, c * out_x - s * out_y, s * out_x + c * out_y)


@exact_kernel
def into_wall(terrain: Terrain, x: float, y: float, radius: float) -> Air:
    """Exact distance of a disc from the nearest solid cell within its reach, negative in it, and the way off."""
    rows, columns = terrain.walls.shape
    size = terrain.resolution
    column, row, reach = (x - terrain.origin_x) / size, (y - terrain.origin_y) / size, radius / size
    low_c, high_c = int(math.floor(column - reach)), int(math.floor(column + reach))
    low_r, high_r = int(math.floor(row - reach)), int(math.floor(row + reach))
    nearest, out_x, out_y = radius, 0.0, 0.0
    for r in range(low_r, high_r + 1):
        for c in range(low_c, high_c + 1):
            if 0 <= r < rows and 0 <= c < columns and not terrain.walls[r, c]:
                continue
            dx = x - (terrain.origin_x + (c + 0.5) * size)
            dy = y - (terrain.origin_y + (r + 0.5) * size)
            away_x = dx - min(max(dx, -0.5 * size), 0.5 * size)
            away_y = dy - min(max(dy, -0.5 * size), 0.5 * size)
            distance = math.hypot(away_x, away_y)
            if distance < nearest:
                nearest = distance
                out_x, out_y = (away_x / distance, away_y / distance) if distance > 0.0 else (0.0, 0.0)
    return Air(nearest - radius, out_x, out_y)


@exact_kernel
def fits(terrain: Terrain, x: float, y: float, radius: float) -> bool:
    """Whether a disc touches no wall and its centre is on the floor."""
    rows, columns = terrain.walls.shape
    column = int(math.floor((x - terrain.origin_x) / terrain.resolution))
    row = int(math.floor((y - terrain.origin_y) / terrain.resolution))
    if column < 0 or column >= columns or row < 0 or row >= rows or not terrain.floor[row, column]:
        return False
    return into_wall(terrain, x, y, radius).gap >= 0.0


@exact_kernel
def trace(towards: Ints, node: int, steps: int) -> Ints:
    """Nodes (K,) of a way from a node on, at most ``steps`` further, by the next of each (N,) or negative."""
    course = np.empty(steps + 1, dtype=np.int64)
    course[0] = node
    count = 1
    while count <= steps and towards[course[count - 1]] >= 0:
        course[count] = towards[course[count - 1]]
        count += 1
    return course[:count]


@exact_kernel
def farthest_in_sight(
    blocked: Bools, resolution: float, origin_x: float, origin_y: float, x: float, y: float, places: Floats
) -> int:
    """The last of places (K, 2) to which the straight line from (x, y) meets no blocked cell, or else the second."""
    for k in range(len(places) - 1, 0, -1):
        if in_sight(blocked, resolution, origin_x, origin_y, x, y, places[k, 0], places[k, 1]):
            return k
    return min(1, len(places) - 1)
