"""The search kernels: seeds that follow the cost-to-go, and projected quasi-Newton steps on many candidates at once."""

from __future__ import annotations

import math

import numpy as np

from pavane.motion.model import DT, STEPS
from pavane.numerics.jit import exact_kernel

KNOTS = (10, 22, 38, 60)
HOP = 2  # steps from one look downhill to the next
FIRST_STEP = 1.0  # scaled units per unit of slope, before curvature is known: mostly LONGEST_STEP decides
LONGEST_STEP = 0.5  # scaled units
_RING = np.arange(16) * np.pi / 8
RING_X, RING_Y = tuple(np.cos(_RING)), tuple(np.sin(_RING))
RING_COLUMN, RING_ROW = (tuple(int(round(3 * v)) for v in side) for side in (RING_X, RING_Y))


@exact_kernel
def flow_seeds(
    field, columns, rows, origin_x, origin_y, per_metre, start, speeds, turns, a_max, v_low, arrived, goal_yaw, out
):
    """Decisions (8, S) of a unicycle that turns downhill on the cost-to-go, one for each (top speed, turn limit).

    ``field`` (rows * columns) float32 is the cost-to-go on the window's lattice, m. ``start`` as in evaluate. Where it
    is below ``arrived`` the unicycle stops and turns to ``goal_yaw``.
    """
    dt = HOP * DT
    for n in range(speeds.shape[0]):
        x, y, yaw, v = start[0], start[1], start[2], start[3]
        k = 0
        for step in range(HOP, STEPS + 1, HOP):
            i = int(min(max((x - origin_x) * per_metre + 0.5, 3), columns - 4))
            j = int(min(max((y - origin_y) * per_metre + 0.5, 3), rows - 4))
            here = field[j * columns + i]
            gx, gy, best = 0.0, 0.0, 0.0
            for a in range(16):  # downhill direction over a ring of 3 cells: the plain gradient is noisy beside walls
                cx, cy = RING_X[a], RING_Y[a]
                drop = here - field[(j + RING_ROW[a]) * columns + i + RING_COLUMN[a]]
                if drop > 0.0:
                    gx, gy = gx + drop * drop * cx, gy + drop * drop * cy
                    best = max(best, drop)
            error = 0.0
            if here < arrived:
                error = goal_yaw - yaw
                error -= 2 * math.pi * np.rint(error / (2 * math.pi))
            elif best > 0.0:
                error = math.atan2(gy, gx) - yaw
                error -= 2 * math.pi * np.rint(error / (2 * math.pi))
            omega = min(max(3.0 * error, -turns[n]), turns[n])
            want = speeds[n] * max(0.0, math.cos(error)) ** 2 if speeds[n] >= 0.0 else max(speeds[n], v_low)
            want = min(want, math.sqrt(max(2.0 * 0.6 * a_max * (here + 0.02), 0.0))) if here >= arrived else 0.0
            v = min(max(want, v - 1.2 * a_max * dt), v + a_max * dt)
            x, y = x + v * dt * math.cos(yaw + 0.5 * omega * dt), y + v * dt * math.sin(yaw + 0.5 * omega * dt)
            yaw += omega * dt
            if step == KNOTS[k]:
                out[k, n], out[4 + k, n] = v, omega
                k += 1


@exact_kernel
def postponed(decision, seconds, out):
    """What a decision (8,) aims for at the knots so many seconds later: straight between its own, the last one held."""
    for k in range(4):
        time, n = KNOTS[k] + seconds / DT, min(k, 2)
        while n < 2 and KNOTS[n + 1] < time:
            n += 1
        part = min((time - KNOTS[n]) / (KNOTS[n + 1] - KNOTS[n]), 1.0)
        for first in (0, 4):  # speeds, then yaw rates
            before, after = decision[first + n], decision[first + n + 1]
            out[first + k] = before + part * (after - before)


