"""The 6x6 m local map: static clearance of the known map and what the scans added."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pavane.core.arrays import Bools, Floats32
from pavane.core.belief import LocalMap
from pavane.core.geometry import Grid, Pose
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.numerics.distance import clearance as distance
from pavane.perception.kernels.ray_marking import newer
from pavane.perception.scan_layer import ScanLayer

SIDE = 120  # cells of 5 cm: 6 m
MEMORY = 10.0  # s that something seen once stays, unless a ray passes through it
REACH = 1.5  # m
UNKNOWN = -0.5  # m: clearance beyond the map, which is never seen, and solid
EXPLAINED = 0.08  # m; a return this near to a mapped wall is ascribed to it: noise, and the map's own error


def local_map(
    static: Grid[np.float32],
    layer: ScanLayer,
    map_from_base: Pose,
    now: float,
    discomfort: Grid[np.float32] | None = None,
) -> LocalMap:
    """Cut the window around the robot out of the static field and lower it where scans saw more.

    Args:
        static: clearance of the known map, m.
        layer: unexplained returns on the same lattice.
        map_from_base: where the robot is.
        now: what is older than ``MEMORY`` before this is forgotten, s.
        discomfort: of mapped entities, on the lattice of ``static``; None where there are none.
    """
    column, row = (math.floor(number + 0.5) - SIDE // 2 for number in static.cell(map_from_base.x, map_from_base.y))
    corner = column, row
    field = cut(static.data, corner, UNKNOWN)
    fresh = np.zeros((SIDE, SIDE), np.bool_)
    if newer(layer.hits, corner, now - MEMORY, fresh):
        field = np.minimum(field, distance(fresh, static.resolution, REACH))
    uneasy = None if discomfort is None else cut(discomfort.data, corner, 0.0)
    origin = static.origin @ Pose(column * static.resolution, row * static.resolution)
    seen = cut(layer.seen, corner, False)
    return LocalMap(field, seen, static.resolution, origin, layer.stamp, uneasy)


def cut(data: NDArray[Any], corner: tuple[int, int], beyond: float) -> NDArray[Any]:
    """Return the window (SIDE, SIDE) of an array over the whole map whose first cell is ``corner`` (column, row).

    Cells beyond the map are ``beyond``.
    """
    (column, row), (rows, columns) = corner, data.shape
    out = np.full((SIDE, SIDE), beyond, data.dtype)
    r0, r1, c0, c1 = max(row, 0), min(row + SIDE, rows), max(column, 0), min(column + SIDE, columns)
    if r1 > r0 and c1 > c0:
        out[r0 - row : r1 - row, c0 - column : c1 - column] = data[r0:r1, c0:c1]
    return out


def mapped(static: Grid[np.float32], window: LocalMap) -> Floats32:
    """Return what the known map says under a local map: clearance, m."""
    at = static.origin.inverse() @ window.origin
    return cut(static.data, (round(at.x / static.resolution), round(at.y / static.resolution)), UNKNOWN)


def added(static: Grid[np.float32], window: LocalMap) -> Bools:
    """Return the cells of a local map that are solid because of what scans saw, and not on the known map."""
    solid: Bools = (window.clearance < 0.0) & (mapped(static, window) > 0.0)
    return solid


def mapped_window(home: OccupancyMap, map_from_base: Pose, now: float = 0.0) -> LocalMap:
    """Return the window of the known map alone, as if no scan had added anything: for a planner without a navigator.

    Args:
        home: the map.
        map_from_base: where the robot is.
        now: the window's stamp, s.
    """
    static = clearance_grid(home)
    window = local_map(static, ScanLayer(static, EXPLAINED), map_from_base, now)
    return replace(window, stamp=now)
