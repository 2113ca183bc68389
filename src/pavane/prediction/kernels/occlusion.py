"""Blind corners: where a view falls back, a person may stand beside it unseen."""

from __future__ import annotations

import math

import numpy as np

from pavane.core.arrays import Floats, Floats32
from pavane.numerics.jit import exact_kernel
from pavane.numerics.raycast import cast_rays

RAYS = 240
JUMP = 0.6  # m by which the view falls back at a corner: more than a body
BEHIND = (0.3, 0.5, 0.8, 1.2, 1.6, 2.0)  # m beyond the corner at which a person may stand
APART = 0.4  # m between places


@exact_kernel
def _fits_behind(ranges: Floats, ray: int, side: int, distance: float, body: float) -> bool:
    """Return whether a body beside a ray is out of sight as a whole.

    Args:
        ranges: (RAYS,) how far is seen along each ray, m.
        ray: that hits the edge.
        side: 1 if the way into view leads counter-clockwise, -1 if clockwise.
        distance: of the body's middle along that ray, m.
        body: half its width, m.
    """
    fits = True
    for n in range(int(2.0 * body / distance * RAYS / (2.0 * math.pi)) + 1):
        fits = fits and ranges[(ray - side * n) % RAYS] < distance - body
    return fits


@exact_kernel
def _is_apart(found: Floats, x: float, y: float) -> bool:
    """Return whether a place is far enough from all that were found (N, 5)."""
    apart = True
    for n in range(len(found)):
        apart = apart and math.hypot(found[n, 1] - x, found[n, 2] - y) > APART
    return apart


@exact_kernel
def hidden_places(
    clearance: Floats32, resolution: float, x: float, y: float, reach: float, body: float, most: int
) -> Floats:
    """Return the nearest places (N, 5) just out of sight from (x, y).

    A row is the distance of the edge, x, y of a body behind it, and a unit vector round the edge. A ray that just
    misses an edge goes on much further than the ray beside it that hits: behind that edge, beside the long ray, a body
    has room that nobody sees. Where it would stick out, as behind a chair's leg, there is none.

    Args:
        clearance: (rows, columns) of cell centres, m; solid below zero. Lengths are along its axes, from its corner.
        resolution: edge of a cell, m.
        x: where the view is from, m.
        y: likewise.
        reach: edges further away do not count, m.
        body: half the width of a person who may be hidden, m.
        most: how many are wanted.
    """
    rows, columns = clearance.shape
    angles = np.empty(RAYS)
    for i in range(RAYS):
        angles[i] = i * (2.0 * math.pi / RAYS)
    far = reach + 1.0
    ranges = cast_rays(clearance < 0.0, resolution, 0.0, 0.0, x, y, angles, far, np.zeros((0, 3)))
    found = np.empty((2 * RAYS, 5), np.float64)
    count = 0
    for i in range(RAYS):
        for side in (1, -1):  # the open ray lies counter-clockwise of the edge, or clockwise
            edge = ranges[i]
            if edge > reach or min(ranges[(i + side) % RAYS], far) - edge < JUMP:
                continue
            along_x, along_y = math.cos(angles[i]), math.sin(angles[i])
            way_x, way_y = -side * along_y, side * along_x
            for beyond in BEHIND:
                distance = edge + beyond
                px, py = x + distance * along_x - body * way_x, y + distance * along_y - body * way_y
                column, row = int(px / resolution), int(py / resolution)
                if column < 0 or column >= columns or row < 0 or row >= rows:
                    break
                if clearance[row, column] < body:
                    continue
                if _fits_behind(ranges, i, side, distance, body) and _is_apart(found[:count], px, py):
                    to_x, to_y = 2.0 * body * way_x - beyond * along_x, 2.0 * body * way_y - beyond * along_y
                    length = math.hypot(to_x, to_y)
                    found[count] = edge, px, py, to_x / length, to_y / length
                    count += 1
                break
    nearest = np.argsort(found[:count, 0], kind="mergesort")[:most]
    return found[nearest]
