"""Exact clearance between the robot's outline and solid cells or people.

An outline is every point within ``radius`` of a convex polygon; a disc is one vertex. Cells are closed squares, and
what lies outside the grid is solid. Clearance is the distance between the two sets, or minus the depth of the overlap:
the shortest way that the outline would have to move to come free of that one cell.
"""

from __future__ import annotations

import math

import numpy as np

from pavane.core.arrays import Bools, Floats
from pavane.numerics.jit import exact_kernel


@exact_kernel
def _place(vertices: Floats, x: float, y: float, yaw: float) -> Floats:
    """Return vertices in the frame of the pose.

    Args:
        vertices: (N, 2) in the base frame, m.
        x: where the base stands, m.
        y: likewise.
        yaw: its heading, rad.
    """
    c, s = math.cos(yaw), math.sin(yaw)
    placed = np.empty_like(vertices)
    for i in range(len(vertices)):
        placed[i, 0] = x + c * vertices[i, 0] - s * vertices[i, 1]
        placed[i, 1] = y + s * vertices[i, 0] + c * vertices[i, 1]
    return placed


@exact_kernel
def _point_to_square(x: float, y: float, centre_x: float, centre_y: float, half: float) -> float:
    """Return the distance of a point from a square, or minus its depth inside, m.

    Args:
        x: m.
        y: m.
        centre_x: of the square, m.
        centre_y: likewise.
        half: half its side, m.
    """
    out_x, out_y = abs(x - centre_x) - half, abs(y - centre_y) - half
    if out_x <= 0.0 and out_y <= 0.0:
        return max(out_x, out_y)
    return math.hypot(max(out_x, 0.0), max(out_y, 0.0))


@exact_kernel
def _point_to_segment(x: float, y: float, start_x: float, start_y: float, end_x: float, end_y: float) -> float:
    """Return the distance of a point from a segment, m.

    Args:
        x: of the point, m.
        y: likewise.
        start_x: where the segment begins, m.
        start_y: likewise.
        end_x: where it ends, m.
        end_y: likewise.
    """
    edge_x, edge_y = end_x - start_x, end_y - start_y
    along = ((x - start_x) * edge_x + (y - start_y) * edge_y) / (edge_x * edge_x + edge_y * edge_y)
    along = min(max(along, 0.0), 1.0)
    return math.hypot(x - start_x - along * edge_x, y - start_y - along * edge_y)


@exact_kernel
def _polygon_to_square(polygon: Floats, centre_x: float, centre_y: float, half: float) -> float:
    """Return the distance of a convex counter-clockwise polygon from a square, or minus the depth of their overlap.

    Separating axes tell apart from overlapping and give the depth; between separate shapes the nearest pair of points
    always holds a corner of one of them.

    Args:
        polygon: (N, 2) corners, m.
        centre_x: of the square, m.
        centre_y: likewise.
        half: half its side, m.
    """
    count = len(polygon)
    if count == 1:
        return _point_to_square(polygon[0, 0], polygon[0, 1], centre_x, centre_y, half)
    low_x, high_x = polygon[:, 0].min() - centre_x, polygon[:, 0].max() - centre_x
    low_y, high_y = polygon[:, 1].min() - centre_y, polygon[:, 1].max() - centre_y
    gap = max(max(low_x - half, -high_x - half), max(low_y - half, -high_y - half))
    distance = np.inf
    for i in range(count):
        x, y = polygon[i, 0], polygon[i, 1]
        next_x, next_y = polygon[(i + 1) % count, 0], polygon[(i + 1) % count, 1]
        length = math.hypot(next_x - x, next_y - y)
        normal_x, normal_y = (next_y - y) / length, (x - next_x) / length
        out = (centre_x - x) * normal_x + (centre_y - y) * normal_y - half * (abs(normal_x) + abs(normal_y))
        gap = max(gap, out)
        distance = min(distance, _point_to_square(x, y, centre_x, centre_y, half))
        for corner in range(4):
            corner_x = centre_x + (half if corner & 1 else -half)
            corner_y = centre_y + (half if corner & 2 else -half)
            distance = min(distance, _point_to_segment(corner_x, corner_y, x, y, next_x, next_y))
    return gap if gap <= 0.0 else distance


