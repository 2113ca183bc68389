"""Roll out and judge candidates: the kernels around the model.

A candidate is a decision vector of 8: target v at the knots 0.5, 1.1, 1.9, 3.0 s, then target yaw rate at the same
knots.
"""

from __future__ import annotations

import numpy as np

from pavane.motion.model import (
    DISCOMFORT_LENGTH,
    DT,
    FAINT,
    FAR,
    HALF,
    ONE,
    SEGMENTS,
    SIDEWAYS,
    SLOW,
    STOP_POINTS,
    STRIDE,
    TWO,
    ZERO,
    clearance_at,
    discomfort,
    entry_rate,
    half_turn,
    hermite,
    knot_slope,
    progress_field,
    step_motion,
    touch_hazard,
    wall_hazard,
)
from pavane.numerics.jit import exact_kernel, inline, kernel
from pavane.numerics.lanes import (
    F,
    absolute,
    any_greater,
    chain,
    cos,
    exp,
    inner,
    inverse_sqrt,
    load,
    maximum,
    minimum,
    outer,
    primal,
    sin,
    sqrt,
    store,
    tangent,
    variable,
    where_greater,
)
from pavane.planning.local_planner.objective.arguments import take_apart

WIDTH = 32  # candidates side by side
WIDTH_GRADIENT = 16
PERSON_COLUMNS = 12
# of who may be somewhere, at one look: mean x, y, vx, vy; radius of the body; precision, drag and play (entry_rate);
# how likely that is; gain and reach of the discomfort beside them; harm
UNLIKELY = 30.0  # squared standard deviations beyond which nobody is: a rate of entry is e^-15 of what it is in touch
H0, H1, H2, H3 = (F(n * DT) for n in SEGMENTS)


@inline
def reference(start, u0, u1, u2, u3):
    """Hermite coefficients of the four segments from a start (value, slope) through four knot targets."""
    y0, m0 = start[0] + ZERO * u0, start[1] + ZERO * u0
    d1, d2, d3 = (u1 - u0) / H1, (u2 - u1) / H2, (u3 - u2) / H3
    m1 = knot_slope((u0 - y0) / H0, d1)
    m2, m3 = knot_slope(d1, d2), knot_slope(d2, d3)
    m4 = ZERO * u3
    return (
        (y0, *hermite(y0, m0, u0, m1, H0)),
        (u0, *hermite(u0, m1, u1, m2, H1)),
        (u1, *hermite(u1, m2, u2, m3, H2)),
        (u2, *hermite(u2, m3, u3, m4, H3)),
    )


@inline
def clearances(x, y, c, s, v, w, discs, g):
    """Clearance of the outline's discs from static things, the speed of the nearest one, and the equivalent clearance
    of the discs that meet things with a kind of their own.

    A disc is x, y, radius and the first word of the field that it is looked up in; 0 is that of static things.
    """
    ox, oy = discs[0, 0] + ZERO * primal(x), discs[0, 1] + ZERO * primal(x)
    d = disc_clearance(x + ox * c - oy * s, y + ox * s + oy * c, discs, 0, g)
    ux, uy, u = ox, oy, ZERO * d + FAR
    for i in range(1, discs.shape[0]):
        nx, ny = discs[i, 0], discs[i, 1]
        e = disc_clearance(x + nx * c - ny * s, y + nx * s + ny * c, discs, i, g)
        if discs[i, 3] == ZERO:
            nearer = where_greater(primal(d), primal(e), ONE, ZERO)
            ox, oy = where_greater(nearer, HALF, nx, ox), where_greater(nearer, HALF, ny, oy)
            d = minimum(d, e)
        else:
            nearer = where_greater(primal(u), primal(e), ONE, ZERO)
            ux, uy = where_greater(nearer, HALF, nx, ux), where_greater(nearer, HALF, ny, uy)
            u = minimum(u, e)
    across, along = v - w * oy, w * ox
    d = outer(d, (x + ox * c - oy * s, y + ox * s + oy * c))
    u = outer(u, (x + ux * c - uy * s, y + ux * s + uy * c))
    return d, sqrt(across * across + along * along + F(1e-6)), u


