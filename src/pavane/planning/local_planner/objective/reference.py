"""The objective as one writes it first: plain loops over one candidate after the other, in float64.

The same mathematics as :mod:`pavane.planning.local_planner.objective.cost` and nothing of its code: the tests hold one
against the other, and the study of speed says what the other way of writing it is worth. Lengths are metres, times
seconds, angles radians.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from pavane.motion.model import DT, SEGMENTS, STEPS, Bounds
from pavane.numerics.jit import plain_kernel
from pavane.planning.local_planner.objective.fields import SHIFTS, Fields
from pavane.planning.local_planner.objective.hazards import FAINT
from pavane.planning.local_planner.objective.people import PERSON, SIDEWAYS, SLOW, RoundedRectangle
from pavane.planning.local_planner.objective.progress import Goal
from pavane.planning.local_planner.objective.stop import STOP_POINTS
from pavane.planning.local_planner.objective.walls import DISCOMFORT_LENGTH, FAR
from pavane.planning.local_planner.objective.weights import Weights


class Lattice(NamedTuple):
    """Fields on one lattice as coefficients of quadratic B-splines, (rows, columns) float64, m."""

    clearance: Any
    discomfort: Any  # equivalent clearance from things with a kind of their own; far where there is none
    cost: Any
    origin_x: float
    origin_y: float
    per_metre: float


class PlainSituation(NamedTuple):
    """All that a cost depends on beside the motion, in float64; see ``arguments.Context``."""

    bounds: Bounds
    weights: Weights
    lattice: Lattice
    goal: Goal
    discs: Any
    body: RoundedRectangle
    people: Any
    discount: Any


def unpacked(fields: Fields) -> Lattice:
    """Return fields as one would keep them at first."""
    shape = int(fields.rows), int(fields.columns)
    words = (fields.clearance >> SHIFTS[0]) * float(fields.clearance_scale)  # the middle has the highest bits
    clearance, others = words[: shape[0] * shape[1]].reshape(shape), words[shape[0] * shape[1] :]
    discomfort = others.reshape(shape) if len(others) else np.full(shape, float(FAR))
    cost = fields.cost[:-1].reshape(shape) * float(fields.cost_scale)
    return Lattice(clearance, discomfort, cost, float(fields.origin_x), float(fields.origin_y), float(fields.per_metre))


def plain_situation(
    bounds: Bounds, weights: Weights, lattice: Lattice, goal: Goal, discs: Any, body: RoundedRectangle, people: Any,
    discount: Any,
) -> PlainSituation:  # fmt: skip
    """Return what the kernels of :mod:`pavane.planning.local_planner.objective.cost` take, for those here."""
    aim, outline = Goal(*map(float, goal)), RoundedRectangle(*map(float, body))
    circles, others, discounts = (np.asarray(part, float) for part in (discs, people, discount))
    figures = Bounds(*map(float, bounds)), Weights(*map(float, weights))
    return PlainSituation(*figures, lattice, aim, circles, outline, others, discounts)


@plain_kernel
def evaluate_naive(decisions, start, situation, costs):
    """Costs (N,) of decisions (8, N); ``start``: x, y, yaw, v, w, a, alpha."""
    states = np.empty((STEPS + 1, 7))
    for n in range(decisions.shape[1]):
        roll(decisions[:, n], start, situation.bounds, states)
        costs[n] = judge(states, DT, situation)


# -- motion ---------------------------------------------------------------------------------------------------------


@plain_kernel
def roll(decision, start, bounds, states):
    """The motion of one decision: states (61, 7) of x, y, yaw, v, w, a, alpha."""
    forward, turning = np.empty((4, 4)), np.empty((4, 4))
    reference(start[3], start[5], decision[:4], forward)
    reference(start[4], start[6], decision[4:], turning)
    for i in range(7):
        states[0, i] = start[i]
    row = 0
    for segment in range(4):
        steps = SEGMENTS[segment]
        for j in range(1, steps + 1):
            x, y, yaw = states[row, 0], states[row, 1], states[row, 2]
            v0, w0, a0, al0 = states[row, 3], states[row, 4], states[row, 5], states[row, 6]
            v_ref, v_slope = cubic(forward[segment], j / steps, steps * DT)
            w_ref, w_slope = cubic(turning[segment], j / steps, steps * DT)
            a = v_slope + bounds.gain * (v_ref - v0 - 0.5 * DT * (a0 + v_slope))
            al = w_slope + bounds.gain * (w_ref - w0 - 0.5 * DT * (al0 + w_slope))
            a = allowed(a, v0, a0, bounds.a_low, bounds.a_high, bounds.jerk, bounds.v_low, bounds.v_high)
            al = allowed(al, w0, al0, -bounds.al_high, bounds.al_high, bounds.jerk_w, -bounds.w_high, bounds.w_high)
            if bounds.half_track > 0.0:
                a, al = kept_by_wheels(a, al, v0, w0, a0, al0, bounds)
            v, w = v0 + 0.5 * DT * (a0 + a), w0 + 0.5 * DT * (al0 + al)
            heading, hop = yaw + 0.25 * DT * (w0 + w), 0.5 * DT * (v0 + v)
            row += 1
            states[row, 0] = x + hop * math.cos(heading)
            states[row, 1] = y + hop * math.sin(heading)
            states[row, 2] = yaw + 0.5 * DT * (w0 + w)
            states[row, 3], states[row, 4], states[row, 5], states[row, 6] = v, w, a, al


@plain_kernel
def reference(value, slope, targets, out):
    """Cubics (4, 4) through knot targets (4,) from a value and its slope, with PCHIP slopes between."""
    y, m = np.empty(5), np.empty(5)
    y[0], m[0], m[4] = value, slope, 0.0
    for i in range(4):
        y[i + 1] = targets[i]
    for i in range(1, 4):
        before, after = (y[i] - y[i - 1]) / (SEGMENTS[i - 1] * DT), (y[i + 1] - y[i]) / (SEGMENTS[i] * DT)
        total = before + after
        m[i] = 2.0 * max(before * after, 0.0) * total / (total * total + 1e-6)
    for i in range(4):
        h = SEGMENTS[i] * DT
        rise, first, last = y[i + 1] - y[i], h * m[i], h * m[i + 1]
        out[i, 0], out[i, 1] = y[i], first
        out[i, 2], out[i, 3] = 3.0 * rise - 2.0 * first - last, first + last - 2.0 * rise


@plain_kernel
def cubic(c, q, h):
    """Value and slope of a cubic over h seconds, at the share q of them."""
    return c[0] + q * (c[1] + q * (c[2] + q * c[3])), (c[1] + q * (2.0 * c[2] + q * 3.0 * c[3])) / h


@plain_kernel
def allowed(wanted, speed, a, a_low, a_high, jerk, low, high):
    """The acceleration nearest to the wanted one from which every limit can be kept."""
    step = jerk * DT
    least, most = min(max(a_low, a - step), a + step), max(min(a_high, a + step), a - step)
    wanted = min(max(wanted, least), most)
    sign = 1.0 if wanted > 0.0 else -1.0
    room = max((high - speed if wanted > 0.0 else speed - low) / DT - 0.5 * sign * a, 0.0)
    n = math.floor(math.sqrt(0.25 + 2.0 * room / step) - 0.5)
    wanted = sign * min(sign * wanted, room / (n + 1.0) + 0.5 * step * n)
    return min(max(wanted, least), most)


@plain_kernel
def furthest(speed, a, step):
    """The largest |speed| while an acceleration is taken back to zero step by step."""
    n = math.floor(abs(a) / step)
    rest = 0.5 * DT * ((n + 0.5) * abs(a) - 0.5 * step * n * (n + 1.0))
    return abs(speed + math.copysign(rest, a)) + rest


@plain_kernel
def kept_by_wheels(a1, al1, v, w, a, al, bounds):
    """Accelerations moved towards taking both back to zero, as far as the wheels' limit asks for."""
    step, step_w = bounds.jerk * DT, bounds.jerk_w * DT
    most = furthest(v + 0.5 * DT * (a + a1), a1, step)
    most += bounds.half_track * furthest(w + 0.5 * DT * (al + al1), al1, step_w)
    if most <= bounds.wheel:
        return a1, al1
    back, back_w = a - min(max(a, -step), step), al - min(max(al, -step_w), step_w)
    least = furthest(v + 0.5 * DT * (a + back), back, step)
    least += bounds.half_track * furthest(w + 0.5 * DT * (al + back_w), back_w, step_w)
    if least > 1.0001 * bounds.wheel:  # beyond it already: neither speed may grow
        a1 = min(back, a1) if v > 0.0 else max(back, a1)
        return a1, min(back_w, al1) if w > 0.0 else max(back_w, al1)
    share = max(bounds.wheel - least, 0.0) / max(most - least, 1e-6)
    return back + share * (a1 - back), back_w + share * (al1 - back_w)


