"""The base under commands, and how well a bank of models of it explains odometry.

They serve ``prediction.robot_motion`` and ``prediction.actuation``.
"""

from __future__ import annotations

import math

import numpy as np

from pavane.numerics.jit import exact_kernel


@exact_kernel
def roll_on(state, commands, plant, keep, substeps, covariance):
    """Return (x, y, yaw, v, omega) of the base after some substeps under commands; see ``robot_motion.roll``.

    Args:
        state: x, y, yaw, v, omega, m and rad, m/s and rad/s.
        commands: (N, 3) stamp sent, v and omega, in order.
        plant: dead time, lag, two gains, spread, and standard deviations of v and omega.
        keep: share of a deviation of the speeds that is left after a substep.
        substeps: from when on, s, how long one is, s, and how many.
        covariance: (5, 5) of x, y, yaw, v, omega; grows in place.
    """
    x, y, yaw, v, omega = state
    time, dt, steps = substeps
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
    """Move what lies behind each lag towards a command for so many seconds.

    Args:
        state: (2, lags) v and omega; moves in place.
        command: (2,) v and omega.
        lags: (lags,) time constants, s.
        seconds: s.
    """
    for j in range(len(lags)):
        share = -math.expm1(-seconds / lags[j])
        for axis in range(2):
            state[axis, j] += share * (command[axis] - state[axis, j])


@exact_kernel
def _liveliness(signals, here, measured, bank, bounds):
    """Return the share of its time for which a measurement teaches, 0 to 1.

    Args:
        signals: (2, lags, T) commands behind each lag.
        here: the sample that it lies behind.
        measured: (2,) v and omega.
        bank: see :func:`sums_of_squares`.
        bounds: likewise.
    """
    (back, step, apart), (lively, wild) = bank, bounds
    over, change, taught = apart * step * (back[1] - back[0]), 0.0, True
    for axis in range(signals.shape[0]):
        plain, y = signals[axis, 0], measured[axis]
        most, nearest = 0.0, np.inf
        for t in range(len(back)):
            nearest = min(nearest, abs(plain[here - back[t]] - y))
            if t >= apart and t % apart == 0:
                most = max(most, abs(plain[here - back[t]] - plain[here - back[t - apart]]))
        change += (most / over / lively[axis]) ** 2
        taught = taught and nearest <= wild[axis]
    return min(1.0, change) if taught else 0.0


@exact_kernel
def sums_of_squares(signals, odometry, bank, bounds, sums):
    """Add up, in place, squares of predictions, their products with measurements, and squares of these.

    Args:
        signals: (2, lags, T) commands behind each lag.
        odometry: places (N,) of the measurements in the signals, in samples; seconds (N,) for which each stands; and
            the measurements (2, N) of v and omega.
        bank: dead times (M,) in samples; s between samples; and dead times over which a change of the commands is
            judged.
        bounds: changes (2,), m/s^2 and rad/s^2, from which on a measurement teaches for all its time; and deviations
            (2,) from all dead times beyond which it teaches nothing.
        sums: pp and py (2, lags, dead times), yy (2,); grow in place.

    Returns:
        For how long the measurements taught, s.
    """
    (places, seconds, measured), (pp, py, yy), back = odometry, sums, bank[0]
    axes, lags, _ = signals.shape
    total = 0.0
    for n in range(len(places)):
        here = int(math.floor(places[n]))
        part = places[n] - here
        weight = seconds[n] * _liveliness(signals, here, measured[:, n], bank, bounds)
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
    """Return the scale that suits a model best, and the square of its error with it.

    Args:
        pp: sum of predictions squared.
        py: of predictions times measurements.
        yy: of measurements squared.
        pull: draws the scale towards 1.
    """
    gain = (py + pull) / (pp + pull)
    return gain, max(yy - gain * (2.0 * py - gain * pp), 0.0)


@exact_kernel
def weigh_candidates(sums, prior, told, alike, gain_std, cost):
    """Fill in the cost (lags, dead times) of every candidate with the scales that suit it best.

    Args:
        sums: pp, py, yy and the seconds from :func:`sums_of_squares`.
        prior: (lags,) what is added.
        told: (2,) that no model's standard deviation comes below.
        alike: s within which deviations are one and the same.
        gain_std: by which the scales are taken to differ from 1.
        cost: filled in.

    Returns:
        (2, 2) of the best candidate: the scales, and the variances of the speeds from what it says; its row and column.
    """
    pp, py, yy, seconds = sums
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
    """Return delay, lag and standard deviation of the delay, s, by the likelihood of candidates.

    For each lag the vertex of a parabola over the dead times counts, which are evenly apart. ``cost`` is (lags, dead
    times), twice a negative log likelihood.
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
