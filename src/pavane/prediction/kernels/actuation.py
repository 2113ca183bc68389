"""The base under commands, and how well a bank of models of it explains odometry.

They serve ``prediction.robot_motion`` and ``prediction.actuation``.
"""

from __future__ import annotations

import math

import numpy as np

from pavane.numerics.jit import exact_kernel


@exact_kernel
def roll_on(pose, v, omega, commands, plant, keep, time, dt, steps, covariance):
    """Return (x, y, yaw, v, omega) of the base some substeps after ``time``; see ``robot_motion.roll``.

    Args:
        pose: x, y, yaw.
        v, omega: speeds, m/s and rad/s.
        commands: (N, 3) stamp sent, v and omega, in order.
        plant: dead time, lag, two gains, spread, and standard deviations of v and omega.
        keep: share of a deviation of the speeds that is left after a substep.
        time, dt, steps: from when on, s, how long a substep is, s, and how many.
        covariance: (5, 5) of x, y, yaw, v, omega; grows in place.
    """
    x, y, yaw = pose
    dead_time, lag, gain_v, gain_omega, spread, v_std, omega_std = plant
    share = 1.0 - math.exp(-dt / lag) if lag > 0.0 else 1.0
    i, p, fresh = -1, covariance, 1.0 - keep * keep
    for _ in range(steps):
        while i + 1 < len(commands) and commands[i + 1, 0] <= time + 0.5 * dt - dead_time:
            i += 1
        change_v = share * (gain_v * commands[i, 1] - v) if i >= 0 else 0.0
        change_omega = share * (gain_omega * commands[i, 2] - omega) if i >= 0 else 0.0
        turn = (omega + 0.5 * change_omega) * dt
        heading, way = yaw + 0.25 * (2.0 * omega + change_omega) * dt, (v + 0.5 * change_v) * dt
        cos, sin = math.cos(heading), math.sin(heading)
        # the transition, first over rows, then over columns
        for j in range(5):
            p[0, j] += dt * cos * p[3, j] - way * sin * p[2, j]
            p[1, j] += dt * sin * p[3, j] + way * cos * p[2, j]
            p[2, j] += dt * p[4, j]
            p[3, j] *= keep
            p[4, j] *= keep
        for j in range(5):
            p[j, 0] += dt * cos * p[j, 3] - way * sin * p[j, 2]
            p[j, 1] += dt * sin * p[j, 3] + way * cos * p[j, 2]
            p[j, 2] += dt * p[j, 4]
            p[j, 3] *= keep
            p[j, 4] *= keep
        p[3, 3] += fresh * (v_std**2 + (spread / dt * change_v) ** 2)
        p[4, 4] += fresh * (omega_std**2 + (spread / dt * change_omega) ** 2)
        x, y, yaw = x + way * cos, y + way * sin, yaw + turn
        v, omega, time = v + change_v, omega + change_omega, time + dt
    return x, y, yaw, v, omega


@exact_kernel
def respond(state, command, lags, seconds):
    """Move what lies behind each lag (2, lags) towards a command (2,) for so many seconds, in place."""
    for j in range(len(lags)):
        share = -math.expm1(-seconds / lags[j])
        for axis in range(2):
            state[axis, j] += share * (command[axis] - state[axis, j])


@exact_kernel
def sums_of_squares(signals, places, seconds, measured, back, step, apart, lively, wild, pp, py, yy):
    """Add up, in place, squares of predictions, their products with measurements, and squares of these.

    Args:
        signals: (2, lags, T) commands behind each lag.
        places: (N,) where in them the measurements are, in samples.
        seconds: (N,) for which each stands.
        measured: (2, N).
        back: (dead times,) in samples.
        step: s between samples.
        apart: dead times over which a change of the commands is judged.
        lively: (2,) changes, m/s^2 and rad/s^2, from which on a measurement teaches for all its time.
        wild: (2,) deviations from all dead times beyond which it teaches nothing.
        pp, py: (2, lags, dead times).
        yy: (2,).

    Returns:
        What it taught for, s.
    """
    axes, lags, _ = signals.shape
    over, total = apart * step * (back[1] - back[0]), 0.0
    for n in range(len(places)):
        here = int(math.floor(places[n]))
        part, change, taught = places[n] - here, 0.0, True
        for axis in range(axes):
            plain, y = signals[axis, 0], measured[axis, n]
            most, nearest = 0.0, np.inf
            for t in range(len(back)):
                nearest = min(nearest, abs(plain[here - back[t]] - y))
                if t >= apart and t % apart == 0:
                    most = max(most, abs(plain[here - back[t]] - plain[here - back[t - apart]]))
            change += (most / over / lively[axis]) ** 2
            taught = taught and nearest <= wild[axis]
        weight = seconds[n] * min(1.0, change) if taught else 0.0
        if weight == 0.0:
            continue
        total += weight
        for axis in range(axes):
            y = measured[axis, n]
            yy[axis] += weight * y * y
            for j in range(lags):
                signal = signals[axis, j]
                for t in range(len(back)):
                    before = signal[here - back[t]]
                    p = before + part * (signal[here - back[t] + 1] - before)
                    pp[axis, j, t] += weight * p * p
                    py[axis, j, t] += weight * y * p
    return total


