"""Sweeps of the exact outline over the near map, for the last check before a command leaves."""

from __future__ import annotations

import math

from pavane.numerics.jit import exact_kernel

LOOK = 0.04  # s between the moments at which what moves is looked at
TOWARDS = 0.02  # m/s with which a point of the outline goes towards what it would run into
FAR = 0.35  # m; clearances beyond this are not told apart


@exact_kernel
def from_edge(x, y, corners):
    """Whether (x, y) is inside the polygon ``corners`` (N, 2), how far from its edge, m, and that way from there, x, y.

    One corner is a point, two are a line: nothing is inside them.
    """
    count = corners.shape[0]
    inside = count > 2
    nearest, nx, ny = 1e9, 1.0, 0.0
    for i in range(count):
        k = i + 1 if i + 1 < count else 0
        ex, ey = corners[k, 0] - corners[i, 0], corners[k, 1] - corners[i, 1]
        ox, oy = x - corners[i, 0], y - corners[i, 1]
        f = min(max((ox * ex + oy * ey) / max(ex * ex + ey * ey, 1e-12), 0.0), 1.0)
        vx, vy = ox - f * ex, oy - f * ey
        d = math.hypot(vx, vy)
        if d < nearest:
            nearest, nx, ny = d, vx, vy
        if ex * oy - ey * ox < 0.0:
            inside = False
    return inside, nearest, nx, ny


@exact_kernel
def on_arc(x, y, yaw, v, omega, seconds):
    """The pose after driving the arc (v, omega) for so long."""
    turn, chord = omega * seconds, v * seconds
    if abs(turn) > 1e-9:
        chord *= math.sin(0.5 * turn) / (0.5 * turn)
    return x + chord * math.cos(yaw + 0.5 * turn), y + chord * math.sin(yaw + 0.5 * turn), yaw + turn


@exact_kernel
def body_clearance(solid, resolution, x, y, yaw, corners, radius, reach):
    """Signed clearance of the outline at a pose from solid cells, m, at most ``reach``; never larger than the truth.

    The pose is in the window's axes with the corner of cell (0, 0) as origin. ``corners`` (N, 2) and ``radius`` are the
    Footprint's. Where the outline leaves the window it counts as blocked.
    """
    n = solid.shape[0]
    half = 0.5 * resolution
    c, s = math.cos(yaw), math.sin(yaw)
    count = corners.shape[0]
    outer = 0.0
    for i in range(count):
        outer = max(outer, math.hypot(corners[i, 0], corners[i, 1]))
    bound = outer + radius
    edge = min(min(x, y), min(n * resolution - x, n * resolution - y)) - bound
    best = min(reach, edge)
    if best < 0.0:
        return best
    span = bound + reach + resolution
    for r in range(max(0, int((y - span) / resolution)), min(n, int((y + span) / resolution) + 1)):
        for q in range(max(0, int((x - span) / resolution)), min(n, int((x + span) / resolution) + 1)):
            if not solid[r, q]:
                continue
            px, py = (q + 0.5) * resolution - x, (r + 0.5) * resolution - y
            if count == 1:
                dx, dy = max(abs(px) - half, 0.0), max(abs(py) - half, 0.0)
                best = min(best, math.hypot(dx, dy) - radius)
                continue
            if math.hypot(px, py) - bound - 1.5 * half > best:
                continue
            bx, by = c * px + s * py, c * py - s * px  # the cell's centre in the body frame
            inside, nearest, nx, ny = from_edge(bx, by, corners)
            norm = max(nearest, 1e-9)
            wx, wy = (c * nx - s * ny) / norm, (s * nx + c * ny) / norm
            support = half * (abs(wx) + abs(wy))  # how far the square reaches towards the outline
            best = min(best, (-nearest if inside else nearest) - support - radius)
    return best


