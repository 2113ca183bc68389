"""What ours is compared with: other spaces of trajectories, and a chance constraint in place of the objective.

Each space gives references that the same tracker follows: (4, STEPS, N) float32, v, its slope, yaw rate and its slope
at the end of each step.
"""

from __future__ import annotations

import math

import numpy as np

from pavane.motion.model import DT, HALF, ONE, SEGMENTS, STEPS, STOP_POINTS, STRIDE, TWO, ZERO, progress_field
from pavane.numerics.jit import exact_kernel, inline, kernel
from pavane.numerics.lanes import (
    F,
    absolute,
    chain,
    cos,
    load,
    maximum,
    minimum,
    primal,
    sin,
    store,
    variable,
    where_greater,
    wrap,
)
from pavane.planning.local_planner.kernels import KNOTS
from pavane.planning.local_planner.objective.arguments import take_apart
from pavane.planning.local_planner.objective.cost import (
    WIDTH,
    WIDTH_GRADIENT,
    advance,
    arc,
    come_to_rest,
    hazards,
    knots_at,
    move,
    reference,
    scraping,
    store_slopes,
    trajectory_cost,
)

SLOWER_IN_BENDS = 0.4  # beta and lambda of Park & Kuipers
BEND_POWER = 2.0
ARRIVAL = 1.5  # 1/s: speed per metre that is left
NEAR = 0.05  # m: the law is singular at its target


@inline
def sampled_at(plan, step, segment, within):
    """The reference of WIDTH candidates at the end of a step."""
    references, i = plan
    return (
        load(references[0, step], i, WIDTH), load(references[1, step], i, WIDTH),
        load(references[2, step], i, WIDTH), load(references[3, step], i, WIDTH),
    )  # fmt: skip


@kernel
def evaluate_references(references, figures, words, numbers, discs, people, discount, costs):
    """Costs (N,) of candidates that follow ``references`` (4, STEPS, N), N >= 32; else as ``evaluate``."""
    start, b, k, g, goal, body = take_apart(figures, words, numbers)
    count = references.shape[2]
    for block in range(0, count, WIDTH):
        i = min(block, count - WIDTH)
        zero = ZERO * load(references[0, 0], i, WIDTH)
        cost = trajectory_cost(
            sampled_at, hazards, (references, i), zero, start, b, k, g, goal, discs, body, people, discount
        )
        store(costs, i, cost)


@exact_kernel
def follow_references(references, start, b, tail, states):
    """The motion (61 + tail, 7) along references (4, STEPS) of one candidate in float64, ending in a stop."""
    for i in range(7):
        states[0, i] = start[i]
    for step in range(STEPS):
        one_step(references, step, states, b)
    come_to_rest(states, STEPS, tail, b)


@inline
def one_step(references, step, states, b):
    """Follow references (4, STEPS) for one step."""
    advance(
        states, step, float(references[0, step]), float(references[1, step]), float(references[2, step]),
        float(references[3, step]), b.v_low, b.v_high, -b.w_high, b.w_high, b,
    )  # fmt: skip


@exact_kernel
def places_along(references, start, b, rows, out):
    """Where candidates are after so many steps: ``out`` (len(rows), N, 4) of x, y, yaw, v along (4, STEPS, N)."""
    states = np.empty((STEPS + 1, 7))
    for n in range(references.shape[2]):
        follow_references(references[:, :, n], start, b, 0, states)
        for i in range(len(rows)):
            for j in range(4):
                out[i, n, j] = states[rows[i], j]


@exact_kernel
def knot_references(decisions, start, references):
    """The references of our own space: Hermite cubics through ``decisions`` (8, N)."""
    for n in range(decisions.shape[1]):
        u = decisions[:, n].astype(np.float64)
        plan = (
            reference((start[3], start[5]), u[0], u[1], u[2], u[3]),
            reference((start[4], start[6]), u[4], u[5], u[6], u[7]),
        )
        step = 0
        for segment in range(4):
            for within in range(SEGMENTS[segment]):
                target = knots_at(plan, step, segment, within)
                for i in range(4):
                    references[i, step, n] = target[i]
                step += 1


@exact_kernel
def extreme_references(signs, start, b, references):
    """Hardest motion: from each step on speed up, hold or brake, likewise turn; ``signs`` (2, STEPS, N) in -1, 0, 1."""
    states = np.empty((STEPS + 1, 7))
    one = np.empty((4, STEPS), np.float32)
    for n in range(signs.shape[2]):
        for i in range(7):
            states[0, i] = start[i]
        for step in range(STEPS):
            for axis in range(2):
                one[2 * axis, step] = states[step, 3 + axis] + 100.0 * signs[axis, step, n]
                one[2 * axis + 1, step] = 0.0
            one_step(one, step, states, b)
        references[:, :, n] = one