@inline
def disc_clearance(x, y, discs, i, g):
    """Clearance of one disc, with the slopes in x and y alone."""
    return clearance_at(inner(x, 0, 2), inner(y, 1, 2), discs[i, 3], g) - discs[i, 2]


@inline
def hazards(x, y, yaw, c, s, v, w, row, people, discs, body, g, k):
    """At one moment: rate of harm near what stays, rate of touching what moves, both times their harm; then the
    clearance and the speed of what is nearest."""
    turn = inner(yaw, 2, 5)
    still, moving, harm, harm_moving, d, speed = hazards_at(
        inner(x, 0, 5), inner(y, 1, 5), chain(turn, c, -s), chain(turn, s, c),
        inner(v, 3, 5), inner(w, 4, 5), row, people, discs, body, g, k,
    )  # fmt: skip
    place = (x, y, yaw, v, w)
    return (
        outer(still, place), outer(moving, place), outer(harm, place), outer(harm_moving, place), outer(d, place),
        outer(speed, place),
    )  # fmt: skip


@inline
def hazards_at(x, y, c, s, v, w, row, people, discs, body, g, k):
    """The same as a function of pose and speeds alone."""
    gap, speed, uneasy = clearances(x, y, c, s, v, w, discs, g)
    still, harm = walls(inner(gap, 0, 2), inner(speed, 1, 2), k)
    still, harm = outer(still, (gap, speed)), outer(harm, (gap, speed))
    square = v * v
    unease = exp(-uneasy / DISCOMFORT_LENGTH) * (k.wall_scale * square)
    harm = harm + unease * (k.harm_base + k.harm_speed * square)
    moving, harm_moving = ZERO * square, ZERO * square
    width = body.radius + F(2.0 / np.pi) * (body.half_length + body.half_width)
    for i in range(people.shape[1]):
        d, beside = beside_person(x, y, c, s, people, row, i, body)
        room = maximum(primal(d), ZERO)
        near, uneasy = any_greater(F(UNLIKELY), people[row, i, 5] * room * room), people[row, i, 9] > ZERO
        if not near and not uneasy:
            continue
        nearing, across, own = approach(beside, c, s, v, people, row, i)
        closing = maximum(nearing, ZERO)
        cost = people[row, i, 11] * harm_of(v, closing, own, k)
        if uneasy:
            pace = absolute(v)
            unpleasant = discomfort(
                inner(d, 0, 3), inner(pace, 1, 3), inner(closing, 2, 3), people[row, i, 9], people[row, i, 10], k
            )
            harm = harm + cost * outer(unpleasant, (d, pace, closing))
        if near:
            rate = entry_rate(
                inner(d, 0, 3), inner(nearing, 1, 3), inner(across, 2, 3), width + people[row, i, 4],
                people[row, i, 5], people[row, i, 6], people[row, i, 7],
            )  # fmt: skip
            rate = people[row, i, 8] * outer(rate, (d, nearing, across))
            moving = moving + rate
            harm_moving = harm_moving + rate * cost
    return still, moving, harm, harm_moving, gap, speed


@inline
def beside_person(x, y, c, s, people, row, i, body):
    """Distance of the outline from somebody's, and what :func:`approach` takes: where they are from the outline's
    middle, and how far beyond its edges, over the distance."""
    dx, dy = people[row, i, 0] - x, people[row, i, 1] - y
    ahead, left = dx * c + dy * s - body.x, dy * c - dx * s - body.y
    over_x, over_y = absolute(ahead) - body.half_length, absolute(left) - body.half_width
    out_x, out_y = maximum(over_x, ZERO), maximum(over_y, ZERO)
    square = out_x * out_x + out_y * out_y + F(1e-6)
    inverse = inverse_sqrt(square)
    d = square * inverse + minimum(maximum(over_x, over_y), ZERO) - people[row, i, 4] - body.radius
    return d, (ahead, left, out_x, out_y, inverse)


