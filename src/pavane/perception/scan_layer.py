"""ScanLayer: what the lidar saw that the map does not know, on a lattice over the whole map."""

from __future__ import annotations

import math

import numpy as np

from pavane.core.arrays import Bools, Floats, Floats32
from pavane.core.geometry import Footprint, Grid, Pose
from pavane.core.messages import Scan
from pavane.perception.kernels.ray_marking import mark_rays


class ScanLayer:
    """Stamps of the newest unexplained return per cell; a cell that a newer ray passes through is empty again.

    Args:
        clearance: static clearance of the map, m.
        explained: a return this near to a mapped wall is the wall's (range noise, map error), m.
        scale: how many times finer the layer is than ``clearance``.
        reach: how far along its rays a scan is entered, m.
    """

    def __init__(self, clearance: Grid[np.float32], explained: float, scale: int = 1, *, reach: float = np.inf) -> None:
        rows, columns = clearance.data.shape
        self.scale, self.explained, self.reach = scale, explained, reach
        self.resolution = clearance.resolution / scale
        self.origin = clearance.origin
        self.clearance: Floats32 = clearance.data
        self.hits: Floats = np.full((rows * scale, columns * scale), -np.inf)
        self.seen: Bools = np.kron(clearance.data > 0.0, np.ones((scale, scale), np.bool_))
        self.stamp = -np.inf

    def add(self, scan: Scan, map_from_base: Pose, people: Floats) -> None:
        """Enter a scan taken at ``map_from_base``; leave out ``people`` (P, 3): x, y, radius in ``map``, m."""
        lidar = map_from_base @ scan.mount
        angles = scan.angles + lidar.yaw
        sensor = self._cells(np.array([[lidar.x, lidar.y]]))[0]
        discs = np.empty((len(people), 3))
        discs[:, :2] = self._cells(people[:, :2])
        discs[:, 2] = people[:, 2] / self.resolution
        directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        ranges = np.ascontiguousarray(scan.ranges, dtype=np.float64)  # another type would compile anew in mid-drive
        rays = sensor, directions, ranges, float(min(scan.range_max, self.reach))
        layer = self.hits, self.seen, self.clearance, self.scale, self.resolution
        mark_rays(layer, rays, float(scan.stamp), self.explained, discs)
        self.stamp = max(self.stamp, scan.stamp)

    def forget(self, discs: Floats) -> None:
        """Take back what was seen inside discs (N, 3): x, y, radius in ``map``, m."""
        for (column, row), radius in zip(self._cells(discs[:, :2]), discs[:, 2] / self.resolution, strict=True):
            rows, columns = self._around(column, row, radius)
            r, c = np.ogrid[rows, columns]
            self.hits[rows, columns][np.hypot(r - row, c - column) < radius] = -np.inf

    def stand(self, shape: Footprint, map_from_base: Pose) -> None:
        """Take back what was seen where the robot has stood since: nothing else can be there, and no ray looks."""
        (column, row), *_ = self._cells(np.array([[map_from_base.x, map_from_base.y]]))
        rows, columns = self._around(column, row, shape.circumscribed_radius / self.resolution)
        part = self.hits[rows, columns]
        r, c = np.nonzero(part > -np.inf)
        if len(r):
            places = (np.stack([c + columns.start, r + rows.start], axis=1) + 0.5) * self.resolution
            inside = shape.signed_distance(map_from_base.inverse().transform(self.origin.transform(places))) < 0.0
            part[r[inside], c[inside]] = -np.inf

    def _around(self, column: float, row: float, radius: float) -> tuple[slice, slice]:
        """Return the rows and columns of the cells within ``radius`` cells of a place, as far as there are any."""
        (r0, r1), (c0, c1) = (
            np.clip((math.ceil(middle - radius), math.floor(middle + radius) + 1), 0, size).tolist()
            for middle, size in zip((row, column), self.hits.shape, strict=True)
        )
        return slice(r0, r1), slice(c0, c1)

    def _cells(self, points: Floats) -> Floats:
        """Return continuous cells (N, 2), column and row, of points (N, 2) in ``map``."""
        return self.origin.inverse().transform(points) / self.resolution - 0.5