@exact_kernel
def distinct(decisions, order, scale, apart, chosen):
    """Fill ``chosen`` (M,) with good candidates that differ by ``apart`` in some variable over its ``scale``.

    ``order`` (N,) are the candidates from the best to the worst. Candidate 0, the warm start, is always among them;
    where too few differ, the next best fill up.
    """
    chosen[0] = order[0]
    count = 1
    if chosen[0] != 0 and chosen.shape[0] > 1:
        chosen[1] = 0
        count = 2
    for strict in range(2):
        for i in order:
            if count == chosen.shape[0]:
                return
            alone = True
            for n in range(count):
                gap = 0.0
                for k in range(8):
                    gap = max(gap, abs(decisions[k, i] - decisions[k, chosen[n]]) / scale[k])
                if i == chosen[n] or (strict == 0 and gap <= apart):
                    alone = False
                    break
            if alone:
                chosen[count] = i
                count += 1


@exact_kernel
def propose(u, slopes, memory, moved, old_slopes, step, low, high, scale, shrink, tried):
    """Choose a quasi-Newton direction for every column of ``u`` (8, M) and write the points to try along it.

    Variables are measured in ``scale`` (8,). ``memory`` (M, 8, 8) are the inverse Hessians, brought up to date here by
    BFGS from the last accepted ``step`` (8, M) where ``moved`` (M,). ``tried`` (8, M * L): step length n of column c
    stands in column n * M + c and is ``shrink`` to the power n of the full step, clipped to the box.
    """
    m = u.shape[1]
    lengths = tried.shape[1] // m
    g, y, hy, direction = np.empty(8), np.empty(8), np.empty(8), np.empty(8)
    for c in range(m):
        inverse = memory[c]
        for i in range(8):
            g[i] = slopes[i, c] * scale[i]
        if moved[c]:
            sy, yhy = 0.0, 0.0
            for i in range(8):
                y[i] = g[i] - old_slopes[i, c] * scale[i]
                sy += step[i, c] * y[i]
            for i in range(8):
                hy[i] = 0.0
                for j in range(8):
                    hy[i] += inverse[i, j] * y[j]
                yhy += y[i] * hy[i]
            if sy > 1e-7:
                f = (1.0 + yhy / sy) / sy
                for i in range(8):
                    for j in range(8):
                        cross = hy[i] * step[j, c] + step[i, c] * hy[j]
                        inverse[i, j] += f * step[i, c] * step[j, c] - cross / sy
        down, size = 0.0, 0.0
        for i in range(8):
            direction[i] = 0.0
            for j in range(8):
                # a variable at its bound that wants out does not take part
                if not ((u[j, c] <= low[j] and g[j] > 0) or (u[j, c] >= high[j] and g[j] < 0)):
                    direction[i] -= inverse[i, j] * g[j]
            down += direction[i] * g[i]
        if down >= 0.0:
            restart(inverse, FIRST_STEP)
            for i in range(8):
                direction[i] = -FIRST_STEP * g[i]
        for i in range(8):
            size = max(size, abs(direction[i]))
            old_slopes[i, c] = slopes[i, c]
        length = min(1.0, LONGEST_STEP / max(size, 1e-9))
        for n in range(lengths):
            for i in range(8):
                tried[i, n * m + c] = min(max(u[i, c] + length * direction[i] * scale[i], low[i]), high[i])
            length *= shrink


@exact_kernel
def accept(u, costs, slopes, memory, moved, step, scale, tried, values, tried_slopes):
    """Move every column of ``u`` to the best of its tried points if that is better; costs never rise."""
    m = u.shape[1]
    for c in range(m):
        chosen = -1
        for n in range(tried.shape[1] // m):
            if values[n * m + c] < costs[c]:
                costs[c] = values[n * m + c]
                chosen = n * m + c
        moved[c] = chosen >= 0
        if chosen < 0:  # too far along a bad direction: look again nearby
            restart(memory[c], 0.1 * FIRST_STEP)
            continue
        for i in range(8):
            step[i, c] = (tried[i, chosen] - u[i, c]) / scale[i]
            u[i, c], slopes[i, c] = tried[i, chosen], tried_slopes[i, chosen]


@exact_kernel
def restart(inverse, size):
    """Forget the curvature: ``inverse`` (8, 8) becomes ``size`` times the identity."""
    for i in range(8):
        for j in range(8):
            inverse[i, j] = size if i == j else 0.0