@exact_kernel
def _fit(pp, py, yy, pull):
    """The scale that suits a model best, drawn towards 1 by ``pull``, and the square of its error with it."""
    gain = (py + pull) / (pp + pull)
    return gain, max(yy - gain * (2.0 * py - gain * pp), 0.0)


@exact_kernel
def weigh_candidates(pp, py, yy, seconds, prior, told, alike, gain_std, cost):
    """Fill in the cost (lags, dead times) of every candidate with the scales that suit it best.

    Args:
        pp, py, yy, seconds: from :func:`sums_of_squares`.
        prior: (lags,) what is added.
        told: (2,) that no model's standard deviation comes below.
        alike: s within which deviations are one and the same.
        gain_std: by which the scales are taken to differ from 1.
        cost: filled in.

    Returns:
        (2, 2) of the best candidate: the scales, and the variances of the speeds from what it says; its row and column.
    """
    axes, lags, times = pp.shape
    best, row, column = np.empty((2, 2)), 0, 0
    square = told**2
    for _ in range(2):  # first as if the model were as good as it can be, then as good as it is
        pull = square * alike / gain_std**2
        lowest = np.inf
        for j in range(lags):
            for t in range(times):
                total = 0.0
                for axis in range(axes):
                    gain, error = _fit(pp[axis, j, t], py[axis, j, t], yy[axis], pull[axis])
                    total += (error + pull[axis] * (gain - 1.0) ** 2) / (square[axis] * alike)
                total += prior[j]
                cost[j, t] = total
                if total < lowest:
                    lowest, row, column = total, j, t
        for axis in range(axes):
            gain, error = _fit(pp[axis, row, column], py[axis, row, column], yy[axis], pull[axis])
            best[0, axis], best[1, axis] = gain, error / seconds
            square[axis] = max(told[axis] ** 2, best[1, axis])
    return best, row, column


@exact_kernel
def between(cost, lags, dead_times):
    """(delay, lag, standard deviation of the delay), s, by the likelihood of candidates with a cost (lags, dead times).

    For each lag counts the vertex of a parabola over dead time, which are evenly apart.
    """
    rows, columns = cost.shape
    lowest, delays, least, least_of_all = np.empty(rows), np.empty(rows), np.inf, np.inf
    for j in range(rows):
        best = 0
        for t in range(columns):
            best = t if cost[j, t] < cost[j, best] else best
        inner = min(max(best, 1), columns - 2)
        low, middle, high = cost[j, inner - 1], cost[j, inner], cost[j, inner + 1]
        curve = max(low - 2.0 * middle + high, 1e-9)
        shift = min(max(0.5 * (low - high) / curve, -1.0), 1.0)
        lowest[j] = middle + shift * (0.5 * (high - low) + 0.5 * curve * shift)
        delays[j] = dead_times[inner] + shift * (dead_times[1] - dead_times[0]) + lags[j]
        least, least_of_all = min(least, lowest[j]), min(least_of_all, cost[j, best])
    delay, lag, total = 0.0, 0.0, 0.0
    for j in range(rows):
        likely = math.exp(-0.5 * (lowest[j] - least))
        delay, lag, total = delay + likely * delays[j], lag + likely * lags[j], total + likely
    delay, lag = delay / total, lag / total
    square, total = 0.0, 0.0
    for j in range(rows):
        for t in range(columns):
            likely = math.exp(-0.5 * (cost[j, t] - least_of_all))
            square, total = square + likely * (dead_times[t] + lags[j] - delay) ** 2, total + likely
    return delay, lag, math.sqrt(square / total)