# -- what is met on the way -----------------------------------------------------------------------------------------


@plain_kernel
def judge(states, dt, situation):
    """Cost of a motion (K, 7) every ``dt`` seconds; it is looked at as often as ``situation.people`` has rows."""
    weights, people, discount = situation.weights, situation.people, situation.discount
    looks = people.shape[0] - STOP_POINTS - 1
    stride = (states.shape[0] - 1) // looks
    x, y, yaw, v, w = states[0, 0], states[0, 1], states[0, 2], states[0, 3], states[0, 4]
    survival, total, undiscounted_harm, person_hazard = 1.0, 0.0, 0.0, 0.0
    phi = to_go(x, y, yaw, situation)
    still, moving, harm, harm_moving, d, speed = danger(x, y, yaw, v, w, 0, situation)
    rate, harm = still + moving, harm + harm_moving
    for n in range(looks):
        effort = 0.0
        for row in range(n * stride + 1, (n + 1) * stride + 1):
            effort += effort_of(states, row, dt, weights)
        row = (n + 1) * stride
        x, y, yaw, v, w = states[row, 0], states[row, 1], states[row, 2], states[row, 3], states[row, 4]
        still, moving_after, harm_after, harm_moving, d_after, speed_after = danger(x, y, yaw, v, w, n + 1, situation)
        touch, touch_harm = touching(d, d_after, speed, speed_after, weights)
        person_hazard += 0.5 * stride * dt * (moving + moving_after)
        factor = survivor_factor(person_hazard)
        rate_after, harm_after = still + factor * moving_after, harm_after + factor * harm_moving
        cumulative_hazard = stride * dt * (0.5 * (rate + rate_after) + touch)
        expected_harm = stride * dt * (0.5 * (harm + harm_after) + touch_harm)
        after = to_go(x, y, yaw, situation)
        lives = math.exp(-cumulative_hazard)
        total += (
            discount[n]
            * survival
            * (after - phi + effort * dt + (1.0 - lives + FAINT) * expected_harm / (cumulative_hazard + FAINT))
        )
        undiscounted_harm += discount[n] * expected_harm
        survival *= lives
        phi, rate, harm, moving, d, speed = after, rate_after, harm_after, moving_after, d_after, speed_after
    survival, late = final_stop(x, y, yaw, v, w, d, speed, survival, person_hazard, looks + 1, situation)
    end = weights.survival_bonus - end_penalties(x, y, yaw, v, phi, situation)
    return total + weights.undiscounted_harm * undiscounted_harm + discount[looks] * (late - survival * end)