@exact_kernel
def sweep_clearance(solid, resolution, x, y, yaw, v, omega, seconds, corners, radius, enough):
    """Smallest clearance along the arc (v, omega) driven for ``seconds``, m; stops looking below ``enough``.

    Poses stand so close that no point of the outline moves by more than a quarter of a cell from one to the next.
    Between two of them the clearance falls by at most an eighth of a cell, 3 mm, less than the guard's margin.
    """
    outer = radius
    for i in range(corners.shape[0]):
        outer = max(outer, math.hypot(corners[i, 0], corners[i, 1]) + radius)
    travel = (abs(v) + abs(omega) * outer) * seconds
    poses = int(math.ceil(travel / (0.25 * resolution))) + 1
    least = FAR
    for i in range(poses + 1):
        f = seconds * i / poses
        px, py, turned = on_arc(x, y, yaw, v, omega, f)
        least = min(least, body_clearance(solid, resolution, px, py, turned, corners, radius, enough + 0.02))
        if least < enough:
            break
    return least


@exact_kernel
def runs_into(moving, x, y, yaw, v, omega, reaction, stop, corners, radius, air):
    """Whether the outline itself moves to within ``air`` of what moves, at ``TOWARDS`` m/s or more, before it rests.

    What moves goes on as it does. Who comes to a part of the outline that stands or goes away is not run into.
    ``moving`` (M, 4) are x, y, vx, vy in the window's axes at the time of the pose; the arc (v, omega) is held for
    ``reaction`` seconds and braked for ``stop``.
    """
    if moving.shape[0] == 0:
        return False
    looks = int(math.ceil((reaction + stop) / LOOK)) + 1
    for i in range(looks + 1):
        t = (reaction + stop) * i / looks
        braking = max(t - reaction, 0.0) / max(stop, 1e-9)
        share = 1.0 - braking
        px, py, turned = on_arc(x, y, yaw, v, omega, t - 0.5 * braking * braking * stop)
        c, s = math.cos(turned), math.sin(turned)
        for m in range(moving.shape[0]):
            wx, wy = moving[m, 0] + moving[m, 2] * t - px, moving[m, 1] + moving[m, 3] * t - py
            bx, by = c * wx + s * wy, c * wy - s * wx  # in the body frame
            inside, nearest, nx, ny = from_edge(bx, by, corners)
            if (-nearest if inside else nearest) - radius >= air:
                continue
            out = (-1.0 if inside else 1.0) / max(nearest, 1e-9)
            # how fast the point of the body that is there goes towards it
            if share * ((v - omega * by) * nx + omega * bx * ny) * out > TOWARDS:
                return True
    return False


@exact_kernel
def largest_scale(
    solid, resolution, moving, air, x, y, yaw, v, omega, reaction, brake, brake_w, corners, radius, margin, floor
):
    """Largest factor in 0..1 on (v, omega) whose stopping sweep keeps ``margin`` from what is solid, and ``air`` from
    what moves (``runs_into``); -1 if not even standing keeps ``margin``.

    The sweep holds the command for ``reaction`` seconds and then brakes to rest along the same arc at ``brake`` m/s^2
    and ``brake_w`` rad/s^2, whichever takes longer. Sweeps of smaller factors are part of those of larger ones, so
    bisection finds the largest, but for what moves: there a quicker motion may be away in time, so the whole is tried
    first. ``floor`` is a factor below which nobody looks.
    """
    if body_clearance(solid, resolution, x, y, yaw, corners, radius, margin + 0.02) < margin:
        return -1.0
    low, high = 0.0, 1.0
    factor = 1.0
    for _ in range(7):
        sv, sw = factor * v, factor * omega
        stop = max(abs(sv) / brake, abs(sw) / brake_w)
        free = sweep_clearance(solid, resolution, x, y, yaw, sv, sw, reaction + 0.5 * stop, corners, radius, margin)
        if free >= margin and not runs_into(moving, x, y, yaw, sv, sw, reaction, stop, corners, radius, air):
            low = factor
            if factor == 1.0:
                return 1.0
        else:
            high = factor
        if high <= floor:
            break
        factor = 0.5 * (low + high)
    return low
