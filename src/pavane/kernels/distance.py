"""Exact distance from cell centres to the nearest solid cell, cells taken as the squares they are."""

from __future__ import annotations

import numpy as np

from pavane.arrays import Bools, Floats32
from pavane.kernels.jit import exact_kernel

FEW = 20  # columns of a row
DEEP = 8  # cells; how far inside solid things depth is still told apart


@exact_kernel
def _distance(solid, reach):
    """Squared distances (rows, columns), in cells, from each centre to the nearest solid square, up to ``reach`` cells.

    Separable: along a column the gap is a whole number of cells n, and the square's edge is n - 1/2 away; then the same
    along the row, over the columns' answers (Felzenszwalb and Huttenlocher 2012, with that shape of the parabola).
    """
    rows, columns = solid.shape
    far, none = np.float32((reach + 1.0) ** 2), np.float32(reach + 2.0)
    gap = np.empty((rows, columns), np.float32)
    last = np.full(columns, none)  # whole cells along the column to the last solid one
    for r in range(rows):
        for c in range(columns):
            last[c] = np.float32(0.0) if solid[r, c] else last[c] + np.float32(1.0)
            gap[r, c] = last[c]
    last[:] = none
    for r in range(rows - 1, -1, -1):
        for c in range(columns):
            last[c] = np.float32(0.0) if solid[r, c] else last[c] + np.float32(1.0)
            n = min(last[c], gap[r, c])
            edge = n - np.float32(0.5)
            gap[r, c] = np.float32(0.0) if n == 0.0 else edge * edge if n <= reach else far
    out = np.empty((rows, columns), np.float32)
    near = np.empty(columns, np.int64)
    for r in range(rows):
        count = 0
        for c in range(columns):
            if gap[r, c] < far:
                near[count] = c
                count += 1
        if count < FEW:  # a few marks in a window: sooner asked one by one than looked for
            for c in range(columns):
                best = gap[r, c]
                for n in range(count):
                    i = abs(c - near[n])
                    if 0 < i <= reach:
                        best = min(best, np.float32((i - 0.5) ** 2) + gap[r, near[n]])
                out[r, c] = best
            continue
        for c in range(columns):
            best = gap[r, c]
            for i in range(1, reach + 1):
                side = np.float32((i - 0.5) ** 2)
                if side >= best:
                    break
                if c - i >= 0:
                    best = min(best, side + gap[r, c - i])
                if c + i < columns:
                    best = min(best, side + gap[r, c + i])
            out[r, c] = best
    return out


def clearance(solid: Bools, resolution: float, reach: float) -> Floats32:
    """Signed distance (rows, columns), m, of every cell centre from the nearest solid square; negative inside.

    Inside, depths beyond ``DEEP`` + 1 cells are cut to that.

    Args:
        solid: (rows, columns) True where nothing may be.
        resolution: edge of a cell, m.
        reach: distances beyond this are cut to it, m.
    """
    cells = int(np.ceil(reach / resolution))
    outside = np.sqrt(_distance(solid, cells)) * resolution
    inside = np.sqrt(_distance(~solid, min(cells, DEEP))) * resolution
    return np.minimum(np.where(solid, -inside, outside), reach).astype(np.float32)
