"""What a scan says of a lattice: which cells it saw through, and in which it saw something the map does not know.

All coordinates are continuous cells of the lattice. What belongs together is one tuple:

- ``layer``: ``hits`` (rows, columns), stamps of the newest unexplained returns, -inf where seen through; ``seen``, of
  the same shape, bool; the static ``clearance``, m, on a lattice ``scale`` times coarser; that scale; and the
  resolution, m a cell.
- ``rays``: ``sensor`` (2,) column and row, ``directions`` (N, 2) unit vectors, ``ranges`` (N,) and ``range_max``, m.
"""

from __future__ import annotations

import numpy as np

from pavane.numerics.jit import exact_kernel, spliced


@exact_kernel
def mark_rays(layer, rays, stamp, explained, people):
    """Write one scan into a layer: cells that rays pass are empty and seen, those where they end are hit.

    Args:
        layer: see above; ``hits`` and ``seen`` are written.
        rays: see above.
        stamp: of the scan, s.
        explained: a return nearer than this to a mapped wall is the wall's, m.
        people: (P, 3) column, row, radius of discs whose returns belong to people.
    """
    _see_through(layer, rays)
    _mark_returns(layer, rays, stamp, explained, people)


@spliced
def _see_through(layer, rays):
    """Empty the cells that rays pass, up to two cells before their end, and note that they are seen."""
    (hits, seen, _, _, resolution), (sensor, directions, ranges, range_max) = layer, rays
    rows, columns = hits.shape
    for i in range(ranges.shape[0]):
        reach = ranges[i]
        if np.isnan(reach):
            continue
        low, high = 0.0, (min(reach, range_max) / resolution - 2.0) * 2.0
        for axis in range(2):  # only the steps on the lattice, however far the ray goes
            step, size = 0.5 * directions[i, axis], columns if axis == 0 else rows
            if abs(step) < 1e-12:
                high = high if -1.0 <= sensor[axis] <= size else low
            else:
                enter, leave = (-1.0 - sensor[axis]) / step, (size - sensor[axis]) / step
                low, high = max(low, min(enter, leave)), min(high, max(enter, leave))
        if not low < high:
            continue
        for j in range(int(low), int(high)):
            c = int(np.floor(sensor[0] + 0.5 * j * directions[i, 0] + 0.5))
            r = int(np.floor(sensor[1] + 0.5 * j * directions[i, 1] + 0.5))
            if 0 <= r < rows and 0 <= c < columns:
                hits[r, c] = -np.inf
                seen[r, c] = True


@spliced
def _mark_returns(layer, rays, stamp, explained, people):
    """Stamp the cells in which rays end, but for returns that the map or a person explains.

    Args:
        layer: see :func:`mark_rays`, and likewise the others.
        rays: of the scan.
        stamp: of the scan, s.
        explained: m.
        people: discs (P, 3).
    """
    (hits, seen, clearance, scale, resolution), (sensor, directions, ranges, range_max) = layer, rays
    rows, columns = hits.shape
    for i in range(ranges.shape[0]):
        reach = ranges[i]
        if not np.isfinite(reach) or reach >= range_max:
            continue
        x = sensor[0] + reach / resolution * directions[i, 0]
        y = sensor[1] + reach / resolution * directions[i, 1]
        if not (-0.5 <= y < rows - 0.5 and -0.5 <= x < columns - 0.5):
            continue
        c, r = int(np.floor(x + 0.5)), int(np.floor(y + 0.5))
        seen[r, c] = True
        u = min(max((x + 0.5) / scale - 0.5, 0.0), clearance.shape[1] - 1.001)  # in cells of the static lattice
        t = min(max((y + 0.5) / scale - 0.5, 0.0), clearance.shape[0] - 1.001)
        cu, rt = int(u), int(t)
        u, t = u - cu, t - rt
        low = clearance[rt, cu] * (1.0 - u) + clearance[rt, cu + 1] * u
        high = clearance[rt + 1, cu] * (1.0 - u) + clearance[rt + 1, cu + 1] * u
        if low * (1.0 - t) + high * t < explained:
            continue
        for p in range(people.shape[0]):
            if (x - people[p, 0]) ** 2 + (y - people[p, 1]) ** 2 < people[p, 2] ** 2:
                break
        else:
            hits[r, c] = stamp


@exact_kernel
def newer(hits, corner, since, out):
    """Mark in a window ``out`` (n, m) bool what was seen after ``since``; return whether there is any.

    Args:
        hits: (rows, columns) stamps, s.
        corner: (column, row) in ``hits`` of the window's first cell, which may lie outside.
        since: s.
        out: written.
    """
    (column, row), (rows, columns) = corner, hits.shape
    left, right = max(0, -column), max(min(out.shape[1], columns - column), max(0, -column))
    count = np.int32(0)
    for r in range(max(0, -row), min(out.shape[0], rows - row)):
        stamps, marks = hits[row + r, column + left : column + right], out[r, left:right]
        for c in range(right - left):
            marks[c] = stamps[c] > since
            count += np.int32(stamps[c] > since)
    return count > 0
