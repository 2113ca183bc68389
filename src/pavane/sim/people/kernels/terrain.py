"""Terrain: room around a body on a grid and beside the robot, and ways over cells."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from pavane.core.arrays import Bools, Floats, Floats32, Ints
from pavane.numerics.jit import exact_kernel
from pavane.numerics.raycast import in_sight


class Terrain(NamedTuple):
    """The ground of one home, for bodies of several radii.

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


class RobotOutline(NamedTuple):
    """The robot's outline and how it moves.

    Args:
        x: of its base in ``map``, m.
        y: likewise.
        yaw: likewise, rad.
        vx: velocity of its base in ``map``, m/s.
        vy: likewise.
        omega: yaw rate, rad/s.
        vertices: (K, 2) of the outline in the base frame, as in ``overlap``, m.
        radius: by which the outline is wider than the polygon of its vertices, m.
    """

    x: float
    y: float
    yaw: float
    vx: float
    vy: float
    omega: float
    vertices: Floats
    radius: float


class Clearance(NamedTuple):
    """The distance of something, m, and the vector away from it: a unit vector, or the slope of ``Terrain``."""

    gap: float
    out_x: float
    out_y: float


@exact_kernel
def _interpolate(field: Floats32, column: float, row: float) -> float:
    """Return a field between the centres of its cells, bilinear; flat beyond its border."""
    rows, columns = field.shape
    c, r = min(max(column - 0.5, 0.0), columns - 1.001), min(max(row - 0.5, 0.0), rows - 1.001)
    c0, r0 = int(c), int(r)
    fc, fr = c - c0, r - r0
    low = field[r0, c0] * (1.0 - fc) + field[r0, c0 + 1] * fc
    high = field[r0 + 1, c0] * (1.0 - fc) + field[r0 + 1, c0 + 1] * fc
    return low * (1.0 - fr) + high * fr


@exact_kernel
def wall_clearance(terrain: Terrain, layer: int, x: float, y: float) -> Clearance:
    """Return the room around a body at a point, and the slope of the field that leads away from walls.

    Args:
        terrain: the ground.
        layer: of the fields, for the body's radius.
        x: of the body's centre in ``map``, m.
        y: likewise.
    """
    column = (x - terrain.origin_x) / terrain.resolution
    row = (y - terrain.origin_y) / terrain.resolution
    out_x, out_y = _interpolate(terrain.slope_x[layer], column, row), _interpolate(terrain.slope_y[layer], column, row)
    return Clearance(_interpolate(terrain.air[layer], column, row), out_x, out_y)


@exact_kernel
def robot_clearance(robot: RobotOutline, x: float, y: float) -> Clearance:
    """Return the distance of a point from the robot's outline, and the normal; see ``overlap.point_clearance``."""
    c, s = math.cos(robot.yaw), math.sin(robot.yaw)
    px, py = c * (x - robot.x) + s * (y - robot.y), c * (y - robot.y) - s * (x - robot.x)
    count = len(robot.vertices)
    nearest, depth, out_x, out_y, inner_x, inner_y = np.inf, -np.inf, 1.0, 0.0, 1.0, 0.0
    for i in range(count):
        start_x, start_y = robot.vertices[i, 0], robot.vertices[i, 1]
        edge_x = robot.vertices[(i + 1) % count, 0] - start_x
        edge_y = robot.vertices[(i + 1) % count, 1] - start_y
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
    return Clearance(nearest - robot.radius, c * out_x - s * out_y, s * out_x + c * out_y)


@exact_kernel
def disc_clearance(terrain: Terrain, x: float, y: float, radius: float) -> Clearance:
    """Return the exact distance of a disc from the nearest wall cell, and the unit vector that leads away from it.

    It is negative where they overlap, 0 where they do not: only cells that the disc covers are looked at.

    Args:
        terrain: the ground.
        x: of the disc's centre in ``map``, m.
        y: likewise.
        radius: of the disc, m.
    """
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
    return Clearance(nearest - radius, out_x, out_y)


@exact_kernel
def fits(terrain: Terrain, x: float, y: float, radius: float) -> bool:
    """Return whether a disc overlaps no wall and its centre is on the floor.

    Args:
        terrain: the ground.
        x: of the disc's centre in ``map``, m.
        y: likewise.
        radius: of the disc, m.
    """
    rows, columns = terrain.walls.shape
    column = int(math.floor((x - terrain.origin_x) / terrain.resolution))
    row = int(math.floor((y - terrain.origin_y) / terrain.resolution))
    if column < 0 or column >= columns or row < 0 or row >= rows or not terrain.floor[row, column]:
        return False
    return disc_clearance(terrain, x, y, radius).gap >= 0.0


@exact_kernel
def trace(towards: Ints, node: int, steps: int) -> Ints:
    """Return the nodes (K,) of a way from a node on, at most ``steps`` further.

    Args:
        towards: (N,) the next node of each; negative at the end of a way.
        node: where the way begins.
        steps: most nodes after it.
    """
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
    """Return the index of the last place to which the straight line from (x, y) meets no blocked cell.

    It is 1, or 0 where there is but one place, if no line is free.

    Args:
        blocked: (rows, columns) cells that stop the line.
        resolution: edge of a cell, m.
        origin_x: x of the outer corner of cell (0, 0) in ``map``, m.
        origin_y: y of the same corner, m.
        x: where the line begins, m.
        y: likewise.
        places: (K, 2) in ``map``, m.
    """
    for k in range(len(places) - 1, 0, -1):
        if in_sight(blocked, resolution, origin_x, origin_y, x, y, places[k, 0], places[k, 1]):
            return k
    return min(1, len(places) - 1)