@plain_kernel
def effort_of(states, row, dt, weights):
    """Rate of effort of the step that ends in a row of states (K, 7)."""
    v, w, a, al = states[row, 3], states[row, 4], states[row, 5], states[row, 6]
    jerk, jerk_w = (a - states[row - 1, 5]) / dt, (al - states[row - 1, 6]) / dt
    smooth = (
        weights.effort_a * a**2
        + weights.effort_al * al**2
        + weights.effort_w * w**2
        + weights.effort_reverse * max(-v, 0.0)
    )
    return smooth + (weights.effort_jerk * jerk**2 + weights.effort_jerk_w * jerk_w**2)


@plain_kernel
def survivor_factor(person_hazard):
    """How much likelier a harm is among those left, after people were met with a chance: at most four times."""
    return 1.0 / max(1.0 - person_hazard, 0.25)


@plain_kernel
def end_penalties(x, y, yaw, v, phi, situation):
    """What is taken off for how a motion ends: turned away from the way, or too fast for the rest of it, m."""
    weights = situation.weights
    ahead = to_go(x + weights.look_ahead * math.cos(yaw), y + weights.look_ahead * math.sin(yaw), yaw, situation)
    away = min(max(2.0 * (phi - 0.15), 0.0), 1.0)
    misled = min(max(1.0 - (phi - ahead) / weights.look_ahead, 0.0), 2.5)
    over = max(abs(v) - 1.2 * max(phi, 0.0) - 0.1, 0.0)
    return weights.heading * away * misled + weights.overspeed * over


