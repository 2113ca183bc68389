"""Cost-to-go inside a window of a map: the whole map's values, solved anew where something has become slower."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats32
from pavane.numerics.fast_marching import beside, lowest_of, march, start_patch
from pavane.numerics.jit import exact_kernel

RINGS = 6  # cells that values are carried into blocked places


@exact_kernel
def from_lowest(value, stand_off, near, span):
    """Return costs of which only differences matter, lowered so that they are small and exact in few bits.

    The lowest becomes ``near`` m at most, none is more than ``span`` above it; where no way leads it is that.

    Args:
        value: (rows, columns) float32 cost-to-go, m.
        stand_off: of the way that need not be gone, m.
        near: m.
        span: m.
    """
    lowest = lowest_of(value)
    lowest = max(lowest - np.float32(stand_off), np.float32(0.0)) if lowest < np.inf else np.float32(0.0)
    base = min(lowest, np.float32(near))
    most = base + np.float32(span)
    out = np.empty_like(value)
    for r in range(value.shape[0]):
        for c in range(value.shape[1]):
            out[r, c] = min(max(value[r, c] - np.float32(stand_off), np.float32(0.0)) - (lowest - base), most)
    return out


@exact_kernel
def _may_take(flat, row, width):
    """Return whether any place of a row has no value and is beside one that has."""
    here, left, right, above, below = beside(flat, row, width)
    inf, count = np.float32(np.inf), np.int32(0)
    for c in range(width):
        least = min(min(left[c], right[c]), min(above[c], below[c]))
        count += np.int32((here[c] == inf) & (least < inf))
    return count > 0


@exact_kernel
def _forget(flat, gone, width, rows, columns):
    """Make inf, in place, what hangs on ``gone`` places: they, and all whose way down leads over one of them.

    The window's outermost cells keep their values: what they hang on lies outside.

    Args:
        flat: see :func:`march`, and likewise ``width``.
        gone: of the same shape, bool; grows in place.
        width: columns with the rim.
        rows: of the window.
        columns: likewise.
    """
    todo, count = np.empty(rows * columns, np.int32), 0
    for row in range(width, len(flat) - width, width):
        if gone[row : row + width].any():
            for i in range(row, row + width):
                if gone[i]:
                    todo[count] = i
                    count += 1
    if count == 0:
        return
    while count > 0:
        count -= 1
        i = todo[count]
        for step in (1, -1, width, -width):
            j = i + step
            # j may have come from i if i is lower, and not higher than what lies on j's other side
            if gone[j] or flat[j] == np.inf or flat[j] <= flat[i] or flat[j + step] < flat[i]:
                continue
            r, c = j // width - 1, j % width - 1
            if 0 < r < rows - 1 and 0 < c < columns - 1:
                gone[j] = True
                todo[count] = j
                count += 1
    for i in range(len(flat)):
        flat[i] = np.float32(np.inf) if gone[i] else flat[i]


@exact_kernel
def _extend(flat, width, rows, columns, resolution, slowness):
    """Carry values ``RINGS`` cells into blocked places, uphill, so that interpolation beside a wall stays sane.

    Args:
        flat: see :func:`march`, and likewise ``width``.
        width: columns with the rim.
        rows: of the window.
        columns: likewise.
        resolution: edge of a cell, m.
        slowness: slope of what is carried, m a metre.
    """
    taken = np.ones(len(flat), np.bool_)  # the rim stays as it is
    straight = np.float32(slowness * resolution)
    slanting = np.float32(1.4142135) * straight
    ring, following = np.empty(rows * columns, np.int32), np.empty(rows * columns, np.int32)  # the cells to fill next
    fresh = np.empty(rows * columns, np.float32)
    count = 0
    inf = np.float32(np.inf)
    for r in range(rows):
        begin = (r + 1) * width + 1
        here, done = flat[begin : begin + columns], taken[begin : begin + columns]
        for c in range(columns):
            done[c] = here[c] < inf
        if _may_take(flat, begin - 1, width):
            for i in range(begin, begin + columns):
                if flat[i] == inf and min(min(flat[i - 1], flat[i + 1]), min(flat[i - width], flat[i + width])) < inf:
                    ring[count] = i
                    count += 1
    for n in range(count):
        taken[ring[n]] = True
    for turn in range(RINGS):
        for n in range(count):
            i = ring[n]
            side = min(min(flat[i - 1], flat[i + 1]), min(flat[i - width], flat[i + width]))
            corner = min(min(flat[i - width - 1], flat[i - width + 1]), min(flat[i + width - 1], flat[i + width + 1]))
            fresh[n] = min(side + straight, corner + slanting)
        more = 0
        for n in range(count):
            i = ring[n]
            flat[i] = fresh[n]
            if turn < RINGS - 1:
                for j in (i + width, i - width, i + 1, i - 1):
                    if not taken[j]:
                        taken[j] = True
                        following[more] = j
                        more += 1
        ring, following, count = following, ring, more


@exact_kernel
def _inherit(flat, gone, speed, known, before, corner):
    """Take over the whole map's values: all of them where the window is nowhere faster, else those on its rim.

    Args:
        flat: see :func:`march`; all inf, written.
        gone: of the same shape, all False; True where a value that was taken over hangs on a speed that has fallen.
        speed: see :func:`_within`, and likewise the others.
        known: the whole map's cost-to-go.
        before: speeds that it was solved with.
        corner: (row, column) in the whole map of the window's first cell.

    Returns:
        Whether all values were taken over.
    """
    (first_row, first_column), (rows, columns) = corner, speed.shape
    width, inf = columns + 2, np.float32(np.inf)
    r0, r1 = max(0, -first_row), min(rows, known.shape[0] - first_row)
    c0, c1 = max(0, -first_column), min(columns, known.shape[1] - first_column)
    keep = before.shape[0] > 0
    for r in range(r0, r1 if keep else r0):
        now, then = speed[r, c0:c1], before[first_row + r, first_column + c0 : first_column + c1]
        faster = np.int32(0)
        for c in range(len(now)):
            faster += np.int32(now[c] > then[c])
        keep = keep and faster == 0
    for r in range(r0, r1):
        i = (r + 1) * width + 1
        if keep or r == 0 or r == rows - 1:
            flat[i + c0 : i + c1] = known[first_row + r, first_column + c0 : first_column + c1]
        else:
            for c in (0, columns - 1):
                if c0 <= c < c1:
                    flat[i + c] = known[first_row + r, first_column + c]
        if keep and 0 < r < rows - 1:
            left, right = max(c0, 1), min(c1, columns - 1)
            now, then = speed[r, left:right], before[first_row + r, first_column + left : first_column + right]
            here, slower = flat[i + left : i + right], gone[i + left : i + right]
            for c in range(len(now)):
                slower[c] = (here[c] < inf) & (now[c] < then[c])
    return keep


@exact_kernel
def _within(speed, known, before, corner, goal, resolution, slowness):
    """Solve a window for :func:`cost_to_go_within`.

    Args:
        speed: see there, and likewise the others.
        known: the whole map's cost-to-go.
        before: speeds that it was solved with; (0, 0) if unknown.
        corner: (row, column) in the whole map of the window's first cell.
        goal: (row, column) in the window; a negative row if it lies outside.
        resolution: edge of a cell, m.
        slowness: slope of the values that are carried into blocked cells.
    """
    rows, columns = speed.shape
    width = columns + 2
    inf, edge = np.float32(np.inf), np.float32(resolution)
    flat = np.full((rows + 2) * width, inf)
    step = flat.copy()
    settled, gone = np.zeros(len(flat), np.bool_), np.zeros(len(flat), np.bool_)
    if _inherit(flat, gone, speed, known, before, corner):
        _forget(flat, gone, width, rows, columns)
    for r in range(rows):
        i = (r + 1) * width + 1
        now, here, cost, known_here = speed[r], flat[i : i + columns], step[i : i + columns], settled[i : i + columns]
        for c in range(columns):
            cost[c] = edge / now[c]  # inf where blocked
            here[c] = here[c] if now[c] > np.float32(0.0) else inf
            known_here[c] = here[c] < inf
    if goal[0] >= 0.0:
        start_patch(speed, flat, settled, goal[0], goal[1], resolution)
    march(flat, step, settled, width, resolution)
    _extend(flat, width, rows, columns, resolution, slowness)
    return flat.reshape((rows + 2, width))[1:-1, 1:-1].copy()


def cost_to_go_within(
    speed: Floats32,
    known: Floats32,
    goal: tuple[float, float] | None,
    resolution: float,
    before: Floats32 | None = None,
    corner: tuple[int, int] = (0, 0),
    slowness: float = 3.0,
) -> Floats32:
    """Return the metres (rows, columns) to the goal inside a window, from a whole map's values and a goal inside it.

    Args:
        speed: (rows, columns) as in :func:`pavane.numerics.fast_marching.cost_to_go`.
        known: the whole map's cost-to-go. Without ``before`` only what lies on the window's rim is used.
        goal: (row, column) of the goal in the window if it lies inside.
        resolution: edge of a cell, m.
        before: speeds that ``known`` was solved with. Where the window is nowhere faster, what does not hang on places
            that became slower need not be solved again.
        corner: (row, column) in the whole map of the window's first cell; it may lie outside.
        slowness: slope of the values that are carried into blocked cells.
    """
    inside = (-1.0, -1.0) if goal is None else (float(goal[0]), float(goal[1]))
    old = np.zeros((0, 0), np.float32) if before is None else before
    value: Floats32 = _within(speed, known, old, corner, inside, resolution, slowness)
    return value
