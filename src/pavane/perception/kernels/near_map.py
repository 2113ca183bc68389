"""Cut the near map out of what scans left."""

from __future__ import annotations

import math

from pavane.numerics.jit import exact_kernel


@exact_kernel
def near_window(clearance, hits, solid, column, row, scale, since):
    """Fill ``solid`` (n, n) with what blocks the near window whose corner cell of ``hits`` is (column, row).

    A fine cell is solid where the static clearance, interpolated at its centre, is below 40 % of the fine cell, or
    where something was seen after ``since``. Beyond the map everything is solid.

    Args:
        clearance: static clearance on a lattice ``scale`` times coarser, m.
        hits: (rows, columns) stamps of the newest unexplained returns, s.
        solid: written.
        column: of the corner.
        row: likewise.
        scale: fine cells per cell of ``clearance``.
        since: s.
    """
    n = solid.shape[0]
    rows, columns = hits.shape
    coarse_rows, coarse_columns = clearance.shape
    limit = 0.4 * (0.05 / scale)
    for i in range(n):
        r = row + i
        fr = (r + 0.5) / scale - 0.5
        r0 = int(min(max(math.floor(fr), 0), coarse_rows - 2))
        t = min(max(fr - r0, 0.0), 1.0)
        for j in range(n):
            c = column + j
            if r < 0 or r >= rows or c < 0 or c >= columns:
                solid[i, j] = True
                continue
            fc = (c + 0.5) / scale - 0.5
            c0 = int(min(max(math.floor(fc), 0), coarse_columns - 2))
            u = min(max(fc - c0, 0.0), 1.0)
            low = clearance[r0, c0] * (1 - u) + clearance[r0, c0 + 1] * u
            high = clearance[r0 + 1, c0] * (1 - u) + clearance[r0 + 1, c0 + 1] * u
            solid[i, j] = low * (1 - t) + high * t < limit or hits[r, c] > since
