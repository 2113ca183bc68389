"""What people may do, in numbers: hypotheses of where they will be, and the room they have."""

from __future__ import annotations

import math

import numpy as np

from pavane.numerics.jit import exact_kernel

MODE_OF = (0, 1, 1, 2)  # of the hypotheses, by their number in a ``ModeEstimate``: stands, goes on, exactly so, changes


@exact_kernel
def foretell(chances, means, covariances, habits, innovation, late, room, elapsed, slow, least):
    """One track's hypotheses: see ``prediction.forecast.hypotheses``.

    Args:
        chances, means, covariances: (3,), (3, 4), (3, 3) of a ``ModeEstimate``.
        habits: (28,) figures of the kind, see ``prediction.forecast_parameters``.
        innovation: of the motion.
        late: s by which the state is newer than the motion.
        room: m it can go on before a wall.
        elapsed: (K,) s from the state on.
        slow: m/s; who is slower has no way ahead.
        least: hypotheses that weigh less are left out.

    Returns:
        Those that are left, M of them: weights (M,), places and velocities (M, K, 2), sigma_pp, sigma_pv and sigma_vv
        (M, K).
    """
    soon, wall, rough, sway, tire_on, tire_changing, drift, drift_power = habits[9:17]
    kept, stray, stray_fast, stray_power, restless, steady, unsteady, exact = habits[17:25]
    until = room / max(math.hypot(means[1, 2], means[1, 3]), slow)  # s to the wall
    strays = (stray**2 + (stray_fast * math.hypot(means[2, 2], means[2, 3])) ** 2) * math.exp(
        2.0 * restless * innovation
    )
    turning = wall * math.exp(-until / soon) + rough * innovation

    weights = np.zeros(4)
    for i in range(3):
        stands, on, changes = habits[3 * i], habits[3 * i + 1], habits[3 * i + 2]
        if i == 1:
            changes += turning
        elif i == 2:
            on -= turning
        most = max(stands, on, changes)
        stands, on, changes = math.exp(stands - most), math.exp(on - most), math.exp(changes - most)
        share = chances[i] / (stands + on + changes)
        weights[0] += share * stands
        weights[1] += share * on
        weights[3] += share * changes
    weights[2] = weights[1] / (1.0 + math.exp(unsteady * innovation - steady))
    weights[1] -= weights[2]
    left, total = 0, 0.0
    for weight in weights:
        if weight >= least:
            left, total = left + 1, total + weight

    count, m = len(elapsed), 0
    shares, places, velocities = np.empty(left), np.empty((left, count, 2)), np.empty((left, count, 2))
    sigma_pp, sigma_pv, sigma_vv = np.empty((left, count)), np.empty((left, count)), np.empty((left, count))
    for i in range(4):
        if weights[i] < least:
            continue
        shares[m] = weights[i] / total
        mode = MODE_OF[i]
        tire, held = (tire_on, kept) if mode == 1 else (tire_changing, 1.0)
        start, power = (drift**2, drift_power) if mode == 1 else (strays, stray_power)
        pp, pv, vv = covariances[mode, 0], covariances[mode, 1], covariances[mode, 2]
        narrowed, jitter = exact if i == 2 else 1.0, habits[25 + mode] ** 2
        for k in range(count):
            t = max(late + elapsed[k], 1e-6)  # s since sensing
            if mode == 0:
                walked, pace = 0.0, 0.0
                variance, slope = pp + (sway * t) ** 2, sway * sway * t
            else:
                # the variance of the place, and half its slope: that is its covariance with the velocity
                fading = math.exp(-t / tire)
                way = tire * (1.0 - fading)  # s of the velocity of now that are walked, without walls
                growth = start * t**power
                variance = pp + held * way * (2.0 * pv + way * vv) + growth
                slope = held * fading * (pv + way * vv) + 0.5 * power * growth / t
                free = mode == 2 or way < until
                walked, pace = (way, fading) if free else (until, 0.0)
            for axis in range(2):
                places[m, k, axis] = means[mode, axis] + means[mode, 2 + axis] * walked
                velocities[m, k, axis] = means[mode, 2 + axis] * pace
            sigma_pp[m, k], sigma_pv[m, k] = narrowed * variance, narrowed * slope
            sigma_vv[m, k] = sigma_pv[m, k] ** 2 / sigma_pp[m, k] + jitter
        m += 1
    return shares, places, velocities, sigma_pp, sigma_pv, sigma_vv


@exact_kernel
def walked(covariance, dt, density):
    """Covariance (4, 4) of a person's x, y, vx, vy after ``dt`` seconds of nearly constant velocity.

    ``density`` is that of the acceleration, m^2/s^3.
    """
    out = covariance.copy()
    for i in range(2):
        for j in range(4):
            out[i, j] += dt * out[i + 2, j]
    for i in range(4):
        for j in range(2):
            out[i, j] += dt * out[i, j + 2]
    place, cross, velocity = density * dt**3 / 3.0, density * dt**2 / 2.0, density * dt
    for i in range(2):
        out[i, i] += place
        out[i, i + 2] += cross
        out[i + 2, i] += cross
        out[i + 2, i + 2] += velocity
    return out


@exact_kernel
def rooms_in(clearance, resolution, states, frame, begin, end, narrow):
    """m (N,) that people can go on from where they are; inf where nothing is in the way.

    Args:
        clearance: (rows, columns) of a window's cell centres, m.
        resolution: edge of a cell, m.
        states: (N, 4) x, y, vx, vy, m and m/s.
        frame: x, y, yaw of their frame from the window's corner, along its axes.
        begin, end: m from a place, where walls are looked for.
        narrow: m of clearance that nobody walks into.
    """
    rows, columns = clearance.shape
    x, y, yaw = frame
    cos, sin = math.cos(yaw), math.sin(yaw)
    rooms = np.full(len(states), np.inf)
    for n in range(len(states)):
        speed = max(math.hypot(states[n, 2], states[n, 3]), 1e-9)
        for k in range(int(math.ceil((end - begin) / resolution))):
            far = (begin + k * resolution) / speed
            to_x, to_y = states[n, 0] + states[n, 2] * far, states[n, 1] + states[n, 3] * far
            column = int(np.rint((x + cos * to_x - sin * to_y) / resolution - 0.5))
            row = int(np.rint((y + sin * to_x + cos * to_y) / resolution - 0.5))
            if 0 <= column < columns and 0 <= row < rows and clearance[row, column] < narrow:
                rooms[n] = begin + k * resolution
                break
    return rooms
