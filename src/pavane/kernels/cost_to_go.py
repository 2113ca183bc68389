"""Cost-to-go by fast marching: metres still to travel, slow places counted longer."""

from __future__ import annotations

import numpy as np

from pavane.arrays import Bools, Floats32
from pavane.kernels.jit import exact_kernel

BUCKET = 0.5  # cells of way that one bucket spans
BUCKETS = 4096  # the last one takes all that is farther
ALIKE = np.float32(1e-6)  # m: values this near are the same
MOST_UNEASE = 3.0  # more does not make a way longer: what a window can tell apart has an end
PATCH = 4  # cells around the goal whose cost is their exact distance: first-order marching errs most at its source


@exact_kernel
def paces(clearance, unease, radius, band, tight, unease_cost):
    """Shares of full speed (rows, columns) float32 at places with a clearance from solid things, m; see ``route.pace``.

    From a half beside them to all of it ``band`` m further; a tenth within ``tight`` m. ``unease`` may be empty.
    """
    rows, columns = clearance.shape
    out = np.empty((rows, columns), np.float32)
    half, tenth, most = np.float32(0.5), np.float32(0.1), np.float32(MOST_UNEASE)
    slope, size, narrow, per_unease = (
        np.float32(0.5 / band),
        np.float32(radius),
        np.float32(tight),
        np.float32(unease_cost),
    )
    for r in range(rows):
        for c in range(columns):
            gap = clearance[r, c] - size
            share = min(max(half + slope * gap, half), np.float32(1.0))
            if unease.shape[0] > 0:
                share = share / (np.float32(1.0) + per_unease * min(unease[r, c], most) * share)
            out[r, c] = np.float32(0.0) if gap < np.float32(0.0) else min(share, tenth) if gap < narrow else share
    return out


@exact_kernel
def from_lowest(value, stand_off, near, span):
    """Costs (rows, columns) of which only differences matter, lowered so that they are small and exact in few bits.

    ``stand_off`` m of the way need not be gone. The lowest becomes ``near`` m at most, none is more than ``span`` above
    it; where no way leads it is that.
    """
    lowest = np.float32(np.inf)
    for v in value.ravel():
        lowest = min(lowest, v)
    lowest = max(lowest - np.float32(stand_off), np.float32(0.0)) if lowest < np.inf else np.float32(0.0)
    base = min(lowest, np.float32(near))
    most = base + np.float32(span)
    out = np.empty_like(value)
    for r in range(value.shape[0]):
        for c in range(value.shape[1]):
            out[r, c] = min(max(value[r, c] - np.float32(stand_off), np.float32(0.0)) - (lowest - base), most)
    return out


@exact_kernel
def _rimmed(value):
    """Entries (rows, columns) in one row after the other, in a rim of inf that stands for all checks of the bounds."""
    rows, columns = value.shape
    out = np.full((rows + 2, columns + 2), np.float32(np.inf))
    out[1:-1, 1:-1] = value
    return out.ravel()


