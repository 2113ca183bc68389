"""Vertices of what is drawn flat on the floor: strips along paths, arrows, cells, discs, cones, frames."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats
from pavane.viewer import shapes
from pavane.viewer.shapes import Mesh

DISC = 20  # corners of a disc
NOTHING = np.empty((0, 1, 3))
CUBE = shapes.box((-0.5, 0.5), (-0.5, 0.5), (0.0, 1.0))
_SHAFT = [(-0.14, -0.018), (0.04, -0.018), (0.04, -0.06), (0.15, 0.0), (0.04, 0.06), (0.04, 0.018), (-0.14, 0.018)]
ARROW = shapes.flat(np.array(_SHAFT), 0.0)


def strip(count: int) -> Mesh:
    """Return a strip along a path of ``count`` points, for a pool of such."""
    return shapes.ribbon(np.zeros((count, 2)), 1.0, 0.0)


def along(paths: Floats, count: int) -> Floats:
    """Return points (..., count, 2) evenly in number along paths (..., K, 2)."""
    place = np.linspace(0.0, paths.shape[-2] - 1.0, count)
    low = np.minimum(place.astype(int), max(paths.shape[-2] - 2, 0))
    share = (place - low)[:, None]
    high = np.minimum(low + 1, paths.shape[-2] - 1)
    found: Floats = (1.0 - share) * paths[..., low, :] + share * paths[..., high, :]
    return found


def strips(paths: Floats, width: float, z: float) -> Floats:
    """Return paths (N, K, 2) as strips (N, 2 K, 3) lying at a height, in the order of ``shapes.ribbon``, m."""
    direction = np.empty_like(paths)
    direction[:, 1:-1] = paths[:, 2:] - paths[:, :-2]
    direction[:, 0], direction[:, -1] = paths[:, 1] - paths[:, 0], paths[:, -1] - paths[:, -2]
    length = np.maximum(np.hypot(direction[..., 0], direction[..., 1]), 1e-9)[..., None]
    across = np.stack([-direction[..., 1], direction[..., 0]], axis=-1) * (0.5 * width / length)
    sides = np.concatenate([paths - across, paths + across], axis=1)
    return np.concatenate([sides, np.full((*sides.shape[:2], 1), z)], axis=2)


def pointing(arrows: Floats) -> Floats:
    """Return arrows (A, 7, 3) for places and unit vectors (A, 4), m."""
    shape = ARROW.vertices
    x, y, c, s = arrows.T[:, :, None]
    out = np.empty((len(arrows), len(shape), 3))
    out[..., 0] = x + c * shape[:, 0] - s * shape[:, 1]
    out[..., 1] = y + s * shape[:, 0] + c * shape[:, 1]
    out[..., 2] = 0.022
    return out


def cubes(points: Floats, cell: float, height: float) -> Floats:
    """Return blocks (N, 8, 3) over cells of edge ``cell`` with their middles at (N, 2), m."""
    shape = CUBE.vertices * (cell, cell, height)
    at = np.column_stack([points, np.zeros(len(points))])
    return shape[None] + at[:, None]


def discs(places: Floats, radius: Floats) -> Floats:
    """Return discs (D, DISC, 3) of given radii (D,) about places (D, 2), each a little above the one before, m."""
    rim = places[:, None] + radius[:, None, None] * shapes.disc(1.0, DISC)
    height = 0.014 + 0.001 * np.arange(len(places))[:, None, None]
    return np.concatenate([rim, np.broadcast_to(height, (len(places), DISC, 1))], axis=2)


def cone(tip: Floats, rim: Floats) -> Mesh:
    """Return a fan of triangles from a tip (2,) to a rim (R, 2), m."""
    i = np.arange(len(rim) - 1)
    faces = np.column_stack([np.zeros_like(i), i + 1, i + 2])
    return Mesh(np.column_stack([np.vstack([tip[None], rim]), np.full(len(rim) + 1, 0.016)]), faces)


def square_rim(width: float) -> Mesh:
    """Return the rim of a unit square, ``width`` wide."""
    w = width
    sides = ((0.0, 1.0, 0.0, w), (0.0, 1.0, 1.0 - w, 1.0), (0.0, w, w, 1.0 - w), (1.0 - w, 1.0, w, 1.0 - w))
    return shapes.merge([shapes.box((a, b), (c, d), (0.01, 0.02)) for a, b, c, d in sides])
