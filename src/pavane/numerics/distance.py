"""Exact distance from cell centres to the nearest solid cell, cells taken as the squares they are."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Bools, Floats32
from pavane.numerics.jit import exact_kernel

DEEP = 8  # cells; how far inside solid cells depth is still told apart


@exact_kernel
def _distance(solid, reach):
    """Return squared distances (rows, columns), in cells, from each centre to the nearest solid square, up to a reach.

    Separable: along a column the gap is a whole number of cells n, and the square's edge is n - 1/2 away; then the same
    along the row, over the columns' answers (Felzenszwalb and Huttenlocher 2012, with that shape of the parabola).
    """
    rows, columns = solid.shape
    far, none = np.float32((reach + 1.0) ** 2), np.float32(reach + 2.0)
    gap = np.empty((rows, columns), np.float32)
    last = np.full(columns, none)  # whole cells along the column to the last solid one
    zero, one, half = np.float32(0.0), np.float32(1.0), np.float32(0.5)
    for r in range(rows):  # slices of rows: loops over them take many cells at once
        full, ahead = solid[r], gap[r]
        for c in range(columns):
            last[c] = zero if full[c] else last[c] + one
            ahead[c] = last[c]
    last[:] = none
    for r in range(rows - 1, -1, -1):
        full, squares = solid[r], gap[r]
        for c in range(columns):
            last[c] = zero if full[c] else last[c] + one
            n = min(last[c], squares[c])
            edge = n - half
            squares[c] = zero if n == zero else edge * edge if n <= np.float32(reach) else far
    out = gap.copy()
    for r in range(rows):
        best, squares = out[r], gap[r]
        lowest, highest = squares.min(), squares.max()
        for i in range(1, reach + 1):
            side = (np.float32(i) - half) ** 2
            if side + lowest >= highest:
                break
            left, right = squares[: columns - i], squares[i:]
            before, after = best[: columns - i], best[i:]
            for c in range(columns - i):
                before[c] = min(before[c], side + right[c])
            for c in range(columns - i):
                after[c] = min(after[c], side + left[c])
    return out


def clearance(solid: Bools, resolution: float, reach: float) -> Floats32:
    """Return the signed distance (rows, columns), m, of cell centres from the nearest solid square; negative inside.

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
