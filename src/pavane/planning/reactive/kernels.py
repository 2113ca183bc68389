"""Sweeps of the exact outline over the near map, for the last check before a command leaves.

What belongs together is one tuple of plain numbers and arrays (named tuples take numba longer to take in):

- ``window``: ``solid`` (n, n) bool and ``resolution``, edge of a cell, m; the corner of cell (0, 0) is the origin.
- ``pose``: x, y, yaw of the base in the window's axes, m and rad.
- ``arc``: v and omega, m/s and rad/s.
- ``shape``: ``corners`` (N, 2) and ``radius`` of the Footprint, m.
- ``stopping``: ``margin`` from what is solid, ``air`` from what moves, m, two brakes, m/s^2 and rad/s^2, and for how
  long the command is held before they act, s.
"""

from __future__ import annotations

import math

from pavane.numerics.jit import exact_kernel

LOOK = 0.04  # s between the moments at which what moves is looked at
TOWARDS = 0.02  # m/s with which a point of the outline goes towards what it would run into
FAR = 0.35  # m; clearances beyond this are not told apart


@exact_kernel
def from_edge(x, y, corners):
    """Return whether (x, y) is inside the polygon ``corners`` (N, 2), and from its edge: distance and offset x, y, m.

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
def on_arc(pose, arc, seconds):
    """Return the pose after driving an arc for so long."""
    (x, y, yaw), (v, omega) = pose, arc
    turn, chord = omega * seconds, v * seconds
    if abs(turn) > 1e-9:
        chord *= math.sin(0.5 * turn) / (0.5 * turn)
    return x + chord * math.cos(yaw + 0.5 * turn), y + chord * math.sin(yaw + 0.5 * turn), yaw + turn


@exact_kernel
def farthest_corner(corners):
    """Return the distance of the farthest corner from the base origin, m."""
    outer = 0.0
    for i in range(corners.shape[0]):
        outer = max(outer, math.hypot(corners[i, 0], corners[i, 1]))
    return outer


@exact_kernel
def body_clearance(window, pose, shape, reach):
    """Return the signed clearance of the outline at a pose from solid cells, m, never larger than the truth.

    Where the outline leaves the window it counts as blocked.

    Args:
        window: see above, and likewise the next two.
        pose: of the base.
        shape: the outline.
        reach: clearances beyond this are not told apart, m.
    """
    (solid, resolution), (x, y, yaw), (corners, radius) = window, pose, shape
    n = solid.shape[0]
    half = 0.5 * resolution
    c, s = math.cos(yaw), math.sin(yaw)
    count = corners.shape[0]
    bound = farthest_corner(corners) + radius
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
def sweep_clearance(window, pose, arc, seconds, shape, enough):
    """Return the smallest clearance along an arc, m; it stops looking below ``enough``.

    Poses stand so close that no point of the outline moves by more than a quarter of a cell from one to the next.
    Between two of them the clearance falls by at most an eighth of a cell, 3 mm, less than the guard's margin.

    Args:
        window: see above, and likewise the next two.
        pose: where the arc begins.
        arc: that is driven.
        seconds: for how long.
        shape: the outline.
        enough: m.
    """
    outer = farthest_corner(shape[0]) + shape[1]
    travel = (abs(arc[0]) + abs(arc[1]) * outer) * seconds
    poses = int(math.ceil(travel / (0.25 * window[1]))) + 1
    least = FAR
    for i in range(poses + 1):
        along = on_arc(pose, arc, seconds * i / poses)
        least = min(least, body_clearance(window, along, shape, enough + 0.02))
        if least < enough:
            break
    return least


@exact_kernel
def runs_into(moving, pose, arc, reaction, stop, shape, air):
    """Return whether the outline itself moves to within ``air`` of what moves, at ``TOWARDS`` m/s or more.

    Whatever moves goes on as it does. What comes to a part of the outline that stands or goes away is not run into.

    Args:
        moving: (M, 4) x, y, vx, vy in the window's axes at the time of the pose, m and m/s.
        pose: see above, and likewise the arc.
        arc: is held for ``reaction`` and braked to rest within ``stop``.
        reaction: s.
        stop: s.
        shape: the outline.
        air: m.
    """
    if moving.shape[0] == 0:
        return False
    (v, omega), (corners, radius) = arc, shape
    looks = int(math.ceil((reaction + stop) / LOOK)) + 1
    for i in range(looks + 1):
        t = (reaction + stop) * i / looks
        braking = max(t - reaction, 0.0) / max(stop, 1e-9)
        share = 1.0 - braking
        px, py, turned = on_arc(pose, arc, t - 0.5 * braking * braking * stop)
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
def largest_scale(window, moving, pose, arc, shape, stopping, floor):
    """Return the largest factor in 0..1 on an arc whose stopping sweep is free; -1 if not even standing is.

    The sweep holds the command for the reaction time and then brakes to rest along the same arc, within the longer of
    what the two brakes take. It is free where it keeps ``margin`` from what is solid and runs into nothing that moves
    (:func:`runs_into`). Sweeps of smaller factors are part of those of larger ones, so bisection finds the largest; but
    not for what moves: there a quicker motion may be away in time, so the whole is tried first.

    Args:
        window: see above, and likewise the others.
        moving: see :func:`runs_into`.
        pose: where the command takes effect.
        arc: that is wanted.
        shape: the outline.
        stopping: how it is braked, and what is kept from what is near.
        floor: a factor below which it is not looked further.
    """
    margin, air, brake, brake_w, reaction = stopping
    if body_clearance(window, pose, shape, margin + 0.02) < margin:
        return -1.0
    low, high = 0.0, 1.0
    factor = 1.0
    for _ in range(7):
        part = factor * arc[0], factor * arc[1]
        stop = max(abs(part[0]) / brake, abs(part[1]) / brake_w)
        free = sweep_clearance(window, pose, part, reaction + 0.5 * stop, shape, margin)
        if free >= margin and not runs_into(moving, pose, part, reaction, stop, shape, air):
            low = factor
            if factor == 1.0:
                return 1.0
        else:
            high = factor
        if high <= floor:
            break
        factor = 0.5 * (low + high)
    return low