@exact_kernel
def steering_references(decisions, start, b, references):
    """The steering law of Park & Kuipers, "A smooth control law for graceful motion of differential wheeled mobile
    robots in 2D environment", ICRA 2011, towards a pose, as in their MPEPC planner.

    ``decisions`` (6, N): distance and bearing of the target from the start pose, its heading against that bearing,
    top speed, and the gains k1, k2.
    """
    states = np.empty((STEPS + 1, 7))
    one = np.empty((4, STEPS), np.float32)
    for n in range(decisions.shape[1]):
        for i in range(7):
            states[0, i] = start[i]
        bearing = start[2] + decisions[1, n]
        goal_x, goal_y = start[0] + decisions[0, n] * math.cos(bearing), start[1] + decisions[0, n] * math.sin(bearing)
        goal_yaw, top, k1, k2 = bearing + decisions[2, n], decisions[3, n], decisions[4, n], decisions[5, n]
        before, before_w = start[3], start[4]
        for step in range(STEPS):
            dx, dy = goal_x - states[step, 0], goal_y - states[step, 1]
            r = max(math.hypot(dx, dy), NEAR)
            sight = math.atan2(dy, dx)
            theta = wrap(goal_yaw - sight)
            delta = wrap(states[step, 2] - sight)
            turn = k2 * (delta - math.atan(-k1 * theta)) + (1.0 + k1 / (1.0 + (k1 * theta) ** 2)) * math.sin(delta)
            kappa = -turn / r
            v = min(top / (1.0 + SLOWER_IN_BENDS * abs(kappa) ** BEND_POWER), ARRIVAL * (r - NEAR))
            w = min(max(kappa * v, -b.w_high), b.w_high)
            one[0, step], one[1, step] = v, min(max((v - before) / DT, b.a_low), b.a_high)
            one[2, step], one[3, step] = w, min(max((w - before_w) / DT, -b.al_high), b.al_high)
            before, before_w = v, w
            one_step(one, step, states, b)
        references[:, :, n] = one


@exact_kernel
def acceleration_references(decisions, start, b, references):
    """Accelerations linear between knots: ``decisions`` (8, N) are those at the four knots, then the angular ones."""
    for n in range(decisions.shape[1]):
        for axis in range(2):
            speed, rate = start[3 + axis], start[5 + axis]
            low, high = (b.v_low, b.v_high) if axis == 0 else (-b.w_high, b.w_high)
            begin = 0
            for knot in range(4):
                slope = (decisions[4 * axis + knot, n] - rate) / (KNOTS[knot] - begin)
                for step in range(begin, KNOTS[knot]):
                    after = rate + slope
                    speed = min(max(speed + 0.5 * DT * (rate + after), low), high)
                    rate = after
                    held = (speed <= low and rate < 0.0) or (speed >= high and rate > 0.0)
                    references[2 * axis, step, n] = speed
                    references[2 * axis + 1, step, n] = 0.0 if held else rate
                rate, begin = decisions[4 * axis + knot, n], KNOTS[knot]