@plain_kernel
def final_stop(x, y, yaw, v, w, d, speed, survival, person_hazard, row, situation):
    """Survival of the final stop along the present arc, and the harm on the way."""
    length = v**2 / (-2.0 * situation.bounds.a_low) + 0.1 * abs(v)
    kappa = w * v / (v**2 + 0.0025)
    hop = math.copysign(length, v) / STOP_POINTS
    seconds = 2.0 * length / (abs(v) + 0.1) / STOP_POINTS
    late = 0.0
    for i in range(STOP_POINTS):
        x += hop * math.cos(yaw + 0.5 * kappa * hop)
        y += hop * math.sin(yaw + 0.5 * kappa * hop)
        yaw += kappa * hop
        slow = v * math.sqrt(1.0 - (i + 0.5) / STOP_POINTS)
        still, moving, harm, harm_moving, d_after, speed_after = danger(
            x, y, yaw, slow, kappa * slow, row + i, situation
        )
        touch, touch_harm = touching(d, d_after, speed, speed_after, situation.weights)
        person_hazard += seconds * moving
        factor = survivor_factor(person_hazard)
        rate, harm = still + touch + factor * moving, harm + touch_harm + factor * harm_moving
        d, speed = d_after, speed_after
        lives = math.exp(-rate * seconds)
        late += survival * (1.0 - lives + FAINT * seconds) * harm / (rate + FAINT)
        survival *= lives
    return survival, late


@plain_kernel
def danger(x, y, yaw, v, w, row, situation):
    """Rates of harm near what stays and by what moves at one moment, both times harm, clearance and nearest speed."""
    weights = situation.weights
    gap, speed, equivalent = clearances(x, y, yaw, v, w, situation)
    rate = weights.wall_scale * speed**2 * falling(gap, weights.wall_length + weights.wall_reach * speed)
    harm = rate * (weights.harm_base + weights.harm_speed * speed**2)
    if equivalent < np.inf:
        discomfort = weights.wall_scale * v**2 * math.exp(-equivalent / DISCOMFORT_LENGTH)
        harm += discomfort * (weights.harm_base + weights.harm_speed * v**2)
    moving, harm_moving = 0.0, 0.0
    for i in range(situation.people.shape[1]):
        chance, cost, unpleasant = by_person(x, y, yaw, v, situation.people[row, i], situation)
        moving += chance
        harm_moving += cost * chance
        harm += unpleasant
    return rate, moving, harm, harm_moving, gap, speed