@inline
def approach(beside, c, s, v, people, row, i):
    """How fast the robot and somebody come nearer, m/s, and across the line between them; the square of the robot's own
    speed, as far as it does not lead away from them."""
    ahead, left, out_x, out_y, inverse = beside
    away_x = v - (people[row, i, 2] * c + people[row, i, 3] * s)
    away_y = people[row, i, 2] * s - people[row, i, 3] * c
    out_x = where_greater(ahead, ZERO, out_x, -out_x) * inverse
    out_y = where_greater(left, ZERO, out_y, -out_y) * inverse
    towards, aside = maximum(v * out_x, ZERO), v * out_y
    own = towards * towards + SIDEWAYS * aside * aside
    return away_x * out_x + away_y * out_y, away_x * out_y - away_y * out_x, own


@inline
def harm_of(v, closing, own, k):
    """How bad it is to touch somebody, against a wall: little of the speed's harm is the fault of a robot that stands
    or goes away, ``own`` of :func:`approach` being small."""
    fast = maximum(absolute(v), closing)
    blame = (own + k.harm_standing * (SLOW * SLOW)) / (own + SLOW * SLOW)
    return k.harm_base + k.harm_speed * blame * fast * fast


@inline
def walls(d, speed, k):
    """Rate of harm near what stays, and that times its harm."""
    rate = wall_hazard(d, speed, k)
    return rate, rate * (k.harm_base + k.harm_speed * speed * speed)


@inline
def among(met):
    """How much likelier a harm is for who met people with a chance ``met``: 1 - met are left, at least a quarter."""
    return ONE / maximum(ONE - met, F(0.25))


@inline
def scraping(d0, d1, speed0, speed1, k):
    """Mean rate of harm by touch on the way from one look to the next, and that times its harm."""
    mean = HALF * (speed0 + speed1)
    speed = inner(mean, 2, 3)
    rate = touch_hazard(inner(d0, 0, 3), inner(d1, 1, 3), speed, k)
    harm = rate * (k.harm_base + k.harm_speed * speed * speed)
    return outer(rate, (d0, d1, mean)), outer(harm, (d0, d1, mean))


@inline
def arc(x, y, yaw, c, s, hop, turn):
    """Go ``hop`` metres along the heading in the middle of two turns; c and s are values alone, their slopes yaw's."""
    c, s = half_turn(c, s, primal(turn))
    yaw = yaw + turn
    x, y = x + hop * chain(yaw, c, -s), y + hop * chain(yaw, s, c)
    c, s = half_turn(c, s, primal(turn))
    return x, y, yaw + turn, c, s


@inline
def judge_stop(
    hazards_of, x, y, yaw, c, s, v, w, d, speed, survival, met, discount, people, discs, body, g, b, k, last
):
    """Survival at the end of the final stop along the present arc, and the harm expected on the way."""
    square = v * v
    length = HALF * square / (-b.a_low) + F(0.1) * absolute(v)
    part = F(1.0 / STOP_POINTS)
    kappa = w * v / (square + F(0.0025))
    sign = where_greater(v, ZERO, ONE, F(-1.0))
    hop = sign * length * part
    turn = HALF * kappa * hop
    seconds = F(2.0) * length / (absolute(v) + F(0.1)) * part
    expected = ZERO * v
    slow = v
    for i in range(STOP_POINTS):
        x, y, yaw, c, s = arc(x, y, yaw, c, s, hop, turn)
        slow = v * F(np.sqrt(1.0 - (i + 0.5) / STOP_POINTS))
        still, moving, harm, harm_moving, d_next, speed_next = hazards_of(
            x, y, yaw, c, s, slow, kappa * slow, last + i, people, discs, body, g, k
        )
        scrape, scratch = scraping(d, d_next, speed, speed_next, k)
        met = met + seconds * moving
        sooner = among(met)
        rate, harm = still + scrape + sooner * moving, harm + scratch + sooner * harm_moving
        d, speed = d_next, speed_next
        e = exp(-rate * seconds)
        expected = expected + survival * (ONE - e + FAINT * seconds) * harm / (rate + FAINT)
        survival = survival * e
    return survival, expected * discount


