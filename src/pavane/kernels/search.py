"""The search kernels: seeds that follow the cost-to-go, and projected quasi-Newton steps on many candidates at once."""

from __future__ import annotations

import math

import numpy as np

from pavane.kernels.evaluate import evaluate, gradient
from pavane.kernels.jit import exact_kernel, kernel
from pavane.kernels.model import DT, STEPS

KNOTS = (10, 22, 38, 60)
_RING = np.arange(16) * np.pi / 8
RING_X, RING_Y = tuple(np.cos(_RING)), tuple(np.sin(_RING))
RING_COLUMN, RING_ROW = (tuple(int(round(3 * v)) for v in side) for side in (RING_X, RING_Y))
SHRINK = 0.35  # a step's lengths in one line search: 1, 0.35, 0.12, 0.04 … of the full one


@exact_kernel
def flow_seeds(field, columns, rows, origin_x, origin_y, per_metre, start, speeds, turns, a_max, v_low, out):
    """Decisions (8, S) of a unicycle that turns downhill on the cost-to-go, one for each (top speed, turn limit).

    ``field`` (rows * columns) float32 is the cost-to-go on the window's lattice, m. ``start`` as in evaluate.
    """
    for n in range(speeds.shape[0]):
        x, y, yaw, v = start[0], start[1], start[2], start[3]
        k = 0
        for step in range(1, STEPS + 1):
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
            if best > 0.0:
                error = math.atan2(gy, gx) - yaw
                error -= 2 * math.pi * np.rint(error / (2 * math.pi))
            omega = min(max(3.0 * error, -turns[n]), turns[n])
            want = speeds[n] * max(0.0, math.cos(error)) ** 2 if speeds[n] >= 0.0 else max(speeds[n], v_low)
            want = min(want, math.sqrt(max(2.0 * 0.6 * a_max * (here + 0.02), 0.0)))
            v = min(max(want, v - 1.2 * a_max * DT), v + a_max * DT)
            x, y = x + v * DT * math.cos(yaw + 0.5 * omega * DT), y + v * DT * math.sin(yaw + 0.5 * omega * DT)
            yaw += omega * DT
            if step == KNOTS[k]:
                out[k, n], out[4 + k, n] = v, omega
                k += 1


@exact_kernel
def distinct(decisions, costs, scale, apart, chosen):
    """Fill ``chosen`` (M,) with indices of good candidates that differ by ``apart`` in some variable over its ``scale``.

    Candidate 0, the warm start, is always among them; where too few differ, the next best fill up.
    """
    order = np.argsort(costs)
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


@kernel
def refine(u, low, high, scale, rounds, lengths, start, b, k, g, goal, discs, body, people, discount, costs, best):
    """Improve the columns of ``u`` (8, M) in place by ``rounds`` of projected BFGS.

    M is a multiple of 16. Variables are measured in ``scale`` (8,). In every round all candidates get their exact
    gradients in one call, then ``lengths`` step lengths each are tried in another; what is best is kept, so ``costs``
    (M,) never rise. ``best`` (rounds + 1,) is the lowest of them before each round and at the end.
    """
    m = u.shape[1]
    slopes = np.empty((8, m), np.float32)
    old_slopes, step = np.zeros((8, m), np.float32), np.zeros((8, m), np.float32)
    inverse = np.zeros((m, 8, 8), np.float32)
    tried = np.empty((8, m * lengths), np.float32)
    values = np.empty(m * lengths, np.float32)
    direction = np.empty((8, m), np.float32)
    moved = np.zeros(m, np.bool_)
    y, hy = np.empty(8, np.float32), np.empty(8, np.float32)
    for c in range(m):
        for i in range(8):
            inverse[c, i, i] = np.float32(0.05)
    for turn in range(rounds):
        gradient(u, start, b, k, g, goal, discs, body, people, discount, costs, slopes)
        best[turn] = costs.min()
        for c in range(m):
            for i in range(8):
                slopes[i, c] *= scale[i]
            if moved[c]:
                sy, yhy = np.float32(0), np.float32(0)
                for i in range(8):
                    y[i] = slopes[i, c] - old_slopes[i, c]
                    sy += step[i, c] * y[i]
                for i in range(8):
                    total = np.float32(0)
                    for j in range(8):
                        total += inverse[c, i, j] * y[j]
                    hy[i] = total
                    yhy += y[i] * total
                if sy > np.float32(1e-7):
                    rho = np.float32(1) / sy
                    f = (np.float32(1) + yhy * rho) * rho
                    for i in range(8):
                        for j in range(8):
                            inverse[c, i, j] += f * step[i, c] * step[j, c] - rho * (
                                hy[i] * step[j, c] + step[i, c] * hy[j]
                            )
            down = np.float32(0)
            for i in range(8):
                total = np.float32(0)
                for j in range(8):
                    # a variable at its bound that wants out does not take part
                    at_bound = (u[j, c] <= low[j] and slopes[j, c] > 0) or (u[j, c] >= high[j] and slopes[j, c] < 0)
                    if not at_bound:
                        total -= inverse[c, i, j] * slopes[j, c]
                direction[i, c] = total
                down += total * slopes[i, c]
            if down >= 0:
                for i in range(8):
                    direction[i, c] = -np.float32(0.05) * slopes[i, c]
                    for j in range(8):
                        inverse[c, i, j] = np.float32(0.05) if i == j else np.float32(0)
            size = np.float32(0)
            for i in range(8):
                size = max(size, abs(direction[i, c]))
            if size > np.float32(0.5):
                for i in range(8):
                    direction[i, c] *= np.float32(0.5) / size
            length = np.float32(1)
            for n in range(lengths):
                for i in range(8):
                    moved_to = u[i, c] + length * direction[i, c] * scale[i]
                    tried[i, n * m + c] = min(max(moved_to, low[i]), high[i])
                length *= np.float32(SHRINK)
        evaluate(tried, start, b, k, g, goal, discs, body, people, discount, values)
        for c in range(m):
            chosen = -1
            for n in range(lengths):
                if values[n * m + c] < costs[c]:
                    costs[c] = values[n * m + c]
                    chosen = n
            moved[c] = chosen >= 0
            for i in range(8):
                old_slopes[i, c] = slopes[i, c]
                if chosen >= 0:
                    step[i, c] = (tried[i, chosen * m + c] - u[i, c]) / scale[i]
                    u[i, c] = tried[i, chosen * m + c]
            if chosen < 0:
                for i in range(8):
                    for j in range(8):
                        inverse[c, i, j] = inverse[c, i, j] * np.float32(0.1) if i == j else np.float32(0)
    best[rounds] = costs.min()
