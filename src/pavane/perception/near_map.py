"""The 2x2 m near map: the known map and the newest scan, at 2.5 cm."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.belief import NearMap
from pavane.core.geometry import Grid, Pose
from pavane.perception.kernels.near_map import near_window
from pavane.perception.scan_layer import ScanLayer

SIDE = 80  # cells of 2.5 cm: 2 m
SCALE = 2  # near cells per cell of the static lattice
REACH = 2.0  # m; the window's corners are nearer
EXPLAINED_STDS, EXPLAINED_LEAST = 4.0, 0.03  # of the range noise, m: what the guard ascribes to a mapped wall
MEMORY = 2.0  # s that something seen stays where the lidar does not look now
STILL: Floats = np.zeros((0, 4))  # nothing moves


def near_layer(static: Grid[np.float32], range_std: float) -> ScanLayer:
    """Return the layer that feeds near maps: it ascribes to mapped walls no more than range noise explains."""
    return ScanLayer(static, max(EXPLAINED_LEAST, EXPLAINED_STDS * range_std), SCALE, reach=REACH)


def near_map(
    static: Grid[np.float32], layer: ScanLayer, map_from_base: Pose, now: float, moving: Floats = STILL
) -> NearMap:
    """Cut the near window around the robot.

    Args:
        static: clearance of the map.
        layer: what scans added, ``SCALE`` times finer.
        map_from_base: where the robot is.
        now: s.
        moving: see :class:`NearMap`.
    """
    resolution = layer.resolution
    cell = layer.origin.inverse() @ map_from_base
    column, row = (int(np.floor(c / resolution)) - SIDE // 2 for c in (cell.x, cell.y))
    solid = np.empty((SIDE, SIDE), np.bool_)
    near_window(static.data, layer.hits, solid, column, row, layer.scale, now - MEMORY)
    return NearMap(solid, resolution, layer.origin @ Pose(column * resolution, row * resolution), layer.stamp, moving)