@plain_kernel
def clearances(x, y, yaw, v, w, situation):
    """Clearance of the outline's discs, the speed of the nearest one, and the equivalent clearance beside things."""
    c, s, lattice = math.cos(yaw), math.sin(yaw), situation.lattice
    gap, speed, equivalent = np.inf, 0.0, np.inf
    for i in range(situation.discs.shape[0]):
        ox, oy, radius = situation.discs[i, 0], situation.discs[i, 1], situation.discs[i, 2]
        if situation.discs[i, 3] > 0.0:
            far = spline(lattice.discomfort, x + ox * c - oy * s, y + ox * s + oy * c, lattice)
            equivalent = min(equivalent, far)
            continue
        far = spline(lattice.clearance, x + ox * c - oy * s, y + ox * s + oy * c, lattice) - radius
        if far < gap:
            gap, speed = far, math.sqrt((v - w * oy) ** 2 + (w * ox) ** 2 + 1e-6)
    return gap, speed, equivalent


@plain_kernel
def by_person(x, y, yaw, v, person, situation):
    """Rate of touching somebody, the harm of that, and the discomfort of being that near."""
    weights, body, c, s = situation.weights, situation.body, math.cos(yaw), math.sin(yaw)
    vx, vy, radius = person[PERSON.vx], person[PERSON.vy], person[PERSON.radius]
    dx, dy = person[PERSON.x] - x, person[PERSON.y] - y
    ahead, left = dx * c + dy * s - body.x, dy * c - dx * s - body.y
    over_x, over_y = abs(ahead) - body.half_length, abs(left) - body.half_width
    out_x, out_y = max(over_x, 0.0), max(over_y, 0.0)
    r = math.sqrt(out_x**2 + out_y**2 + 1e-6)
    d = r + min(max(over_x, over_y), 0.0) - radius - body.radius
    out_x, out_y = math.copysign(out_x / r, ahead), math.copysign(out_y / r, left)
    away_x, away_y = v - vx * c - vy * s, vx * s - vy * c
    nearing, across = out_x * away_x + out_y * away_y, out_y * away_x - out_x * away_y
    width = body.radius + 2.0 / math.pi * (body.half_length + body.half_width)
    gain, residual_var = person[PERSON.velocity_gain], person[PERSON.residual_velocity_var]
    rate = entry_rate(d, nearing, across, width + radius, person[PERSON.precision], gain, residual_var)
    closing, own = max(nearing, 0.0), max(v * out_x, 0.0) ** 2 + SIDEWAYS * (v * out_y) ** 2
    blame = (own + weights.harm_standing * SLOW**2) / (own + SLOW**2)
    cost = person[PERSON.harm] * (weights.harm_base + weights.harm_speed * blame * max(abs(v), closing) ** 2)
    near = weights.person_scale * person[PERSON.discomfort_gain] * (v**2 + 0.5 * closing**2)
    unpleasant = cost * near * falling(d, person[PERSON.discomfort_reach] + weights.person_reach * abs(v))
    return person[PERSON.chance] * rate, cost, unpleasant


@plain_kernel
def entry_rate(d, closing, across, radius, precision, velocity_gain, residual_velocity_var):
    """Rate at which a place that is not sure enters a disc (the closed form of ``people.entry_rate``)."""
    d = max(d, 0.0)
    r = d + radius
    kappa = r * radius * precision
    g = 1.0 / math.sqrt(kappa**2 + kappa + 1.0 + 6.0 / (kappa + 2.0))
    q = 1.0 + 2.0 * math.pi * kappa - 2.5708 * kappa / (kappa + 0.6)
    a = closing + velocity_gain * r
    s = math.sqrt(residual_velocity_var + across**2 * g + a**2 / (2.0 + kappa**2) + 1e-6)
    z = (kappa * g * a - velocity_gain * radius) / s
    u = abs(z)
    mean = max(z, 0.0) + 0.39894 * math.exp(-u * (1.25177 + u * (0.29188 + 0.02251 * u)))
    return radius * precision * math.exp(-0.5 * precision * d**2) / math.sqrt(q) * s * mean


