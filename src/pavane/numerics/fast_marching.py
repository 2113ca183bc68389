"""Cost-to-go by fast marching: metres still to travel, slow places counted longer."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats32
from pavane.numerics.jit import exact_kernel

BUCKET = 0.5  # cells of way that one bucket spans
BUCKETS = 4096  # the last one takes all that is farther
ALIKE = np.float32(1e-6)  # m: values this near are the same
MOST_DISCOMFORT = 3.0  # more does not make a way longer: what a window can tell apart has an end
RINGS = 6  # cells that values are carried into blocked places
PATCH = 4  # cells around the goal whose cost is their exact distance: first-order marching errs most at its source


@exact_kernel
def paces(clearance, discomfort, radius, band, tight, discomfort_cost):
    """Return the share of full speed (rows, columns) float32 at cells with a clearance, m; see ``global_planner.pace``.

    From a half beside them to all of it ``band`` m further; a tenth within ``tight`` m. ``discomfort`` may be empty.
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
    """Paces (rows, columns) cut to ``pace`` inside discs (N, 3) of column, row and radius, in cells."""
    rows, columns = speed.shape
    out = speed.copy()
    for n in range(discs.shape[0]):
        column, row, radius = discs[n]
        for r in range(max(int(row - radius), 0), min(int(row + radius) + 1, rows)):
            for c in range(max(int(column - radius), 0), min(int(column + radius) + 1, columns)):
                if np.hypot(r - row, c - column) < radius:
                    out[r, c] = min(out[r, c], np.float32(pace))
    return out


@exact_kernel
def from_lowest(value, stand_off, near, span):
    """Costs (rows, columns) of which only differences matter, lowered so that they are small and exact in few bits.

    ``stand_off`` m of the way need not be gone. The lowest becomes ``near`` m at most, none is more than ``span`` above
    it; where no way leads it is that.
    """
    lowest = _lowest(value)
    lowest = max(lowest - np.float32(stand_off), np.float32(0.0)) if lowest < np.inf else np.float32(0.0)
    base = min(lowest, np.float32(near))
    most = base + np.float32(span)
    out = np.empty_like(value)
    for r in range(value.shape[0]):
        for c in range(value.shape[1]):
            out[r, c] = min(max(value[r, c] - np.float32(stand_off), np.float32(0.0)) - (lowest - base), most)
    return out


# Loops over slices of a row take many cells at once. An index that could be negative would keep them from that.


@exact_kernel
def _lowest(field):
    """The lowest of the values (rows, columns)."""
    least = np.full(field.shape[1], np.float32(np.inf))
    for r in range(field.shape[0]):
        row = field[r]
        for c in range(len(least)):
            least[c] = min(least[c], row[c])
    return least.min()


@exact_kernel
def _beside(flat, row, width):
    """The row of ``width`` places that begins at ``row``, and those to its left, right, above and below."""
    left, right = flat[row - 1 : row + width - 1], flat[row + 1 : row + width + 1]
    return flat[row : row + width], left, right, flat[row - width : row], flat[row + width : row + 2 * width]


@exact_kernel
def _may_start(flat, settled, row, width):
    """Whether any place of a row has a value and is not settled, or is beside one without."""
    here, left, right, above, below = _beside(flat, row, width)
    known, inf, count = settled[row : row + width], np.float32(np.inf), np.int32(0)
    for c in range(width):
        most = max(max(left[c], right[c]), max(above[c], below[c]))
        count += np.int32((here[c] < inf) & ((most == inf) | (not known[c])))
    return count > 0


@exact_kernel
def _may_take(flat, row, width):
    """Whether any place of a row has no value and is beside one that has."""
    here, left, right, above, below = _beside(flat, row, width)
    inf, count = np.float32(np.inf), np.int32(0)
    for c in range(width):
        least = min(min(left[c], right[c]), min(above[c], below[c]))
        count += np.int32((here[c] == inf) & (least < inf))
    return count > 0


@exact_kernel
def _march(flat, step, settled, width, resolution):
    """Solve |grad T| = 1 / speed from the finite entries of ``flat``, which it fills in.

    All are (rows * columns,) with a rim of inf around the map, ``width`` columns with it, that stands for all checks of
    the bounds; ``step`` is the cost of one cell, inf where blocked. First-order upwind differences (Sethian 1996).
    Entries given keep their value unless a shorter way exists; ``settled`` are those that are a solution among
    themselves. Cells wait in buckets of like values instead of a heap (as in Dial's algorithm), so within one they come
    in any order; a cell whose value falls again waits again. That ends where no cell can fall: in the solution of the
    same differences, whatever the order.
    """
    lowest = _lowest(flat.reshape((-1, width)))
    if lowest == np.float32(np.inf):
        return
    per_bucket = np.float32(1.0 / (BUCKET * resolution))
    first = np.full(BUCKETS, -1, np.int32)  # of each bucket, the entry that came last
    cells, following = np.empty(2 * len(flat), np.int32), np.empty(2 * len(flat), np.int32)  # of each entry
    size, free = 0, -1  # entries in use so far; the last of those that were taken and may be used again
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


