"""What moves, told from two scans: returns where the earlier one looked through, and how far they have come."""

from __future__ import annotations

import math

from pavane.kernels.jit import exact_kernel

TOGETHER = 0.15  # m between neighbouring returns of one thing
ENOUGH = 3  # returns of a thing that must have come; a chair's leg may have stood between two rays
ROUNDS = 6  # of matching a thing with where it was


@exact_kernel
def seen_through(x, y, before, ranges, angles, margin):
    """Whether the rays of a scan on both sides of (x, y), and the one between, went on for ``margin`` m beyond it."""
    dx, dy = x - before[0], y - before[1]
    step = abs(angles[1])
    turn = math.copysign(1.0, angles[1]) * (math.atan2(dy, dx) - before[2] - angles[0])  # from the first ray on
    turn -= 2.0 * math.pi * math.floor((turn + step) / (2.0 * math.pi))
    ray = int(math.floor(turn / step + 0.5))
    if ray < 1 or ray > ranges.shape[0] - 2:
        return False
    beyond = math.hypot(dx, dy) + margin
    return ranges[ray - 1] > beyond and ranges[ray] > beyond and ranges[ray + 1] > beyond  # nan is not


@exact_kernel
def nearest_return(returns, x, y, reach):
    """From the return nearest to (x, y) to there, x and y in m; nan where there is none within ``reach``."""
    best, dx, dy = reach, math.nan, math.nan
    for k in range(returns.shape[0]):
        d = math.hypot(x - returns[k, 0], y - returns[k, 1])
        if d < best:
            best, dx, dy = d, x - returns[k, 0], y - returns[k, 1]
    return dx, dy


@exact_kernel
def came_by(points, returns, reach):
    """How far, x and y in m, a thing's ``points`` (N, 2) have come, so that they lie on ``returns`` before: it is moved
    back by its mean distance from what is nearest, again and again."""
    ux, uy = 0.0, 0.0
    for _ in range(ROUNDS):
        sx, sy, met = 0.0, 0.0, 0
        for i in range(points.shape[0]):
            dx, dy = nearest_return(returns, points[i, 0] - ux, points[i, 1] - uy, reach)
            if not math.isnan(dx):
                sx, sy, met = sx + dx, sy + dy, met + 1
        ux, uy = ux + sx / max(met, 1), uy + sy / max(met, 1)
    return ux, uy


@exact_kernel
def find_moving(points, before, ranges, angles, returns, seconds, margin, slowest, fastest, out):
    """Fill ``out`` (N, 4) with x, y, vx, vy of the returns that have come; how many those are.

    A return has come if the earlier scan saw through its place, and met something no farther away than it can have
    come. Neighbours on one thing have one velocity.

    Args:
        points: (N, 2) the newer scan's returns in the order of their rays, m; nan where there was none.
        before: (3,) x, y, yaw of the earlier scan's sensor.
        ranges: (K,) of the earlier scan, m; inf where nothing was met, nan where nothing is known.
        angles: (2,) from that sensor's axis to the first ray, and from a ray to the next, rad.
        returns: (K, 2) the earlier scan's returns, m; nan where there was none.
        seconds: between the scans.
        margin: m, what range noise explains.
        slowest, fastest: m/s; slower things stand, and what had to be faster came from elsewhere.
        out: written.
    """
    reach = fastest * seconds
    count, begin = 0, 0  # of what is written, of which what is written since ``begin`` is of the present thing
    last_x, last_y = math.nan, math.nan
    for i in range(points.shape[0] + 1):
        x, y = (points[i, 0], points[i, 1]) if i < points.shape[0] else (math.nan, math.nan)
        if not math.hypot(x - last_x, y - last_y) < TOGETHER and count > begin:  # a thing ends
            dx, dy = came_by(out[begin:count, :2], returns, reach)
            if count - begin >= ENOUGH and math.hypot(dx, dy) >= slowest * seconds:
                out[begin:count, 2], out[begin:count, 3] = dx / seconds, dy / seconds
            else:
                count = begin
            begin = count
        last_x, last_y = x, y
        if math.isnan(x) or not seen_through(x, y, before, ranges, angles, margin):
            continue
        if not math.isnan(nearest_return(returns, x, y, reach)[0]):
            out[count, 0], out[count, 1] = x, y
            count += 1
    return count