@plain_kernel
def touching(d0, d1, speed0, speed1, weights):
    """Mean rate of harm by touch while the clearance changes evenly, and that times harm."""
    speed, width = 0.5 * (speed0 + speed1), weights.touch_width
    if abs(d1 - d0) > 1e-4:
        share = (bell_area(d1, width) - bell_area(d0, width)) / (d1 - d0)
    else:
        share = bell(0.5 * (d0 + d1), width)
    rate = weights.touch_scale * (speed + 0.02) * share
    return rate, rate * (weights.harm_base + weights.harm_speed * speed**2)


@plain_kernel
def bell_area(d, width):
    """Integral of a bell from 0."""
    if d < 0.0:
        return d - d**2 / (2.0 * width)
    q = min(d / width, math.sqrt(6.0))
    return width * (q - q**3 / 6.0 + q**5 / 60.0 - q**7 / 1512.0)


@plain_kernel
def falling(d, length):
    """e^(-d / length), and below zero 1 - d / length."""
    return math.exp(-d / length) if d > 0.0 else 1.0 - d / length


@plain_kernel
def bell(d, width):
    """About e^(-d^2 / 2 width^2), and below zero 1 - d / width."""
    return max(1.0 - (d / width) ** 2 / 6.0, 0.0) ** 3 if d > 0.0 else 1.0 - d / width


@plain_kernel
def to_go(x, y, yaw, situation):
    """Metres still to go: the cost-to-go, and near a goal pose what its heading costs."""
    phi, goal = spline(situation.lattice.cost, x, y, situation.lattice), situation.goal
    if situation.weights.goal_pose == 0.0:
        return phi
    dx, dy = goal.x - x, goal.y - y
    square, bearing = dx**2 + dy**2, math.atan2(dy, dx)
    forward = rounded(bearing - yaw) + rounded(goal.yaw - bearing)
    reverse = rounded(bearing - yaw + math.pi) + rounded(goal.yaw - bearing - math.pi) + 0.3
    reverse += goal.back * math.sqrt(square + 1e-6)
    least = 0.5 * (forward + reverse - math.sqrt((forward - reverse) ** 2 + 0.01))
    share = square / (square + 0.06**2)
    turn = share * least + (1.0 - share) * rounded(goal.yaw - yaw)
    return phi + situation.weights.goal_pose * math.exp(-square / 0.8**2) * turn


@plain_kernel
def rounded(angle):
    """|angle| within half a turn, with a rounded tip."""
    angle -= 2.0 * math.pi * math.floor(angle / (2.0 * math.pi) + 0.5)
    return math.sqrt(angle**2 + 0.05**2) - 0.05


@plain_kernel
def spline(field, x, y, lattice):
    """A quadratic B-spline at (x, y)."""
    rows, columns = field.shape
    fx = min(max((x - lattice.origin_x) * lattice.per_metre, 1.0), columns - 2.0)
    fy = min(max((y - lattice.origin_y) * lattice.per_metre, 1.0), rows - 2.0)
    column, row = int(fx + 0.5), int(fy + 0.5)
    u, t = fx - column, fy - row
    before, at, after = 0.5 * (0.5 - u) ** 2, 0.75 - u**2, 0.5 * (0.5 + u) ** 2
    below = before * field[row - 1, column - 1] + at * field[row - 1, column] + after * field[row - 1, column + 1]
    level = before * field[row, column - 1] + at * field[row, column] + after * field[row, column + 1]
    above = before * field[row + 1, column - 1] + at * field[row + 1, column] + after * field[row + 1, column + 1]
    return 0.5 * (0.5 - t) ** 2 * below + (0.75 - t**2) * level + 0.5 * (0.5 + t) ** 2 * above
