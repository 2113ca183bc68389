"""Cost-to-go by fast marching: metres still to travel, slow places counted longer."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats32
from pavane.numerics.jit import exact_kernel, spliced

BUCKET = 0.5  # cells of way that one bucket spans
BUCKETS = 4096  # the last one takes all that is farther
ALIKE = np.float32(1e-6)  # m: values this near are the same
PATCH = 4  # cells around the goal whose cost is their exact distance: first-order marching errs most at its source


# Loops over slices of a row take many cells at once. An index that could be negative would keep them from that.


@exact_kernel
def lowest_of(field):
    """Return the lowest of the values (rows, columns)."""
    least = np.full(field.shape[1], np.float32(np.inf))
    for r in range(field.shape[0]):
        row = field[r]
        for c in range(len(least)):
            least[c] = min(least[c], row[c])
    return least.min()


@exact_kernel
def beside(flat, row, width):
    """Return the row of ``width`` places that begins at ``row``, and those to its left, right, above and below."""
    left, right = flat[row - 1 : row + width - 1], flat[row + 1 : row + width + 1]
    return flat[row : row + width], left, right, flat[row - width : row], flat[row + width : row + 2 * width]


@exact_kernel
def _may_start(flat, settled, row, width):
    """Return whether any place of a row may start: has a value and is not settled, or is beside one without.

    Args:
        flat: see :func:`march`, and likewise ``settled`` and ``width``.
        settled: which values are a solution among themselves.
        row: index of the row's first place.
        width: places in a row.
    """
    here, left, right, above, below = beside(flat, row, width)
    known, inf, count = settled[row : row + width], np.float32(np.inf), np.int32(0)
    for c in range(width):
        most = max(max(left[c], right[c]), max(above[c], below[c]))
        count += np.int32((here[c] < inf) & ((most == inf) | (not known[c])))
    return count > 0


@exact_kernel
def _starts(flat, step, settled, width, cells):
    """Fill ``cells`` with the places that a march starts from, and return how many they are.

    They have a value and are not settled, or are beside a passable place without one.

    Args:
        flat: see :func:`march`, and likewise the next three.
        step: cost of a cell.
        settled: which values are a solution among themselves.
        width: places in a row.
        cells: (rows * columns,) int32 or more, written.
    """
    size = 0
    for row in range(width, len(flat) - width, width):
        if not _may_start(flat, settled, row, width):
            continue
        for i in range(row, row + width):
            if flat[i] == np.inf:
                continue
            starts = not settled[i]
            for j in (i + 1, i - 1, i + width, i - width):
                starts = starts or (flat[j] == np.inf and step[j] < np.inf)
            if starts:
                cells[size] = i
                size += 1
    return size


@spliced
def _upwind(x, y, h):
    """Return the value of a place from the lower ones beside it along x and y, ``h`` its cost (Sethian 1996)."""
    low, gap = min(x, y), abs(x - y)
    new = low + h
    if gap < h:
        new = low + np.float32(0.5) * (gap + np.sqrt(np.float32(2.0) * h * h - gap * gap))
    return new


@exact_kernel
def march(flat, step, settled, width, resolution):
    """Solve |grad T| = 1 / speed by first-order upwind differences from the finite entries of ``flat``; fill it in.

    Entries given keep their value unless a shorter way exists. Cells wait in buckets of like values instead of a heap
    (as in Dial's algorithm), so within one they come in any order; a cell whose value falls again waits again. That
    ends where no cell can fall: in the solution of the same differences, whatever the order.

    Args:
        flat: (rows * columns,) float32 with a rim of inf around the map, which stands for all checks of the bounds.
        step: of the same shape, the cost of one cell; inf where blocked.
        settled: of the same shape, bool: entries that are a solution among themselves.
        width: columns with the rim.
        resolution: edge of a cell, m.
    """
    lowest = lowest_of(flat.reshape((-1, width)))
    if lowest == np.float32(np.inf):
        return
    per_bucket = np.float32(1.0 / (BUCKET * resolution))
    first = np.full(BUCKETS, -1, np.int32)  # of each bucket, the entry that came last
    cells, following = np.empty(2 * len(flat), np.int32), np.empty(2 * len(flat), np.int32)  # of each entry
    size, free = _starts(flat, step, settled, width, cells), -1  # entries in use; the last one that may be used again
    for entry in range(size):
        b = min(int((flat[cells[entry]] - lowest) * per_bucket), BUCKETS - 1)
        following[entry], first[b] = first[b], entry
    b = 0
    while b < BUCKETS:
        entry = first[b]
        if entry < 0:
            b += 1
            continue
        here = cells[entry]
        first[b], following[entry], free = following[entry], free, entry
        t = flat[here]
        if min(int((t - lowest) * per_bucket), BUCKETS - 1) != b:
            continue  # it fell since, and waited again in another bucket
        for j in (here + 1, here - 1, here + width, here - width):
            if flat[j] <= t:
                continue
            new = _upwind(min(flat[j - 1], flat[j + 1]), min(flat[j - width], flat[j + width]), step[j])
            if new < flat[j] - ALIKE:
                flat[j] = new
                into = min(int((new - lowest) * per_bucket), BUCKETS - 1)
                if free < 0:
                    if size == len(cells):
                        cells, following = np.append(cells, cells), np.append(following, following)
                    entry, size = size, size + 1
                else:
                    entry, free = free, following[free]
                cells[entry], following[entry], first[into] = j, first[into], entry
                b = min(b, into)


@exact_kernel
def start_patch(speed, flat, settled, row, column, resolution):
    """Fill in the cells around a goal, ``PATCH`` to each side, with their cost along straight lines.

    Args:
        speed: (rows, columns) share of full speed.
        flat: see :func:`march`, and likewise ``settled``.
        settled: entries that are left alone.
        row: of the goal, in continuous cells.
        column: likewise.
        resolution: edge of a cell, m.
    """
    rows, columns = speed.shape
    for r in range(max(0, int(row) - PATCH), min(rows, int(row) + PATCH + 2)):
        for c in range(max(0, int(column) - PATCH), min(columns, int(column) + PATCH + 2)):
            at = (r + 1) * (columns + 2) + c + 1
            if settled[at]:
                continue
            n = max(abs(r - row), abs(c - column))
            total, free = 0.0, True
            samples = int(np.ceil(2.0 * n)) + 1
            for i in range(samples + 1):
                f = i / samples
                i0 = min(max(int(np.rint(row + f * (r - row))), 0), rows - 1)
                j0 = min(max(int(np.rint(column + f * (c - column))), 0), columns - 1)
                pace = speed[i0, j0]
                if pace <= 0.0:
                    free = False
                    break
                total += 1.0 / pace
            if free:
                distance = np.hypot(r - row, c - column) * resolution
                flat[at] = np.float32(distance * total / (samples + 1))


@exact_kernel
def _whole(speed, row, column, resolution):
    """Solve the whole map for :func:`cost_to_go`.

    Args:
        speed: see there, and likewise the others.
        row: of the goal.
        column: likewise.
        resolution: m.
    """
    rows, columns = speed.shape
    width = columns + 2
    flat = np.full((rows + 2) * width, np.float32(np.inf))
    step = flat.copy()
    for r in range(rows):
        for c in range(columns):
            if speed[r, c] > 0.0:
                step[(r + 1) * width + c + 1] = np.float32(resolution) / speed[r, c]
    settled = np.zeros(len(flat), np.bool_)
    start_patch(speed, flat, settled, row, column, resolution)
    march(flat, step, settled, width, resolution)
    return flat.reshape((rows + 2, width))[1:-1, 1:-1].copy()


def cost_to_go(speed: Floats32, row: float, column: float, resolution: float) -> Floats32:
    """Return the metres (rows, columns) from each cell to the goal at full speed; inf where no way leads.

    Args:
        speed: (rows, columns) float32 in 0..1, share of full speed; 0 blocks.
        row: of the goal in continuous cell coordinates (whole numbers are centres).
        column: likewise.
        resolution: edge of a cell, m.
    """
    value: Floats32 = _whole(speed, row, column, resolution)
    return value