@inline
def constrained_cost(plan, zero, start, b, k, g, goal, discs, body, people, discount, allowed, price):
    """Cost of one candidate that may meet somebody with a probability of ``allowed``: minus its progress, and what is
    beyond that at ``price`` m, so that the least risk is best where none is allowed.

    Nothing is weighed by survival. The unease of ``people``, walls and things costs ``k.regret`` times itself.
    """
    dt, look = F(DT), F(STRIDE * DT)
    yaw = zero + start[2]
    place = (
        zero + start[0], zero + start[1], yaw, cos(primal(yaw)), sin(primal(yaw)),
        zero + start[3], zero + start[4], zero + start[5], zero + start[6],
    )  # fmt: skip
    cost, met = zero, zero
    phi = progress_field(place[0], place[1], yaw, g, goal, k)
    _, rate, _, _, d, speed = hazards(
        place[0], place[1], yaw, place[3], place[4], place[5], place[6], 0, people, discs, body, g, k
    )
    row = 0
    for segment in range(4):
        for j in range(SEGMENTS[segment] // STRIDE):
            place, effort = move(knots_at(plan, STRIDE * row, segment, STRIDE * j), place, b, k, dt)
            place, more = move(knots_at(plan, STRIDE * row + 1, segment, STRIDE * j + 1), place, b, k, dt)
            x, y, yaw, c, s, v, w, _, _ = place
            now = discount[row]
            row = row + 1
            _, rate_next, harm, _, d_next, speed_next = hazards(x, y, yaw, c, s, v, w, row, people, discs, body, g, k)
            _, scratch = scraping(d, d_next, speed, speed_next, k)
            phi_next = progress_field(x, y, yaw, g, goal, k)
            met = met + HALF * look * (rate + rate_next)
            cost = cost + now * (phi_next - phi + effort + more + k.regret * look * (harm + scratch))
            phi, rate, d, speed = phi_next, rate_next, d_next, speed_next
    x, y, yaw, c, s, v, w, _, _ = place
    ahead = progress_field(x + k.look_ahead * chain(yaw, c, -s), y + k.look_ahead * chain(yaw, s, c), yaw, g, goal, k)
    away = maximum(ZERO, minimum(ONE, (phi - F(0.15)) * F(2.0)))
    misled = maximum(ZERO, minimum(F(2.5), ONE - (phi - ahead) / k.look_ahead))
    over = maximum(ZERO, absolute(v) - F(1.2) * maximum(phi, ZERO) - F(0.1))
    cost = cost + discount[row] * (k.heading * away * misled + k.overspeed * over)
    met = met + met_stopping(x, y, yaw, c, s, v, w, row + 1, people, discs, body, g, b, k)
    return cost + price * maximum(ZERO, met - allowed)


@inline
def met_stopping(x, y, yaw, c, s, v, w, last, people, discs, body, g, b, k):
    """Probability of contact along the final stop, as ``evaluate.judge_stop`` goes along it."""
    square = v * v
    length = HALF * square / (-b.a_low) + F(0.1) * absolute(v)
    part = F(1.0 / STOP_POINTS)
    kappa = w * v / (square + F(0.0025))
    hop = where_greater(v, ZERO, ONE, F(-1.0)) * length * part
    turn = HALF * kappa * hop
    seconds = TWO * length / (absolute(v) + F(0.1))
    met = ZERO * v
    for i in range(STOP_POINTS):
        x, y, yaw, c, s = arc(x, y, yaw, c, s, hop, turn)
        slow = v * F(np.sqrt(1.0 - (i + 0.5) / STOP_POINTS))
        _, rate, _, _, _, _ = hazards(x, y, yaw, c, s, slow, kappa * slow, last + i, people, discs, body, g, k)
        met = met + seconds * part * rate
    return met


@inline
def constrained_knots_cost(
    u0, u1, u2, u3, u4, u5, u6, u7, start, b, k, g, goal, discs, body, people, discount, allowed, price
):
    """The same of a decision."""
    zero = ZERO * u0 + ZERO * u4 + ZERO * (u1 + u2 + u3 + u5 + u6 + u7)
    plan = reference((start[3], start[5]), u0, u1, u2, u3), reference((start[4], start[6]), u4, u5, u6, u7)
    return constrained_cost(plan, zero, start, b, k, g, goal, discs, body, people, discount, allowed, price)


@kernel
def evaluate_constrained(decisions, figures, words, numbers, discs, people, discount, limits, costs):
    """Costs (N,) of decisions (8, N), N >= 32, under a chance constraint: as ``evaluate``.

    ``limits`` (2,) float32 are the probability that is allowed and the price of more, m.
    """
    start, b, k, g, goal, body = take_apart(figures, words, numbers)
    count = decisions.shape[1]
    u, allowed, price = decisions, limits[0], limits[1]
    for block in range(0, count, WIDTH):
        i = min(block, count - WIDTH)
        cost = constrained_knots_cost(
            load(u[0], i, WIDTH), load(u[1], i, WIDTH), load(u[2], i, WIDTH), load(u[3], i, WIDTH),
            load(u[4], i, WIDTH), load(u[5], i, WIDTH), load(u[6], i, WIDTH), load(u[7], i, WIDTH),
            start, b, k, g, goal, discs, body, people, discount, allowed, price,
        )  # fmt: skip
        store(costs, i, cost)


@kernel
def gradient_constrained(
    decisions, figures, words, numbers, discs, people, discount, limits, costs, slopes
):  # fmt: skip
    """Costs (N,) and their derivatives (8, N) by each decision; N a multiple of 16."""
    start, b, k, g, goal, body = take_apart(figures, words, numbers)
    u, allowed, price = decisions, limits[0], limits[1]
    for i in range(0, decisions.shape[1], WIDTH_GRADIENT):
        cost = constrained_knots_cost(
            variable(load(u[0], i, WIDTH_GRADIENT), 0, 8), variable(load(u[1], i, WIDTH_GRADIENT), 1, 8),
            variable(load(u[2], i, WIDTH_GRADIENT), 2, 8), variable(load(u[3], i, WIDTH_GRADIENT), 3, 8),
            variable(load(u[4], i, WIDTH_GRADIENT), 4, 8), variable(load(u[5], i, WIDTH_GRADIENT), 5, 8),
            variable(load(u[6], i, WIDTH_GRADIENT), 6, 8), variable(load(u[7], i, WIDTH_GRADIENT), 7, 8),
            start, b, k, g, goal, discs, body, people, discount, allowed, price,
        )  # fmt: skip
        store_slopes(cost, i, costs, slopes)