@inline
def knots_at(plan, step, segment, within):
    """Reference (v, its slope, w, its slope) at the end of a step, from the coefficients of :func:`reference`."""
    forward, turning = plan
    vy, v1, v2, v3 = forward[segment]
    wy, w1, w2, w3 = turning[segment]
    part = F(1.0) / F(SEGMENTS[segment])
    q, rate = F(within + 1) * part, F(1.0 / DT) * part
    v_slope = (v1 + q * (F(2.0) * v2 + q * (F(3.0) * v3))) * rate
    w_slope = (w1 + q * (F(2.0) * w2 + q * (F(3.0) * w3))) * rate
    return vy + q * (v1 + q * (v2 + q * v3)), v_slope, wy + q * (w1 + q * (w2 + q * w3)), w_slope


@inline
def move(target, place, b, k, dt):
    """One step towards a reference; the place after it and the effort."""
    x, y, yaw, c, s, v0, w0, a0, al0 = place
    v_ref, v_slope, w_ref, w_slope = target
    v, w, a, al = step_motion(
        v_ref, v_slope, w_ref, w_slope, v0, w0, a0, al0, b.v_low, b.v_high, -b.w_high, b.w_high, b, dt
    )
    turn = (HALF * HALF * dt) * (w0 + w)
    hop = (HALF * dt) * (v0 + v)
    x, y, yaw, c, s = arc(x, y, yaw, c, s, hop, turn)
    ja, jal = a - a0, al - al0
    effort = k.effort_a * a * a + k.effort_al * al * al + k.effort_w * w * w
    effort = effort + k.effort_reverse * maximum(-v, ZERO)
    effort = effort * dt + (k.effort_jerk * ja * ja + k.effort_jerk_w * jal * jal) * (ONE / dt)
    return (x, y, yaw, c, s, v, w, a, al), effort


@inline
def trajectory_cost(reference_at, hazards_of, plan, zero, start, b, k, g, goal, discs, body, people, discount):
    """Cost of one candidate in metres, lower is better: minus its uncertainty-adjusted progress (ARCHITECTURE).

    ``reference_at(plan, step, segment, step within it)`` is what its motion follows, ``hazards_of`` what it is exposed
    to, as :func:`hazards`; ``zero`` is 0 of its kind.
    """
    dt = F(DT)
    half_look = F(0.5 * STRIDE * DT)
    yaw = zero + start[2]
    place = (
        zero + start[0], zero + start[1], yaw, cos(primal(yaw)), sin(primal(yaw)),
        zero + start[3], zero + start[4], zero + start[5], zero + start[6],
    )  # fmt: skip
    survival, cost, regret, met_them = zero + ONE, zero, zero, zero
    phi = progress_field(place[0], place[1], yaw, g, goal, k)
    rate, moving, harm, harm_moving, d, speed = hazards_of(
        place[0], place[1], yaw, place[3], place[4], place[5], place[6], 0, people, discs, body, g, k
    )
    rate, harm = rate + moving, harm + harm_moving
    row = 0
    for segment in range(4):
        looks = SEGMENTS[segment] // STRIDE
        for j in range(looks):
            target = reference_at(plan, STRIDE * row, segment, STRIDE * j)
            place, effort = move(target, place, b, k, dt)
            target = reference_at(plan, STRIDE * row + 1, segment, STRIDE * j + 1)
            place, more = move(target, place, b, k, dt)
            x, y, yaw, c, s, v, w, _, _ = place
            now = discount[row]
            row = row + 1
            rate_next, moving_next, harm_next, harm_moving, d_next, speed_next = hazards_of(
                x, y, yaw, c, s, v, w, row, people, discs, body, g, k
            )
            met_them = met_them + half_look * (moving + moving_next)
            sooner = among(met_them)
            rate_next, harm_next = rate_next + sooner * moving_next, harm_next + sooner * harm_moving
            phi_next = progress_field(x, y, yaw, g, goal, k)
            scrape, scratch = scraping(d, d_next, speed, speed_next, k)
            met = half_look * (rate + rate_next + TWO * scrape)
            owed = half_look * (harm + harm_next + TWO * scratch)
            e = exp(-met)
            harmed = (ONE - e + FAINT) * owed / (met + FAINT)
            cost = cost + now * survival * (phi_next - phi + effort + more + harmed)
            regret = regret + now * owed
            survival = survival * e
            phi, rate, harm, moving = phi_next, rate_next, harm_next, moving_next
            d, speed = d_next, speed_next
    x, y, yaw, c, s, v, w, _, _ = place
    now = discount[row]
    survival, expected = judge_stop(
        hazards_of, x, y, yaw, c, s, v, w, d, speed, survival, met_them, now, people, discs, body, g, b, k, row + 1
    )
    ahead = progress_field(x + k.look_ahead * chain(yaw, c, -s), y + k.look_ahead * chain(yaw, s, c), yaw, g, goal, k)
    away = maximum(ZERO, minimum(ONE, (phi - F(0.15)) * F(2.0)))
    misled = maximum(ZERO, minimum(F(2.5), ONE - (phi - ahead) / k.look_ahead))
    over = maximum(ZERO, absolute(v) - F(1.2) * maximum(phi, ZERO) - F(0.1))
    end = k.alive - k.heading * away * misled - k.overspeed * over
    return cost + expected + k.regret * regret - now * survival * end


