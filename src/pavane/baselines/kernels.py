"""What ours is compared with: other spaces of trajectories, and a chance constraint in place of the objective.

Each space gives references that the same tracker follows: (4, STEPS, N) float32, v, its slope, yaw rate and its slope
at the end of each step.
"""

from __future__ import annotations

import math

import numpy as np

from pavane.motion.model import DT, SEGMENTS, STEPS, Target, speed_range
from pavane.motion.rollout import advance, arc, come_to_rest, knots_at, references
from pavane.numerics.jit import exact_kernel, inline, kernel
from pavane.numerics.lanes import HALF, ZERO, F, load, maximum, store, wrap
from pavane.planning.local_planner.kernels import KNOTS
from pavane.planning.local_planner.objective.arguments import take_apart
from pavane.planning.local_planner.objective.cost import (
    WIDTH,
    WIDTH_GRADIENT,
    candidates,
    differentiated,
    drive_step,
    start_of,
    store_slopes,
    trajectory_cost,
)
from pavane.planning.local_planner.objective.hazards import STRIDE, hazards
from pavane.planning.local_planner.objective.progress import end_penalties, to_go
from pavane.planning.local_planner.objective.stop import STOP_POINTS, stop_arc, stop_speed
from pavane.planning.local_planner.objective.walls import touching

SLOWER_IN_BENDS = 0.4  # beta and lambda of Park & Kuipers
BEND_POWER = 2.0
ARRIVAL = 1.5  # 1/s: speed per metre that is left
NEAR = 0.05  # m: the law is singular at its target


@inline
def sampled_at(plan, step, segment, within):
    """Return the target of WIDTH candidates at the end of a step, as ``rollout.knots_at``."""
    sampled, i = plan
    return Target(
        load(sampled[0, step], i, WIDTH), load(sampled[1, step], i, WIDTH),
        load(sampled[2, step], i, WIDTH), load(sampled[3, step], i, WIDTH),
    )  # fmt: skip


@kernel
def evaluate_references(sampled, figures, words, numbers, discs, people, discount, costs):
    """Fill in costs (N,) of candidates that follow references (4, STEPS, N), N >= 32; else as ``evaluate``."""
    situation = take_apart(figures, words, numbers, discs, people, discount)
    count = sampled.shape[2]
    for block in range(0, count, WIDTH):
        i = min(block, count - WIDTH)
        zero = ZERO * load(sampled[0, 0], i, WIDTH)
        store(costs, i, trajectory_cost(sampled_at, hazards, (sampled, i), zero, situation))


@exact_kernel
def follow_references(sampled, start, bounds, tail, states):
    """Fill in the motion (61 + tail, 7) along references (4, STEPS) of one candidate in float64, ending in a stop.

    Args:
        sampled: the references.
        start: (7,) first state.
        bounds: limits of the base.
        tail: steps of the stop.
        states: what is filled in.
    """
    for i in range(7):
        states[0, i] = start[i]
    for step in range(STEPS):
        one_step(sampled, step, states, bounds)
    come_to_rest(states, STEPS, tail, bounds)


@inline
def one_step(sampled, step, states, bounds):
    """Follow references (4, STEPS) for one step."""
    target = Target(float(sampled[0, step]), float(sampled[1, step]), float(sampled[2, step]), float(sampled[3, step]))
    advance(states, step, target, speed_range(bounds), bounds)


@exact_kernel
def places_along(sampled, start, bounds, rows, out):
    """Fill in where candidates are after so many steps: ``out`` (len(rows), N, 4) of x, y, yaw, v.

    Args:
        sampled: references (4, STEPS, N).
        start: (7,) first state.
        bounds: limits of the base.
        rows: numbers of steps.
        out: what is filled in.
    """
    states = np.empty((STEPS + 1, 7))
    for n in range(sampled.shape[2]):
        follow_references(sampled[:, :, n], start, bounds, 0, states)
        for i in range(len(rows)):
            for j in range(4):
                out[i, n, j] = states[rows[i], j]


@exact_kernel
def knot_references(decisions, start, out):
    """Fill in the references of our own space, (4, STEPS, N): Hermite cubics through ``decisions`` (8, N)."""
    for n in range(decisions.shape[1]):
        plan = references(start, decisions[:, n].astype(np.float64))
        step = 0
        for segment in range(4):
            for within in range(SEGMENTS[segment]):
                target = knots_at(plan, step, segment, within)
                for i in range(4):
                    out[i, step, n] = target[i]
                step += 1


@exact_kernel
def extreme_references(signs, start, bounds, out):
    """Fill in the hardest motions: from each step on speed up, hold or brake, likewise turn.

    ``signs`` (2, STEPS, N) are -1, 0 or 1.
    """
    states = np.empty((STEPS + 1, 7))
    one = np.empty((4, STEPS), np.float32)
    for n in range(signs.shape[2]):
        for i in range(7):
            states[0, i] = start[i]
        for step in range(STEPS):
            for axis in range(2):
                one[2 * axis, step] = states[step, 3 + axis] + 100.0 * signs[axis, step, n]
                one[2 * axis + 1, step] = 0.0
            one_step(one, step, states, bounds)
        out[:, :, n] = one