@exact_kernel
def cell_clearance(
    vertices: Floats,
    radius: float,
    x: float,
    y: float,
    yaw: float,
    solid: Bools,
    resolution: float,
    origin_x: float,
    origin_y: float,
    reach: float,
) -> float:
    """Return the clearance of an outline from the nearest solid cell, m, negative where they overlap; up to ``reach``.

    Args:
        vertices: (N, 2) corners of the outline in the base frame, counter-clockwise, m.
        radius: rounding of the outline, m.
        x: where the base stands in the frame of the grid, m.
        y: likewise.
        yaw: its heading, rad.
        solid: (rows, columns) True where a cell is solid.
        resolution: edge of a cell, m.
        origin_x: x of the outer corner of cell (0, 0), m.
        origin_y: y of the same corner, m.
        reach: clearance beyond which nothing matters, m, >= 0.
    """
    rows, columns = solid.shape
    polygon = _place(vertices, x, y, yaw)
    around = radius + reach
    first_column = int(math.floor((polygon[:, 0].min() - around - origin_x) / resolution))
    last_column = int(math.floor((polygon[:, 0].max() + around - origin_x) / resolution))
    first_row = int(math.floor((polygon[:, 1].min() - around - origin_y) / resolution))
    last_row = int(math.floor((polygon[:, 1].max() + around - origin_y) / resolution))
    clearance = reach
    for row in range(first_row, last_row + 1):
        for column in range(first_column, last_column + 1):
            if 0 <= row < rows and 0 <= column < columns and not solid[row, column]:
                continue
            centre_x = origin_x + (column + 0.5) * resolution
            centre_y = origin_y + (row + 0.5) * resolution
            distance = _polygon_to_square(polygon, centre_x, centre_y, 0.5 * resolution) - radius
            clearance = min(clearance, distance)
    return clearance


@exact_kernel
def point_clearance(
    vertices: Floats, radius: float, x: float, y: float, yaw: float, point_x: float, point_y: float
) -> tuple[float, float, float]:
    """Return the distance of a point from an outline, m, negative inside, and the unit normal x, y out to it.

    Args:
        vertices: outline and pose as in `cell_clearance`, likewise the four below.
        radius: m.
        x: m.
        y: m.
        yaw: rad.
        point_x: the point in the same frame as the pose, m.
        point_y: likewise.
    """
    polygon = _place(vertices, x, y, yaw)
    count = len(polygon)
    nearest, depth = np.inf, -np.inf
    near_x, near_y, out_x, out_y = polygon[0, 0], polygon[0, 1], 1.0, 0.0
    for i in range(count):
        start_x, start_y = polygon[i, 0], polygon[i, 1]
        edge_x = polygon[(i + 1) % count, 0] - start_x
        edge_y = polygon[(i + 1) % count, 1] - start_y
        square = edge_x * edge_x + edge_y * edge_y
        along = 0.0
        if count > 1:
            along = min(max(((point_x - start_x) * edge_x + (point_y - start_y) * edge_y) / square, 0.0), 1.0)
            length = math.sqrt(square)
            out = ((point_x - start_x) * edge_y - (point_y - start_y) * edge_x) / length
            if out > depth:
                depth, out_x, out_y = out, edge_y / length, -edge_x / length
        foot_x, foot_y = start_x + along * edge_x, start_y + along * edge_y
        distance = math.hypot(point_x - foot_x, point_y - foot_y)
        if distance < nearest:
            nearest, near_x, near_y = distance, foot_x, foot_y
    if count > 1 and depth <= 0.0:
        return depth - radius, out_x, out_y
    if nearest > 0.0:
        out_x, out_y = (point_x - near_x) / nearest, (point_y - near_y) / nearest
    return nearest - radius, out_x, out_y
