"""Cost-to-go by fast marching: metres still to travel, slow places counted longer."""

from __future__ import annotations

import numpy as np

from pavane.arrays import Floats32
from pavane.kernels.jit import exact_kernel

PATCH = 4  # cells around the goal whose cost is their exact distance: first-order marching errs most at its source


@exact_kernel
def _push(keys, cells, size, key, cell):
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if keys[parent] <= key:
            break
        keys[i], cells[i] = keys[parent], cells[parent]
        i = parent
    keys[i], cells[i] = key, cell
    return size + 1


@exact_kernel
def _pop(keys, cells, size):
    size -= 1
    key, cell = keys[size], cells[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i], cells[i] = keys[child], cells[child]
        i = child
    keys[i], cells[i] = key, cell
    return size


@exact_kernel
def _march(speed, value, resolution):
    """Solve |grad T| = 1 / speed from the finite entries of ``value`` (rows, columns), which it fills in.

    Sethian 1996, first order, with a binary heap; speed 0 blocks. Entries given keep their value unless a shorter way
    exists.
    """
    rows, columns = speed.shape
    flat, pace = value.reshape(-1), speed.reshape(-1)
    done = np.zeros(rows * columns, np.bool_)
    keys = np.empty(5 * rows * columns + 8, np.float32)
    cells = np.empty(5 * rows * columns + 8, np.int32)
    size = 0
    for i in range(rows * columns):
        if np.isfinite(flat[i]):
            size = _push(keys, cells, size, flat[i], i)
    infinity = np.float32(np.inf)
    while size > 0:
        here = cells[0]
        size = _pop(keys, cells, size)
        if done[here]:
            continue
        done[here] = True
        r, c = here // columns, here % columns
        for side in range(4):
            rr = r + (1 if side == 0 else -1 if side == 1 else 0)
            cc = c + (1 if side == 2 else -1 if side == 3 else 0)
            if rr < 0 or rr >= rows or cc < 0 or cc >= columns:
                continue
            j = rr * columns + cc
            if done[j] or pace[j] <= 0.0:
                continue
            x = infinity
            if cc > 0 and done[j - 1]:
                x = flat[j - 1]
            if cc < columns - 1 and done[j + 1]:
                x = min(x, flat[j + 1])
            y = infinity
            if rr > 0 and done[j - columns]:
                y = flat[j - columns]
            if rr < rows - 1 and done[j + columns]:
                y = min(y, flat[j + columns])
            h = np.float32(resolution) / pace[j]
            low, high = min(x, y), max(x, y)
            new = low + h
            if high < new:
                gap = high - low
                new = np.float32(0.5) * (low + high + np.sqrt(np.float32(2.0) * h * h - gap * gap))
            if new < flat[j]:
                flat[j] = new
                size = _push(keys, cells, size, new, j)


@exact_kernel
def _seed(speed, value, row, column, resolution, patch):
    rows, columns = speed.shape
    base = 0.0
    for r in range(max(0, int(row) - patch), min(rows, int(row) + patch + 2)):
        for c in range(max(0, int(column) - patch), min(columns, int(column) + patch + 2)):
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
                value[r, c] = np.float32(base + distance * total / (samples + 1))


@exact_kernel
def _extend(value, resolution, slowness, rings):
    """Carry values a few cells into blocked places, uphill, so that interpolation beside a wall stays sane."""
    rows, columns = value.shape
    flat = value.reshape(-1)
    ring = np.empty(rows * columns, np.int32)  # the cells to fill next
    fresh = np.empty(rows * columns, np.float32)
    waiting = np.zeros(rows * columns, np.bool_)
    count = 0
    for r in range(rows):
        for c in range(columns):
            if np.isfinite(value[r, c]):
                continue
            if (
                (c > 0 and np.isfinite(value[r, c - 1]))
                or (c + 1 < columns and np.isfinite(value[r, c + 1]))
                or (r > 0 and np.isfinite(value[r - 1, c]))
                or (r + 1 < rows and np.isfinite(value[r + 1, c]))
            ):
                ring[count] = r * columns + c
                waiting[ring[count]] = True
                count += 1
    for turn in range(rings):
        for n in range(count):
            r, c = ring[n] // columns, ring[n] % columns
            best = np.float32(np.inf)
            for dr in range(-1, 2):
                for dc in range(-1, 2):
                    rr, cc = r + dr, c + dc
                    if 0 <= rr < rows and 0 <= cc < columns and np.isfinite(value[rr, cc]):
                        step = np.float32(slowness * resolution * (1.0 if dr * dc == 0 else 1.4142135))
                        best = min(best, value[rr, cc] + step)
            fresh[n] = best
        for n in range(count):
            flat[ring[n]] = fresh[n]
        if turn == rings - 1:
            break
        following = 0
        for n in range(count):
            r, c = ring[n] // columns, ring[n] % columns
            for side in range(4):
                rr = r + (1 if side == 0 else -1 if side == 1 else 0)
                cc = c + (1 if side == 2 else -1 if side == 3 else 0)
                j = rr * columns + cc
                if 0 <= rr < rows and 0 <= cc < columns and not waiting[j] and not np.isfinite(flat[j]):
                    waiting[j] = True
                    ring[count + following] = j
                    following += 1
        for n in range(following):
            ring[n] = ring[count + n]
        count = following


def cost_to_go(speed: Floats32, row: float, column: float, resolution: float) -> Floats32:
    """Metres (rows, columns) from each cell to the goal at full speed; inf where no way leads.

    Args:
        speed: (rows, columns) float32 in 0..1, share of full speed; 0 blocks.
        row, column: the goal in continuous cell coordinates (whole numbers are centres).
        resolution: edge of a cell, m.
    """
    value = np.full(speed.shape, np.inf, np.float32)
    _seed(speed, value, row, column, resolution, PATCH)
    _march(speed, value, resolution)
    return value


def cost_to_go_within(
    speed: Floats32, border: Floats32, goal: tuple[float, float] | None, resolution: float, slowness: float = 3.0
) -> Floats32:
    """Metres (rows, columns) inside a window, from the values on its border and from a goal that lies inside.

    Args:
        speed: (rows, columns) as in :func:`cost_to_go`.
        border: (rows, columns); finite on the rim where the whole map's cost is known, inf elsewhere.
        goal: (row, column) of the goal if it lies inside.
        resolution: edge of a cell, m.
        slowness: slope of the values that are carried into blocked cells.
    """
    value = border.copy()
    if goal is not None:
        _seed(speed, value, goal[0], goal[1], resolution, PATCH)
    _march(speed, value, resolution)
    _extend(value, resolution, slowness, 6)
    return value