@exact_kernel
def _march(speed, value, settled, resolution):
    """Solve |grad T| = 1 / speed from the finite entries of ``value`` (rows, columns), which it fills in.

    First-order upwind differences (Sethian 1996); speed 0 blocks. Entries given keep their value unless a shorter way
    exists; ``settled`` (rows, columns) are those that are a solution among themselves. Cells wait in buckets of like
    values instead of a heap (as in Dial's algorithm), so within one they come in any order; a cell whose value falls
    again waits again. That ends where no cell can fall: in the solution of the same differences, whatever the order.
    """
    rows, columns = speed.shape
    width = columns + 2
    flat = _rimmed(value)
    step = np.full(len(flat), np.float32(np.inf))
    lowest = np.float32(np.inf)
    for r in range(rows):
        for c in range(columns):
            i = (r + 1) * width + c + 1
            lowest = min(lowest, value[r, c])
            if speed[r, c] > 0.0:
                step[i] = np.float32(resolution) / speed[r, c]
    if lowest == np.inf:
        return
    per_bucket = np.float32(1.0 / (BUCKET * resolution))
    first = np.full(BUCKETS, -1, np.int32)  # of each bucket, the entry that came last
    cells, following = np.empty(2 * len(flat), np.int32), np.empty(2 * len(flat), np.int32)  # of each entry
    size, free = 0, -1  # entries in use so far; the last of those that were taken and may be used again
    for i in range(width, len(flat) - width):
        beside = max(max(flat[i - 1], flat[i + 1]), max(flat[i - width], flat[i + width]))
        if flat[i] < np.inf and (beside == np.inf or not settled[i // width - 1, i % width - 1]):
            b = min(int((flat[i] - lowest) * per_bucket), BUCKETS - 1)
            cells[size], following[size], first[b] = i, first[b], size
            size += 1
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
            x, y = min(flat[j - 1], flat[j + 1]), min(flat[j - width], flat[j + width])
            low, gap, h = min(x, y), abs(x - y), step[j]
            new = low + h
            if gap < h:
                new = low + np.float32(0.5) * (gap + np.sqrt(np.float32(2.0) * h * h - gap * gap))
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
    for r in range(rows):
        for c in range(columns):
            value[r, c] = flat[(r + 1) * width + c + 1]


@exact_kernel
def _forget(value, changed):
    """Make inf, in place, what hangs on ``changed`` places: they, and all whose way down leads over one of them.

    The rim keeps its values: what they hang on lies outside.
    """
    rows, columns = value.shape
    width = columns + 2
    flat = _rimmed(value)
    gone = np.zeros(len(flat), np.bool_)
    todo, count = np.empty(rows * columns, np.int32), 0
    for r in range(rows):
        for c in range(columns):
            i = (r + 1) * width + c + 1
            if 0 < r < rows - 1 and 0 < c < columns - 1 and changed[r, c] and value[r, c] < np.inf:
                gone[i] = True
                todo[count] = i
                count += 1
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
    for r in range(rows):
        for c in range(columns):
            if gone[(r + 1) * width + c + 1]:
                value[r, c] = np.inf


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
    width = columns + 2
    flat = _rimmed(value)
    taken = np.ones(len(flat), np.bool_)  # the rim stays as it is
    for r in range(rows):
        for c in range(columns):
            taken[(r + 1) * width + c + 1] = value[r, c] < np.inf
    straight = np.float32(slowness * resolution)
    slanting = np.float32(1.4142135) * straight
    ring, following = np.empty(rows * columns, np.int32), np.empty(rows * columns, np.int32)  # the cells to fill next
    fresh = np.empty(rows * columns, np.float32)
    count = 0
    for i in range(width + 1, len(flat) - width - 1):
        if not taken[i] and min(min(flat[i - 1], flat[i + 1]), min(flat[i - width], flat[i + width])) < np.inf:
            ring[count] = i
            count += 1
    for n in range(count):
        taken[ring[n]] = True
    for turn in range(rings):
        for n in range(count):
            i = ring[n]
            beside = min(min(flat[i - 1], flat[i + 1]), min(flat[i - width], flat[i + width]))
            corner = min(min(flat[i - width - 1], flat[i - width + 1]), min(flat[i + width - 1], flat[i + width + 1]))
            fresh[n] = min(beside + straight, corner + slanting)
        more = 0
        for n in range(count):
            i = ring[n]
            flat[i] = fresh[n]
            value[i // width - 1, i % width - 1] = fresh[n]
            if turn < rings - 1:
                for j in (i + width, i - width, i + 1, i - 1):
                    if not taken[j]:
                        taken[j] = True
                        following[more] = j
                        more += 1
        ring, following, count = following, ring, more


def cost_to_go(speed: Floats32, row: float, column: float, resolution: float) -> Floats32:
    """Metres (rows, columns) from each cell to the goal at full speed; inf where no way leads.

    Args:
        speed: (rows, columns) float32 in 0..1, share of full speed; 0 blocks.
        row, column: the goal in continuous cell coordinates (whole numbers are centres).
        resolution: edge of a cell, m.
    """
    value = np.full(speed.shape, np.inf, np.float32)
    _seed(speed, value, row, column, resolution, PATCH)
    _march(speed, value, np.zeros(value.shape, np.bool_), resolution)
    return value


def cost_to_go_within(
    speed: Floats32,
    border: Floats32,
    goal: tuple[float, float] | None,
    resolution: float,
    changed: Bools | None = None,
    slowness: float = 3.0,
) -> Floats32:
    """Metres (rows, columns) inside a window, from the values on its border and from a goal that lies inside.

    Args:
        speed: (rows, columns) as in :func:`cost_to_go`.
        border: (rows, columns); finite on the rim where the whole map's cost is known, and with ``changed`` inside too.
        goal: (row, column) of the goal if it lies inside.
        resolution: edge of a cell, m.
        changed: (rows, columns) where it has become slower since; the rest of ``border`` is then known as it is. None:
            nothing inside is known.
        slowness: slope of the values that are carried into blocked cells.
    """
    value = border.copy()
    if changed is None:
        value[1:-1, 1:-1] = np.inf
    else:
        _forget(value, changed)
    value[speed <= 0.0] = np.inf
    settled = np.isfinite(value)
    if goal is not None:
        around = np.full(value.shape, np.inf, np.float32)
        _seed(speed, around, goal[0], goal[1], resolution, PATCH)
        np.copyto(value, around, where=~settled)
    _march(speed, value, settled, resolution)
    _extend(value, resolution, slowness, 6)
    return value
