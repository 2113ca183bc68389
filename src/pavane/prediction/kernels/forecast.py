"""What people may do, in numbers: hypotheses of where they will be, and the room they have."""

from __future__ import annotations

import math

import numpy as np

from pavane.numerics.jit import exact_kernel

MODES = (0, 1, 1, 2)  # of the hypotheses, by their number in an estimate: stands, goes on, exactly so, changes
SLOW = 0.05  # m/s; somebody slower has no way ahead
LEAST = 0.005  # hypotheses that weigh less are left out


@exact_kernel
def forecast_track(chances, means, covariances, innovation, parameters, room, since):
    """Return one track's hypotheses: see ``prediction.forecast.hypotheses``.

    Args:
        chances, means, covariances: (3,), (3, 4), (3, 3) of the estimate of its modes.
        innovation: of that estimate.
        parameters: ``ForecastParameters`` of the kind.
        room: m it can go on before a wall.
        since: (K,) s from sensing on, above 0.

    Returns:
        Those that are left, M of them: weights (M,), places and velocities (M, K, 2), sigma_pp, sigma_pv and sigma_vv
        (M, K).
    """
    until = room / max(math.hypot(means[1, 2], means[1, 3]), SLOW)  # s to the wall
    weights = hypothesis_weights(chances, innovation, parameters, until)
    left, total = 0, 0.0
    for weight in weights:
        if weight >= LEAST:
            left, total = left + 1, total + weight

    count, m = len(since), 0
    shares, places, velocities = np.empty(left), np.empty((left, count, 2)), np.empty((left, count, 2))
    sigma_pp, sigma_pv, sigma_vv = np.empty((left, count)), np.empty((left, count)), np.empty((left, count))
    for i in range(4):
        if weights[i] < LEAST:
            continue
        shares[m] = weights[i] / total
        mode = MODES[i]
        tire, start, power, held = growth_of(mode, means[2], innovation, parameters)
        pp, pv, vv = covariances[mode, 0], covariances[mode, 1], covariances[mode, 2]
        narrowed = parameters.exact_share if i == 2 else 1.0
        jitter = parameters.residual_velocity_std[mode] ** 2
        for k in range(count):
            t = since[k]
            if mode == 0:
                walked, pace = 0.0, 0.0
                variance, slope = pp + (parameters.sway * t) ** 2, parameters.sway * parameters.sway * t
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
def hypothesis_weights(chances, innovation, parameters, until):
    """Return probabilities (4,): stands, goes on, goes on exactly so, changes.

    Args:
        chances: (3,) of the modes now.
        innovation: of the estimate: it makes changing likelier, and holding a course exactly less likely.
        parameters: of the kind.
        until: s to a wall ahead, which makes changing likelier.
    """
    turning = parameters.wall_turning * math.exp(-until / parameters.wall_time)
    turning = turning + parameters.innovation_turning * innovation
    weights = np.zeros(4)
    for i in range(3):
        stands, on, changes = parameters.transition_logits[i]
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
    steady, unsteady = parameters.exact_logit
    weights[2] = weights[1] / (1.0 + math.exp(unsteady * innovation - steady))
    weights[1] -= weights[2]
    return weights


@exact_kernel
def growth_of(mode, changing, innovation, parameters):
    """Return how a mode that moves grows unsure: four figures.

    They are the s in which its velocity dies away, the variance of the place after 1 s, the power of time that it grows
    with, and the share of the velocity's variance that counts.

    Args:
        mode: 1 goes on, 2 changes; nothing of it counts for 0.
        changing: (4,) mean of what changes.
        innovation: of the estimate.
        parameters: of the kind.
    """
    if mode == 1:
        return parameters.tires[0], parameters.drift**2, parameters.drift_power, parameters.kept
    stray, stray_fast = parameters.stray
    strays = stray**2 + (stray_fast * math.hypot(changing[2], changing[3])) ** 2
    strays = strays * math.exp(2.0 * parameters.stray_innovation * innovation)
    return parameters.tires[1], strays, parameters.stray_power, 1.0


@exact_kernel
def walked(covariance, dt, density):
    """Return the covariance (4, 4) of a person's x, y, vx, vy after ``dt`` seconds of nearly constant velocity.

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
    """Return the m (N,) that people can go on from where they are; inf where nothing is in the way.

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
