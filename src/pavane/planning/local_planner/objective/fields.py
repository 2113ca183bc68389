"""Fields of a window as quadratic B-splines that take their values at the lattice points: read and packed.

A value at (x, y) is sum_ij b_i(u) b_j(t) c_ij over the 3x3 coefficients around, so that its slopes do not jump.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pavane.numerics.jit import exact_kernel, inline
from pavane.numerics.lanes import BLOCK, HALF, ONE, TWO, F, clamp, look_up_block, look_up_row, nearest, primal

QUANTA = 24  # whole numbers in the clearance of one cell: slopes of up to 1.3, and diagonal ones of 2.6, are kept
SHARPEST = 0.14  # cells by which a coefficient may differ from a clearance, so that neighbours fit their bits
LARGEST = 32767
SHIFTS = tuple(32 * half + shift for half, shift, _ in BLOCK)
BITS = tuple(bits for _, _, bits in BLOCK)


class Fields(NamedTuple):
    """Two fields on one lattice, as coefficients of quadratic B-splines in whole numbers, flat and row-major.

    The point (column, row) lies at ``origin + (column, row) / per_metre``; ``problem.pack`` makes them.
    """

    clearance: Any  # int64: a word for each 3x3 block; behind it may follow another field, of equivalent clearances
    clearance_scale: Any
    cost: Any  # int16
    cost_scale: Any
    columns: Any
    rows: Any
    origin_x: Any
    origin_y: Any
    per_metre: Any


# -- read ---------------------------------------------------------------------------------------------------------


@inline
def spline_shares(u):
    """Return the shares of the coefficients before, at and after the nearest lattice point, at u from it in -1/2..1/2.

    They are (1/2 - u)^2 / 2, 3/4 - u^2 and (1/2 + u)^2 / 2.
    """
    here = F(0.75) - u * u
    rest = HALF - HALF * here
    return rest - HALF * u, here, rest + HALF * u


@inline
def place_on_lattice(x, y, fields):
    """Return column and row of the nearest lattice point with neighbours, and how far (x, y) is from it, in cells."""
    fx = clamp((x - fields.origin_x) * fields.per_metre, ONE, fields.columns - TWO)
    fy = clamp((y - fields.origin_y) * fields.per_metre, ONE, fields.rows - TWO)
    column, row = nearest(primal(fx)), nearest(primal(fy))
    return column, row, fx - column, fy - row


@inline
def clearance_at(x, y, first, fields):
    """Return the clearance at (x, y), m; beyond the lattice its rim's.

    ``first`` is the number of the field's first word.
    """
    column, row, u, t = place_on_lattice(x, y, fields)
    c, left, right, below, above, bl, br, al, ar = look_up_block(
        fields.clearance, row * fields.columns + column + first
    )
    before, at, after = spline_shares(u)
    under, level, over = spline_shares(t)
    sides = level * (before * left + after * right) + at * (under * below + over * above)
    corners = under * (before * bl + after * br) + over * (before * al + after * ar)
    return (c + (sides + corners)) * fields.clearance_scale


@inline
def cost_at(x, y, fields):
    """Return the cost-to-go at (x, y), m: as :func:`clearance_at`, of coefficients with a wider range."""
    column, row, u, t = place_on_lattice(x, y, fields)
    index = (row - ONE) * fields.columns + column - ONE
    before, at, after = spline_shares(u)
    under, level, over = spline_shares(t)
    columns = int(fields.columns)
    a, b, c = look_up_row(fields.cost, index, 0)
    total = under * (before * a + at * b + after * c)
    a, b, c = look_up_row(fields.cost, index, columns)
    total = total + level * (before * a + at * b + after * c)
    a, b, c = look_up_row(fields.cost, index, 2 * columns)
    return (total + over * (before * a + at * b + after * c)) * fields.cost_scale


# -- packed -------------------------------------------------------------------------------------------------------


@exact_kernel
def framed(field):
    """Return a field (rows, columns) with its rim repeated once around."""
    rows, columns = field.shape
    out = np.empty((rows + 2, columns + 2), field.dtype)
    out[1:-1, 1:-1] = field
    out[0, 1:-1], out[-1, 1:-1] = field[0], field[-1]
    out[:, 0], out[:, -1] = out[:, 1], out[:, -2]
    return out


@exact_kernel
def coefficients(field, most, out):
    """Fill in coefficients ``out`` (rows, columns) of the spline that keeps a field's values, up to fourth differences.

    The spline's value at a lattice point is (c- + 6 c + c+) / 8 along each axis; taking an eighth of the second
    differences away undoes that (the first term of the inverse). At most ``most`` is taken or given, so that where a
    field is bent sharply it does not get steeper.
    """
    rows, columns = field.shape
    wide, limit = framed(field), np.float32(most)
    for r in range(rows):
        for c in range(columns):
            around = wide[r + 1, c] + wide[r + 1, c + 2] + wide[r, c + 1] + wide[r + 2, c + 1]
            bend = np.float32(0.125) * (np.float32(4.0) * field[r, c] - around)
            out[r, c] = field[r, c] + min(max(bend, -limit), limit)


@inline
def _bits(gap, i):
    """Return a difference from the middle in the bits of number ``i`` of a block, cut where it is too steep."""
    half = 1 << (BITS[i] - 1)
    return (np.int64(min(max(gap, -half), half - 1)) & (2 * half - 1)) << SHIFTS[i]


@exact_kernel
def pack_blocks(field, quantum, words):
    """Fill in the 3x3 block of coefficients around each place of a field, in ``quantum``: ``words`` (rows * columns,).

    One read then gives a whole patch of the spline. Neighbours are kept as differences from the middle.
    """
    rows, columns = field.shape
    smooth = np.empty((rows, columns), np.float32)
    coefficients(field, SHARPEST * QUANTA * quantum, smooth)
    whole = np.empty((rows, columns), np.int32)
    per = np.float32(1.0) / np.float32(quantum)
    for r in range(rows):
        for c in range(columns):
            whole[r, c] = np.int32(min(max(np.rint(smooth[r, c] * per), np.float32(-2048.0)), np.float32(2047.0)))
    wide = framed(whole)
    for r in range(rows):
        below, level, above = wide[r], wide[r + 1], wide[r + 2]
        for c in range(columns):
            m = level[c + 1]
            word = (np.int64(m) & 0xFFF) << SHIFTS[0]
            word |= _bits(level[c] - m, 1) | _bits(level[c + 2] - m, 2)
            word |= _bits(below[c + 1] - m, 3) | _bits(above[c + 1] - m, 4)
            word |= _bits(below[c] - m, 5) | _bits(below[c + 2] - m, 6)
            word |= _bits(above[c] - m, 7) | _bits(above[c + 2] - m, 8)
            words[r * columns + c] = word


@exact_kernel
def pack_rows(field, out):
    """Fill in coefficients of a field as int16, ``out`` (rows * columns + 1,); return what one unit of them is."""
    rows, columns = field.shape
    smooth = np.empty((rows, columns), np.float32)
    coefficients(field, np.inf, smooth)
    most = np.full(columns, np.float32(1e-6))
    for r in range(rows):
        row = smooth[r]
        for c in range(columns):
            most[c] = max(most[c], abs(row[c]))
    scale = np.float32(most.max() / LARGEST)
    for r in range(rows):
        row, numbers = smooth[r], out[r * columns : (r + 1) * columns]
        for c in range(columns):
            numbers[c] = np.int16(np.rint(row[c] / scale))
    out[rows * columns] = 0
    return scale
