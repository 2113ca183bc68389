"""Pack the fields of a window as coefficients of quadratic B-splines that take their values at the lattice points."""

from __future__ import annotations

import numpy as np

from pavane.kernels.jit import exact_kernel
from pavane.kernels.lanes import BLOCK

QUANTA = 24  # whole numbers in the clearance of one cell: slopes of up to 1.3, and diagonal ones of 2.6, are kept
SHARPEST = 0.14  # cells by which a coefficient may differ from a clearance, so that neighbours fit their bits
LARGEST = 32767
NEAR = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1))  # column and row, as in BLOCK
SHIFTS = tuple(32 * half + shift for half, shift, _ in BLOCK)
BITS = tuple(bits for _, _, bits in BLOCK)


@exact_kernel
def coefficients(field, most, out):
    """Coefficients ``out`` (rows, columns) of the spline that keeps a field's values, up to its fourth differences.

    The spline's value at a lattice point is (c- + 6 c + c+) / 8 along each axis; taking an eighth of the second
    differences away undoes that (the first term of the inverse). At most ``most`` is taken or given, so that where a
    field is bent sharply it does not get steeper.
    """
    rows, columns = field.shape
    for r in range(rows):
        below, above = max(r - 1, 0), min(r + 1, rows - 1)
        for c in range(columns):
            left, right = max(c - 1, 0), min(c + 1, columns - 1)
            around = field[r, left] + field[r, right] + field[below, c] + field[above, c]
            out[r, c] = field[r, c] + min(max(0.125 * (4.0 * field[r, c] - around), -most), most)


@exact_kernel
def pack_blocks(field, quantum, words):
    """The 3x3 block of coefficients around each place of a field, in units of ``quantum``: ``words`` (rows * columns,).

    One read then gives a whole patch of the spline. Neighbours are kept as differences from the middle; where one is
    too steep for its bits, it is cut.
    """
    rows, columns = field.shape
    smooth = np.empty((rows, columns), np.float32)
    coefficients(field, SHARPEST * QUANTA * quantum, smooth)
    whole = np.empty((rows, columns), np.int64)
    for r in range(rows):
        for c in range(columns):
            whole[r, c] = min(max(int(np.rint(smooth[r, c] / quantum)), -2048), 2047)
    for r in range(rows):
        for c in range(columns):
            middle = whole[r, c]
            word = (middle & 0xFFF) << SHIFTS[0]
            for i in range(1, 9):
                near = whole[min(max(r + NEAR[i][1], 0), rows - 1), min(max(c + NEAR[i][0], 0), columns - 1)]
                half = 1 << (BITS[i] - 1)
                gap = min(max(near - middle, -half), half - 1)
                word |= (gap & (2 * half - 1)) << SHIFTS[i]
            words[r * columns + c] = word


@exact_kernel
def pack_rows(field, out):
    """Coefficients of a field as int16, ``out`` (rows * columns + 1,), and what one unit of them is."""
    rows, columns = field.shape
    smooth = np.empty((rows, columns), np.float32)
    coefficients(field, np.inf, smooth)
    largest = 1e-6
    for r in range(rows):
        for c in range(columns):
            largest = max(largest, abs(smooth[r, c]))
    scale = largest / LARGEST
    for r in range(rows):
        for c in range(columns):
            out[r * columns + c] = np.int16(np.rint(smooth[r, c] / scale))
    out[rows * columns] = 0
    return np.float32(scale)
