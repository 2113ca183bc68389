"""What moves, told from two scans: returns where the earlier one looked through, and how far they have come.

The earlier scan is one tuple: ``sensor`` (3,) x, y, yaw; ``ranges`` (K,), m, inf where nothing was met, nan where
nothing is known; ``angles`` (2,) from the sensor's axis to the first ray, and from a ray to the next, rad; ``returns``
(K, 2), m, nan where there was none. An object is a run of neighbouring returns of the newer scan.
"""

from __future__ import annotations

import math

from pavane.numerics.jit import exact_kernel

TOGETHER = 0.15  # m between neighbouring returns of one object
ENOUGH = 3  # returns of an object that must have come; a chair's leg may have stood between two rays
WIDE = 1.2  # m; what is wider does not come: the robot is elsewhere than its odometry says
ROUNDS = 6  # of matching an object with where it was


@exact_kernel
def ray_to(x, y, sensor, angles):
    """Return which ray of a scan looks to (x, y), in parts of rays from the first one on, and how far it is, m.

    Args:
        x: m.
        y: m.
        sensor: (3,) x, y, yaw.
        angles: (2,) of the first ray, and from a ray to the next, rad.
    """
    dx, dy = x - sensor[0], y - sensor[1]
    step = abs(angles[1])
    turn = math.copysign(1.0, angles[1]) * (math.atan2(dy, dx) - sensor[2] - angles[0])  # from the first ray on
    turn -= 2.0 * math.pi * math.floor((turn + step) / (2.0 * math.pi))
    return turn / step, math.hypot(dx, dy)


@exact_kernel
def seen_through(ray, beyond, ranges):
    """Return whether the rays of a scan on both sides of a direction, and the one between, went on ``beyond`` m."""
    k = int(math.floor(ray + 0.5))
    if k < 1 or k > ranges.shape[0] - 2:
        return False
    return ranges[k - 1] > beyond and ranges[k] > beyond and ranges[k + 1] > beyond  # nan is not


@exact_kernel
def nearest_return(returns, x, y, reach):
    """Return the offset, x and y in m, from the return nearest to (x, y) to there; nan where none is in reach.

    Args:
        returns: (K, 2) m.
        x: m.
        y: m.
        reach: m.
    """
    best, dx, dy = reach * reach, math.nan, math.nan
    for k in range(returns.shape[0]):
        ox, oy = x - returns[k, 0], y - returns[k, 1]
        d = ox * ox + oy * oy
        if d < best:
            best, dx, dy = d, ox, oy
    return dx, dy


@exact_kernel
def came_by(points, returns, reach):
    """Return how far, x and y in m, an object's ``points`` (N, 2) have come, so that they lay on ``returns`` before.

    It is moved back by its mean distance from what is nearest, again and again.
    """
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
def give_velocity(moved, returns, seconds, speeds):
    """Write the velocity of one object into its returns ``moved`` (N, 4); return whether it is taken to move.

    Args:
        moved: x, y of the returns that have come, and vx, vy, which are written.
        returns: (K, 2) of the earlier scan from which it may have come, m.
        seconds: between the scans.
        speeds: slowest and fastest that are told, m/s.
    """
    dx, dy = came_by(moved[:, :2], returns, speeds[1] * seconds)
    if moved.shape[0] < ENOUGH or not math.hypot(dx, dy) >= speeds[0] * seconds:
        return False
    moved[:, 2], moved[:, 3] = dx / seconds, dy / seconds
    return True


@exact_kernel
def find_moving(points, earlier, seconds, margin, speeds, out):
    """Fill ``out`` (N, 4) with x, y, vx, vy of the returns that have come; return how many those are.

    A return has come if the earlier scan saw through its place, and met something no farther away than it can have
    come. The returns of an object have one velocity; of a wide one nothing is told. Where most of a scan seems to have
    come, wide objects too, it is the robot that is elsewhere than its odometry says, and nothing at all is told.

    Args:
        points: (N, 2) the newer scan's returns in the order of their rays, m; nan where there was none.
        earlier: the earlier scan, see above.
        seconds: between the scans.
        margin: m, what range noise explains.
        speeds: slowest and fastest, m/s; slower objects stand, and what had to be faster came from elsewhere.
        out: written.
    """
    sensor, ranges, angles, returns = earlier
    reach, rays = speeds[1] * seconds, returns.shape[0]
    count, begin = 0, 0  # of what is written; from ``begin`` on it is of the present object
    first, last = rays, 0  # rays between which the earlier scan may have met the present object
    met, came, width, wide = 0, 0, 0.0, False
    last_x, last_y = math.nan, math.nan
    for i in range(points.shape[0] + 1):
        x, y = (points[i, 0], points[i, 1]) if i < points.shape[0] else (math.nan, math.nan)
        if not math.hypot(x - last_x, y - last_y) < TOGETHER:  # an object ends
            if width > WIDE:
                count, wide = begin, True
            elif count > begin:
                if not give_velocity(out[begin:count], returns[first:last], seconds, speeds):
                    count = begin
                begin = count
            first, last, width = rays, 0, 0.0
        last_x, last_y = x, y
        if math.isnan(x):
            continue
        met += 1
        ray, distance = ray_to(x, y, sensor, angles)
        if not seen_through(ray, distance + margin, ranges):
            continue
        aside = math.asin(min(2.0 * reach / max(distance, 1e-6), 1.0)) / abs(angles[1])  # rays: all within twice reach
        low, high = max(int(ray - aside), 0), min(int(ray + aside) + 2, rays)
        if not math.isnan(nearest_return(returns[low:high], x, y, reach)[0]):
            came += 1
            first, last = min(first, low), max(last, high)
            out[count, 0], out[count, 1] = x, y
            width = max(width, math.hypot(x - out[begin, 0], y - out[begin, 1]))
            count += 1
    return 0 if 2 * came > met and wide else count