@inline
def knots_cost(hazards_of, u0, u1, u2, u3, u4, u5, u6, u7, start, b, k, g, goal, discs, body, people, discount):
    """Cost of a decision."""
    zero = ZERO * u0 + ZERO * u4 + ZERO * (u1 + u2 + u3 + u5 + u6 + u7)
    plan = reference((start[3], start[5]), u0, u1, u2, u3), reference((start[4], start[6]), u4, u5, u6, u7)
    return trajectory_cost(knots_at, hazards_of, plan, zero, start, b, k, g, goal, discs, body, people, discount)


@inline
def store_slopes(cost, i, costs, slopes):
    """Costs of candidates from i on, and their derivatives by each of the eight variables."""
    store(costs, i, primal(cost))
    store(slopes[0], i, tangent(cost, 0))
    store(slopes[1], i, tangent(cost, 1))
    store(slopes[2], i, tangent(cost, 2))
    store(slopes[3], i, tangent(cost, 3))
    store(slopes[4], i, tangent(cost, 4))
    store(slopes[5], i, tangent(cost, 5))
    store(slopes[6], i, tangent(cost, 6))
    store(slopes[7], i, tangent(cost, 7))


@kernel
def evaluate(decisions, figures, words, numbers, discs, people, discount, costs):
    """Costs (N,) of decisions (8, N) float32, N >= 32; between them ``Context.arguments``."""
    start, b, k, g, goal, body = take_apart(figures, words, numbers)
    count = decisions.shape[1]
    u = decisions
    for block in range(0, count, WIDTH):
        i = min(block, count - WIDTH)
        cost = knots_cost(
            hazards, load(u[0], i, WIDTH), load(u[1], i, WIDTH), load(u[2], i, WIDTH), load(u[3], i, WIDTH),
            load(u[4], i, WIDTH), load(u[5], i, WIDTH), load(u[6], i, WIDTH), load(u[7], i, WIDTH),
            start, b, k, g, goal, discs, body, people, discount,
        )  # fmt: skip
        store(costs, i, cost)


