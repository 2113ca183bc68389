"""Pack the fields of a window as coefficients of quadratic B-splines that take their values at the lattice points."""

from __future__ import annotations

import numpy as np

from pavane.numerics.jit import exact_kernel, inline
from pavane.numerics.lanes import BLOCK

QUANTA = 24  # whole numbers in the clearance of one cell: slopes of up to 1.3, and diagonal ones of 2.6, are kept
SHARPEST = 0.14  # cells by which a coefficient may differ from a clearance, so that neighbours fit their bits
LARGEST = 32767
SHIFTS = tuple(32 * half + shift for half, shift, _ in BLOCK)
BITS = tuple(bits for _, _, bits in BLOCK)


@exact_kernel
def framed(field):
    """A field (rows, columns) with its rim repeated once around."""
    rows, columns = field.shape
    out = np.empty((rows + 2, columns + 2), field.dtype)
    out[1:-1, 1:-1] = field
    out[0, 1:-1], out[-1, 1:-1] = field[0], field[-1]
    out[:, 0], out[:, -1] = out[:, 1], out[:, -2]
    return out


@exact_kernel
def coefficients(field, most, out):
    """Coefficients ``out`` (rows, columns) of the spline that keeps a field's values, up to its fourth differences.

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
    """A difference from the middle in the bits of number ``i`` of a block, cut where it is too steep for them."""
    half = 1 << (BITS[i] - 1)
    return (np.int64(min(max(gap, -half), half - 1)) & (2 * half - 1)) << SHIFTS[i]


@exact_kernel
def pack_blocks(field, quantum, words):
    """The 3x3 block of coefficients around each place of a field, in units of ``quantum``: ``words`` (rows * columns,).

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
    """Coefficients of a field as int16, ``out`` (rows * columns + 1,), and what one unit of them is."""
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