@exact_kernel
def _forget(flat, gone, width, rows, columns):
    """Make inf, in place, what hangs on ``gone`` places: they, and all whose way down leads over one of them.

    The window's outermost cells keep their values: what they hang on lies outside.
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
def _seed(speed, flat, settled, row, column, resolution, patch):
    rows, columns = speed.shape
    for r in range(max(0, int(row) - patch), min(rows, int(row) + patch + 2)):
        for c in range(max(0, int(column) - patch), min(columns, int(column) + patch + 2)):
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
def _extend(flat, width, rows, columns, resolution, slowness, rings):
    """Carry values a few cells into blocked places, uphill, so that interpolation beside a wall stays sane."""
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
            if turn < rings - 1:
                for j in (i + width, i - width, i + 1, i - 1):
                    if not taken[j]:
                        taken[j] = True
                        following[more] = j
                        more += 1
        ring, following, count = following, ring, more


@exact_kernel
def _whole(speed, row, column, resolution):
    rows, columns = speed.shape
    width = columns + 2
    flat = np.full((rows + 2) * width, np.float32(np.inf))
    step = flat.copy()
    for r in range(rows):
        for c in range(columns):
            if speed[r, c] > 0.0:
                step[(r + 1) * width + c + 1] = np.float32(resolution) / speed[r, c]
    settled = np.zeros(len(flat), np.bool_)
    _seed(speed, flat, settled, row, column, resolution, PATCH)
    _march(flat, step, settled, width, resolution)
    return flat.reshape((rows + 2, width))[1:-1, 1:-1].copy()


@exact_kernel
def _within(speed, known, before, first_row, first_column, row, column, resolution, slowness, rings):
    rows, columns = speed.shape
    width = columns + 2
    inf, edge = np.float32(np.inf), np.float32(resolution)
    flat = np.full((rows + 2) * width, inf)
    step = flat.copy()
    settled, gone = np.zeros(len(flat), np.bool_), np.zeros(len(flat), np.bool_)
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
    if keep:
        _forget(flat, gone, width, rows, columns)
    for r in range(rows):
        i = (r + 1) * width + 1
        now, here, cost, known_here = speed[r], flat[i : i + columns], step[i : i + columns], settled[i : i + columns]
        for c in range(columns):
            cost[c] = edge / now[c]  # inf where blocked
            here[c] = here[c] if now[c] > np.float32(0.0) else inf
            known_here[c] = here[c] < inf
    if row >= 0.0:
        _seed(speed, flat, settled, row, column, resolution, PATCH)
    _march(flat, step, settled, width, resolution)
    _extend(flat, width, rows, columns, resolution, slowness, rings)
    return flat.reshape((rows + 2, width))[1:-1, 1:-1].copy()


def cost_to_go(speed: Floats32, row: float, column: float, resolution: float) -> Floats32:
    """Metres (rows, columns) from each cell to the goal at full speed; inf where no way leads.

    Args:
        speed: (rows, columns) float32 in 0..1, share of full speed; 0 blocks.
        row, column: the goal in continuous cell coordinates (whole numbers are centres).
        resolution: edge of a cell, m.
    """
    value: Floats32 = _whole(speed, row, column, resolution)
    return value


def cost_to_go_within(
    speed: Floats32,
    known: Floats32,
    goal: tuple[float, float] | None,
    resolution: float,
    before: Floats32 | None = None,
    corner: tuple[int, int] = (0, 0),
    slowness: float = 3.0,
) -> Floats32:
    """Metres (rows, columns) inside a window, from a whole map's values and from a goal that lies inside.

    Args:
        speed: (rows, columns) as in :func:`cost_to_go`.
        known: the whole map's cost-to-go. Without ``before`` only what lies on the window's rim is used.
        goal: (row, column) of the goal in the window if it lies inside.
        resolution: edge of a cell, m.
        before: speeds that ``known`` was solved with. Where the window is nowhere faster, what does not hang on places
            that became slower need not be solved again.
        corner: (row, column) in the whole map of the window's first cell; it may lie outside.
        slowness: slope of the values that are carried into blocked cells.
    """
    row, column = (-1.0, -1.0) if goal is None else (float(goal[0]), float(goal[1]))
    old = np.zeros((0, 0), np.float32) if before is None else before
    value: Floats32 = _within(speed, known, old, *corner, row, column, resolution, slowness, RINGS)
    return value
