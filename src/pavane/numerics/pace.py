"""Paces: how fast a robot may go at each cell of a map, as a share of full speed."""

from __future__ import annotations

import numpy as np

from pavane.numerics.jit import exact_kernel

MOST_DISCOMFORT = 3.0  # more does not make a way longer: what a window can tell apart has an end


@exact_kernel
def paces(clearance, discomfort, radius, band, tight, discomfort_cost):
    """Return the share of full speed (rows, columns) float32 at cells; see ``global_planner.pace``.

    It rises from a half beside solid cells to all of it ``band`` m further, and is a tenth within ``tight`` m.

    Args:
        clearance: (rows, columns) float32 of cell centres from solid cells, m.
        discomfort: (rows, columns) float32 that entities add; may be empty.
        radius: of the robot's passage, m.
        band: m.
        tight: m.
        discomfort_cost: m that a metre counts more where discomfort is 1.
    """
    rows, columns = clearance.shape
    out = np.empty((rows, columns), np.float32)
    half, tenth, most = np.float32(0.5), np.float32(0.1), np.float32(MOST_DISCOMFORT)
    slope, size, narrow, per_discomfort = (
        np.float32(0.5 / band),
        np.float32(radius),
        np.float32(tight),
        np.float32(discomfort_cost),
    )
    for r in range(rows):
        for c in range(columns):
            gap = clearance[r, c] - size
            share = min(max(half + slope * gap, half), np.float32(1.0))
            if discomfort.shape[0] > 0:
                share = share / (np.float32(1.0) + per_discomfort * min(discomfort[r, c], most) * share)
            out[r, c] = np.float32(0.0) if gap < np.float32(0.0) else min(share, tenth) if gap < narrow else share
    return out


@exact_kernel
def slowed_in(speed, discs, pace):
    """Return paces (rows, columns) cut to ``pace`` inside discs (N, 3) of column, row and radius, in cells."""
    rows, columns = speed.shape
    out = speed.copy()
    for n in range(discs.shape[0]):
        column, row, radius = discs[n]
        for r in range(max(int(row - radius), 0), min(int(row + radius) + 1, rows)):
            for c in range(max(int(column - radius), 0), min(int(column + radius) + 1, columns)):
                if np.hypot(r - row, c - column) < radius:
                    out[r, c] = min(out[r, c], np.float32(pace))
    return out