@kernel
def gradient(decisions, figures, words, numbers, discs, people, discount, costs, slopes):
    """Costs (N,) and their derivatives (8, N) by each decision; N a multiple of 16."""
    start, b, k, g, goal, body = take_apart(figures, words, numbers)
    count = decisions.shape[1]
    u = decisions
    for i in range(0, count, WIDTH_GRADIENT):
        cost = knots_cost(
            hazards, variable(load(u[0], i, WIDTH_GRADIENT), 0, 8), variable(load(u[1], i, WIDTH_GRADIENT), 1, 8),
            variable(load(u[2], i, WIDTH_GRADIENT), 2, 8), variable(load(u[3], i, WIDTH_GRADIENT), 3, 8),
            variable(load(u[4], i, WIDTH_GRADIENT), 4, 8), variable(load(u[5], i, WIDTH_GRADIENT), 5, 8),
            variable(load(u[6], i, WIDTH_GRADIENT), 6, 8), variable(load(u[7], i, WIDTH_GRADIENT), 7, 8),
            start, b, k, g, goal, discs, body, people, discount,
        )  # fmt: skip
        store_slopes(cost, i, costs, slopes)


@exact_kernel
def rollout(decision, start, b, tail, states):
    """The motion of one decision in float64: states (61 + tail, 7) of x, y, yaw, v, w, a, alpha, ending in a stop."""
    forward = reference((start[3], start[5]), decision[0], decision[1], decision[2], decision[3])
    turning = reference((start[4], start[6]), decision[4], decision[5], decision[6], decision[7])
    for i in range(7):
        states[0, i] = start[i]
    row = 0
    for segment in range(4):
        steps = SEGMENTS[segment]
        h = steps * DT
        vy, v1, v2, v3 = forward[segment]
        wy, w1, w2, w3 = turning[segment]
        for j in range(1, steps + 1):
            q = j / steps
            v_ref = vy + q * (v1 + q * (v2 + q * v3))
            v_slope = (v1 + q * (2.0 * v2 + q * (3.0 * v3))) / h
            w_ref = wy + q * (w1 + q * (w2 + q * w3))
            w_slope = (w1 + q * (2.0 * w2 + q * (3.0 * w3))) / h
            advance(states, row, v_ref, v_slope, w_ref, w_slope, b.v_low, b.v_high, -b.w_high, b.w_high, b)
            row += 1
    come_to_rest(states, row, tail, b)


@inline
def come_to_rest(states, row, tail, b):
    """Fill ``tail`` rows of states after ``row`` with a stop."""
    # the stop comes from one side: zero is a bound that is reached exactly, not a target to swing about
    v, w, a, al = states[row, 3], states[row, 4], states[row, 5], states[row, 6]
    v_low, v_high = (0.0, float(b.v_high)) if v + a * abs(a) / (2.0 * b.jerk) >= 0.0 else (float(b.v_low), 0.0)
    w_low, w_high = (0.0, float(b.w_high)) if w + al * abs(al) / (2.0 * b.jerk_w) >= 0.0 else (-float(b.w_high), 0.0)
    for _ in range(tail):
        advance(states, row, 0.0, 0.0, 0.0, 0.0, v_low, v_high, w_low, w_high, b)
        row += 1


@inline
def advance(states, row, v_ref, v_slope, w_ref, w_slope, v_low, v_high, w_low, w_high, b):
    """Fill states[row + 1] from states[row] by one step of the tracker."""
    v0, w0 = states[row, 3], states[row, 4]
    v, w, a, al = step_motion(
        v_ref, v_slope, w_ref, w_slope, v0, w0, states[row, 5], states[row, 6], v_low, v_high, w_low, w_high, b, DT
    )
    heading = states[row, 2] + 0.25 * DT * (w0 + w)
    hop = 0.5 * DT * (v0 + v)
    states[row + 1, 0] = states[row, 0] + hop * np.cos(heading)
    states[row + 1, 1] = states[row, 1] + hop * np.sin(heading)
    states[row + 1, 2] = states[row, 2] + 0.5 * DT * (w0 + w)
    states[row + 1, 3], states[row + 1, 4] = v, w
    states[row + 1, 5], states[row + 1, 6] = a, al