@exact_kernel
def steering_references(decisions, start, bounds, out):
    """Fill in references by a steering law towards a pose, as in the MPEPC planner of those who found it.

    Park & Kuipers, "A smooth control law for graceful motion of differential wheeled mobile robots in 2D environment",
    ICRA 2011.

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
            w = min(max(kappa * v, -bounds.w_high), bounds.w_high)
            one[0, step], one[1, step] = v, min(max((v - before) / DT, bounds.a_low), bounds.a_high)
            one[2, step], one[3, step] = w, min(max((w - before_w) / DT, -bounds.al_high), bounds.al_high)
            before, before_w = v, w
            one_step(one, step, states, bounds)
        out[:, :, n] = one


@exact_kernel
def acceleration_references(decisions, start, bounds, out):
    """Fill in references with accelerations linear between knots.

    ``decisions`` (8, N) are those at the four knots, then the angular ones.
    """
    for n in range(decisions.shape[1]):
        for axis in range(2):
            speed, rate = start[3 + axis], start[5 + axis]
            low, high = (bounds.v_low, bounds.v_high) if axis == 0 else (-bounds.w_high, bounds.w_high)
            begin = 0
            for knot in range(4):
                slope = (decisions[4 * axis + knot, n] - rate) / (KNOTS[knot] - begin)
                for step in range(begin, KNOTS[knot]):
                    after = rate + slope
                    speed = min(max(speed + 0.5 * DT * (rate + after), low), high)
                    rate = after
                    held = (speed <= low and rate < 0.0) or (speed >= high and rate > 0.0)
                    out[2 * axis, step, n] = speed
                    out[2 * axis + 1, step, n] = 0.0 if held else rate
                rate, begin = decisions[4 * axis + knot, n], KNOTS[knot]


@inline
def constrained_cost(plan, zero, situation, allowed, price):
    """Return the cost of one candidate that may meet somebody with a probability of ``allowed``: minus its progress,
    and what is beyond that at ``price`` m, so that the least risk is best where none is allowed.

    Nothing is weighed by survival. The discomfort beside people, walls and things costs ``undiscounted_harm`` times
    itself.

    Args:
        plan: the references.
        zero: 0 of the candidates' kind.
        situation: all that they are judged by.
        allowed: probability.
        price: m for each unit of probability beyond.
    """
    bounds, weights, discount = situation.bounds, situation.weights, situation.discount
    fields, goal, dt, look = situation.fields, situation.goal, F(DT), F(STRIDE * DT)
    pose, rates = start_of(situation.start, zero)
    cost, met = zero, zero
    phi = to_go(pose.x, pose.y, pose.yaw, fields, goal, weights)
    _, rate, _, _, clearance, speed = hazards(pose, rates.v, rates.w, 0, situation)
    row = 0
    for segment in range(4):
        for j in range(SEGMENTS[segment] // STRIDE):
            target = knots_at(plan, STRIDE * row, segment, STRIDE * j)
            pose, rates, effort = drive_step(target, pose, rates, bounds, weights, dt)
            target = knots_at(plan, STRIDE * row + 1, segment, STRIDE * j + 1)
            pose, rates, more = drive_step(target, pose, rates, bounds, weights, dt)
            now = discount[row]
            row = row + 1
            here = hazards(pose, rates.v, rates.w, row, situation)
            _, touch_harm = touching(clearance, here.clearance, speed, here.speed, weights)
            phi_next = to_go(pose.x, pose.y, pose.yaw, fields, goal, weights)
            met = met + HALF * look * (rate + here.moving)
            harm = weights.undiscounted_harm * look * (here.harm + touch_harm)
            cost = cost + now * (phi_next - phi + effort + more + harm)
            phi, rate, clearance, speed = phi_next, here.moving, here.clearance, here.speed
    turned_away, too_fast = end_penalties(pose, rates.v, phi, situation)
    cost = cost + discount[row] * (turned_away + too_fast)
    met = met + met_stopping(pose, rates.v, rates.w, row + 1, situation)
    return cost + price * maximum(ZERO, met - allowed)


@inline
def met_stopping(pose, v, w, look, situation):
    """Return the probability of contact along the final stop, as ``stop.final_stop`` goes along it.

    Args:
        pose: where it begins.
        v, w: speeds there.
        look: number of the first look on the way.
        situation: all that is met.
    """
    kappa, hop, turn, seconds = stop_arc(v, w, situation.bounds.a_low)
    met = ZERO * v
    for i in range(STOP_POINTS):
        pose = arc(pose, hop, turn)
        slow = stop_speed(v, i)
        met = met + seconds * hazards(pose, slow, kappa * slow, look + i, situation).moving
    return met


@inline
def constrained_decision_cost(u, situation, limits):
    """Return the same of a decision of 8 variables."""
    zero = ZERO * u[0] + ZERO * u[4] + ZERO * (u[1] + u[2] + u[3] + u[5] + u[6] + u[7])
    return constrained_cost(references(situation.start, u), zero, situation, limits[0], limits[1])


@kernel
def evaluate_constrained(decisions, figures, words, numbers, discs, people, discount, limits, costs):
    """Fill in costs (N,) of decisions (8, N), N >= 32, under a chance constraint: as ``evaluate``.

    ``limits`` (2,) float32 are the probability that is allowed and the price of more, m.
    """
    situation = take_apart(figures, words, numbers, discs, people, discount)
    count = decisions.shape[1]
    for block in range(0, count, WIDTH):
        i = min(block, count - WIDTH)
        store(costs, i, constrained_decision_cost(candidates(decisions, i), situation, limits))


@kernel
def gradient_constrained(decisions, figures, words, numbers, discs, people, discount, limits, costs, slopes):
    """Fill in costs (N,) and their derivatives (8, N) by each decision; N a multiple of 16."""
    situation = take_apart(figures, words, numbers, discs, people, discount)
    for i in range(0, decisions.shape[1], WIDTH_GRADIENT):
        cost = constrained_decision_cost(differentiated(decisions, i), situation, limits)
        store_slopes(cost, i, costs, slopes)
