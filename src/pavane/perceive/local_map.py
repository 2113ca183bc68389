"""The 6x6 m local map: static clearance of the known map and what the scans added."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pavane.belief import LocalMap
from pavane.geometry import Grid, Pose
from pavane.kernels.distance import clearance as distance
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.perceive.scan_layer import ScanLayer

SIDE = 120  # cells of 5 cm: 6 m
MEMORY = 10.0  # s that something seen once stays, unless a ray passes through it
REACH = 1.5  # m
EXPLAINED = 0.08  # m; a return this near to a mapped wall is ascribed to it: noise, and the map's own error


def local_map(
    static: Grid[np.float32],
    layer: ScanLayer,
    map_from_base: Pose,
    now: float,
    unease: Grid[np.float32] | None = None,
) -> LocalMap:
    """Cut the window around the robot out of the static field and lower it where scans saw more.

    Args:
        static: clearance of the known map, m.
        layer: unexplained returns on the same lattice.
        map_from_base: where the robot is.
        now: what is older than ``MEMORY`` before this is forgotten, s.
        unease: of mapped things, on the lattice of ``static``; None where there are none.
    """
    column, row = static.indices(np.array([[map_from_base.x, map_from_base.y]]))[0] - SIDE // 2
    rows, columns = static.data.shape
    field = np.full((SIDE, SIDE), -0.5, np.float32)  # what lies beyond the map is never seen, and solid
    seen = np.zeros((SIDE, SIDE), np.bool_)
    uneasy = None if unease is None else np.zeros((SIDE, SIDE), np.float32)
    r0, r1, c0, c1 = max(row, 0), min(row + SIDE, rows), max(column, 0), min(column + SIDE, columns)
    if r1 > r0 and c1 > c0:
        inner = np.s_[r0 - row : r1 - row, c0 - column : c1 - column]
        field[inner] = static.data[r0:r1, c0:c1]
        seen[inner] = layer.seen[r0:r1, c0:c1]
        if uneasy is not None and unease is not None:
            uneasy[inner] = unease.data[r0:r1, c0:c1]
        fresh = np.zeros((SIDE, SIDE), np.bool_)
        fresh[inner] = layer.hits[r0:r1, c0:c1] > now - MEMORY
        if fresh.any():
            field = np.minimum(field, distance(fresh, static.resolution, REACH))
    offset = Pose(column * static.resolution, row * static.resolution)
    return LocalMap(field, seen, static.resolution, static.origin @ offset, layer.stamp, uneasy)


def mapped_window(home: OccupancyMap, map_from_base: Pose, now: float = 0.0) -> LocalMap:
    """The window of the known map alone, as if no scan had added anything: for a planner without a navigator.

    Args:
        home: the map.
        map_from_base: where the robot is.
        now: the window's stamp, s.
    """
    static = clearance_grid(home)
    window = local_map(static, ScanLayer(static, EXPLAINED), map_from_base, now)
    return replace(window, stamp=now)
