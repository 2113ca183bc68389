"""The model of one candidate, written once: motion within limits, hazards, progress.

Every function takes Lanes (many candidates, with or without derivatives) or plain numbers (the scalar twin). Lengths
are metres, times seconds, angles radians; positions are in the window frame (axes of the map, origin at the window's
centre).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pavane.numerics.jit import inline
from pavane.numerics.lanes import (
    F,
    absolute,
    any_greater,
    atan2,
    clamp,
    exp,
    floor,
    inner,
    inverse_sqrt,
    look_up_block,
    look_up_row,
    maximum,
    minimum,
    nearest,
    outer,
    primal,
    sqrt,
    where_greater,
    wrap,
)

ZERO, HALF, ONE, TWO = F(0.0), F(0.5), F(1.0), F(2.0)
STEPS = 60
SEGMENTS = (10, 12, 16, 22)  # steps between the knots at 0, 0.5, 1.1, 1.9 and 3.0 s
DT = 0.05
STRIDE = 2  # steps from one look at the world to the next: motion is finer than what is met on the way
LOOKS = STEPS // STRIDE
DISCOMFORT_LENGTH = F(0.05)  # m of equivalent clearance over which unease falls by e
FAR = F(1.0)  # m of equivalent clearance at which nothing is felt any more
FAINT = F(1e-3)  # makes (1 - e^-x) / x whole at 0
SLOW = F(0.5)  # m/s: who comes at much less than this is hardly to blame for a touch
SIDEWAYS = F(0.5)  # of the squared speed across the line to somebody, how much counts like speed towards them
STOP_POINTS = 6  # places along the final stop at which hazards are weighed


class Bounds(NamedTuple):
    """Limits of the base as float32; see core.robot.Limits. ``half_track`` 0 means the wheels never limit."""

    v_low: Any
    v_high: Any
    w_high: Any
    a_low: Any
    a_high: Any
    al_high: Any
    jerk: Any
    jerk_w: Any
    half_track: Any
    wheel: Any
    gain: Any


class Weights(NamedTuple):
    """The objective's figures as float32; see local_planner.config.Objective."""

    wall_scale: Any
    wall_length: Any
    wall_reach: Any
    touch_scale: Any
    touch_width: Any
    person_scale: Any
    person_reach: Any
    harm_base: Any
    harm_speed: Any
    harm_standing: Any
    effort_a: Any
    effort_al: Any
    effort_w: Any
    effort_jerk: Any
    effort_jerk_w: Any
    effort_reverse: Any
    regret: Any
    alive: Any
    heading: Any
    look_ahead: Any
    overspeed: Any
    goal_pose: Any


class Fields(NamedTuple):
    """Two fields on one lattice, as coefficients of quadratic B-splines in whole numbers, flat and row-major.

    The point (column, row) lies at ``origin + (column, row) / per_metre``; ``objective.fields`` packs them.
    """

    clearance: Any  # int64: a word for each 3x3 block; behind it may follow another field, of equivalent clearances
    clearance_scale: Any
    cost: Any  # int16
    cost_scale: Any
    columns: Any
    rows: Any
    origin_x: Any
    origin_y: Any
    per_metre: Any


class Goal(NamedTuple):
    """Where to end, in the window frame; ``back`` is what a metre in reverse towards it costs, rad."""

    x: Any
    y: Any
    yaw: Any
    back: Any


class Body(NamedTuple):
    """The outline as people meet it: what lies within ``radius`` of a rectangle in the base frame, m."""

    x: Any  # its centre
    y: Any
    half_length: Any
    half_width: Any
    radius: Any


@inline
def bounded_acceleration(wanted, speed, a, a_low, a_high, jerk, low, high, dt):
    """The acceleration at the end of a step, nearest to the wanted one, that keeps every limit for ever after.

    Acceleration is linear over the step. A speed bound is kept by leaving it enough room to take the acceleration back
    to zero by ``step`` = jerk dt every dt: with n = floor(a' / step) whole steps on the way, that and this step gain
    dt((n + 1)a' - step n(n + 1)/2) <= high - v - a dt/2, solved for a'. By induction the bound holds at all later
    steps, whatever is wanted then, and is reached exactly.
    """
    step = jerk * dt
    least = minimum(maximum(a_low, a - step), a + step)
    most = maximum(minimum(a_high, a + step), a - step)
    wanted = clamp(wanted, least, most)
    rising = where_greater(wanted, ZERO, ONE, F(-1.0))
    room = where_greater(wanted, ZERO, high - speed, speed - low) / dt - rising * HALF * a
    room = maximum(room, ZERO)
    n = floor(sqrt(F(0.25) + TWO * room / step) - HALF)
    brake = room / (n + ONE) + HALF * step * n
    return clamp(rising * minimum(rising * wanted, brake), least, most)


@inline
def peak(speed, a, step, dt):
    """The largest |speed| while an acceleration a is taken back to zero by ``step`` every dt."""
    size = absolute(a)
    n = floor(size / step)
    rest = HALF * dt * ((n + HALF) * size - HALF * step * n * (n + ONE))  # half of what is still gained on a's side
    return absolute(speed + where_greater(a, ZERO, rest, -rest)) + rest


@inline
def keep_wheels(a_next, al_next, v, w, a, al, b, dt):
    """Move (a', alpha') towards taking both accelerations back to zero, as far as the rim speeds |v| + c |w| ask for.

    Half the track is c. Taking back is always possible within the limits and the rim speed that it leads to is convex
    in (a', alpha'), so a share of the way found on the chord is safe: by induction the wheels keep their limit. Where
    they are beyond it already, neither speed may grow.
    """
    c, step, step_w = b.half_track, b.jerk * dt, b.jerk_w * dt
    moved, moved_w = v + HALF * dt * (a + a_next), w + HALF * dt * (al + al_next)
    most = peak(moved, a_next, step, dt) + c * peak(moved_w, al_next, step_w, dt)
    if not any_greater(most, b.wheel):
        return a_next, al_next
    back, back_w = a - clamp(a, -step, step), al - clamp(al, -step_w, step_w)
    still, still_w = v + HALF * dt * (a + back), w + HALF * dt * (al + back_w)
    least = peak(still, back, step, dt) + c * peak(still_w, back_w, step_w, dt)
    share = maximum(b.wheel - least, ZERO) / maximum(most - least, F(1e-6))
    slower = where_greater(v, ZERO, minimum(back, a_next), maximum(back, a_next))
    slower_w = where_greater(w, ZERO, minimum(back_w, al_next), maximum(back_w, al_next))
    beyond = b.wheel * F(1.0001)
    kept = where_greater(least, beyond, slower, back + share * (a_next - back))
    kept_w = where_greater(least, beyond, slower_w, back_w + share * (al_next - back_w))
    return where_greater(most, b.wheel, kept, a_next), where_greater(most, b.wheel, kept_w, al_next)


@inline
def step_motion(v_ref, v_slope, w_ref, w_slope, v, w, a, al, v_low, v_high, w_low, w_high, b, dt):
    """One step of the tracker: (v, w, a, alpha) at its end, within every limit of the base."""
    a_want = v_slope + b.gain * (v_ref - v - HALF * dt * (a + v_slope))
    al_want = w_slope + b.gain * (w_ref - w - HALF * dt * (al + w_slope))
    a_next = bounded_acceleration(a_want, v, a, b.a_low, b.a_high, b.jerk, v_low, v_high, dt)
    al_next = bounded_acceleration(al_want, w, al, -b.al_high, b.al_high, b.jerk_w, w_low, w_high, dt)
    if b.half_track > ZERO:
        a_next, al_next = keep_wheels(a_next, al_next, v, w, a, al, b, dt)
    return v + HALF * dt * (a + a_next), w + HALF * dt * (al + al_next), a_next, al_next


@inline
def half_turn(c, s, angle):
    """(cos, sin) turned by a small angle (below 0.4 rad per step) without calling cos or sin."""
    q = angle * angle
    si = angle * (ONE + q * (F(-1.0 / 6.0) + q * F(1.0 / 120.0)))
    co = ONE + q * (F(-0.5) + q * F(1.0 / 24.0))
    return c * co - s * si, s * co + c * si


@inline
def knot_slope(before, after):
    """Slope at a knot between two secants: their harmonic mean where they agree in sign, else zero (PCHIP)."""
    total = before + after
    return TWO * maximum(before * after, ZERO) * total / (total * total + F(1e-6))


@inline
def hermite(y0, m0, y1, m1, h):
    """Coefficients of y0 + s(c1 + s(c2 + s c3)), s in 0..1, of the cubic with these ends and slopes over h seconds."""
    c1, e = m0 * h, m1 * h
    d = y1 - y0
    return c1, F(3.0) * d - TWO * c1 - e, c1 + e - TWO * d


@inline
def spline_shares(u):
    """Shares of the coefficients before, at and after the nearest lattice point in a quadratic B-spline, at u from it
    in -1/2..1/2."""
    here = F(0.75) - u * u
    rest = HALF - HALF * here
    return rest - HALF * u, here, rest + HALF * u


@inline
def place_on_lattice(x, y, g):
    """Column and row of the nearest lattice point that has neighbours, and how far (x, y) is from it, in cells."""
    fx = clamp((x - g.origin_x) * g.per_metre, ONE, g.columns - TWO)
    fy = clamp((y - g.origin_y) * g.per_metre, ONE, g.rows - TWO)
    column, row = nearest(primal(fx)), nearest(primal(fy))
    return column, row, fx - column, fy - row


@inline
def clearance_at(x, y, first, g):
    """Clearance at (x, y), m: a quadratic B-spline, so that slopes are continuous; beyond the lattice its rim's.

    ``first`` is the number of the field's first word.
    """
    column, row, u, t = place_on_lattice(x, y, g)
    c, left, right, below, above, bl, br, al, ar = look_up_block(g.clearance, row * g.columns + column + first)
    before, at, after = spline_shares(u)
    under, level, over = spline_shares(t)
    sides = level * (before * left + after * right) + at * (under * below + over * above)
    corners = under * (before * bl + after * br) + over * (before * al + after * ar)
    return (c + (sides + corners)) * g.clearance_scale


@inline
def cost_at(x, y, g):
    """Cost-to-go at (x, y), m: a quadratic B-spline as :func:`clearance_at`, of coefficients with a wider range."""
    column, row, u, t = place_on_lattice(x, y, g)
    index = (row - ONE) * g.columns + column - ONE
    before, at, after = spline_shares(u)
    under, level, over = spline_shares(t)
    columns = int(g.columns)
    a, b, c = look_up_row(g.cost, index, 0)
    total = under * (before * a + at * b + after * c)
    a, b, c = look_up_row(g.cost, index, columns)
    total = total + level * (before * a + at * b + after * c)
    a, b, c = look_up_row(g.cost, index, 2 * columns)
    return (total + over * (before * a + at * b + after * c)) * g.cost_scale


@inline
def smooth_abs(x):
    """|x| with a rounded tip of 0.05 rad."""
    return sqrt(x * x + F(0.0025)) - F(0.05)


@inline
def goal_pose_cost(x, y, yaw, goal, weight):
    """Metres still owed for the heading near a goal pose: turn to it, drive, turn there; or the same backwards."""
    dx, dy = goal.x - x, goal.y - y
    q = dx * dx + dy * dy
    bearing = atan2(dy, dx)
    ahead, back = wrap(bearing - yaw), wrap(bearing - yaw + F(np.pi))
    there, there_back = wrap(goal.yaw - bearing), wrap(goal.yaw - bearing - F(np.pi))
    forward = smooth_abs(ahead) + smooth_abs(there)
    reverse = smooth_abs(back) + smooth_abs(there_back) + F(0.3) + goal.back * sqrt(q + F(1e-6))
    gap = forward - reverse
    softmin = HALF * (forward + reverse - sqrt(gap * gap + F(0.01)))
    share = q / (q + F(0.0036))
    turn = smooth_abs(wrap(goal.yaw - yaw))
    return weight * exp(q * F(-1.5625)) * (share * softmin + (ONE - share) * turn)


@inline
def progress_field(x, y, yaw, g, goal, k):
    """Metres still to go from a pose: the cost-to-go, and near the goal what its heading costs."""
    at_x, at_y, turn = inner(x, 0, 3), inner(y, 1, 3), inner(yaw, 2, 3)
    phi = cost_at(at_x, at_y, g)
    if k.goal_pose > ZERO:
        phi = phi + goal_pose_cost(at_x, at_y, turn, goal, k.goal_pose)
    return outer(phi, (x, y, yaw))


@inline
def shape_exp(x):
    """e^-x for x >= 0 that goes on as 1 - x below."""
    return where_greater(x, ZERO, exp(-maximum(x, ZERO)), ONE - x)


@inline
def shape_bell(d, width):
    """About e^(-d^2 / 2 width^2) for d >= 0, exactly 0 beyond 2.45 widths; below zero it goes on growing linearly."""
    q = maximum(d, ZERO) / width
    hump = maximum(ONE - F(1.0 / 6.0) * q * q, ZERO)
    return hump * hump * hump + maximum(-d, ZERO) / width


@inline
def bell_area(d, width):
    """The integral of :func:`shape_bell` from 0 to d, m."""
    q = minimum(maximum(d, ZERO) / width, F(6.0**0.5))
    square = q * q
    rising = q * (ONE + square * (F(-1.0 / 6.0) + square * (F(1.0 / 60.0) + square * F(-1.0 / 1512.0))))
    inside = minimum(d, ZERO)
    return width * rising + inside - inside * inside * (HALF / width)


@inline
def wall_hazard(d, speed, k):
    """Rate of harm near static things at clearance d, 1/s; it vanishes faster than linearly with speed."""
    return speed * speed * k.wall_scale * shape_exp(d / (k.wall_length + k.wall_reach * speed))


@inline
def touch_hazard(d0, d1, speed, k):
    """Mean rate of harm by touch on a way on which the clearance changes evenly from d0 to d1, 1/s.

    The band of touch is thinner than the way from one look to the next: seen at its ends alone it would be missed.
    """
    change = d1 - d0
    apart = where_greater(absolute(change), F(1e-4), ONE, ZERO)
    along = (bell_area(d1, k.touch_width) - bell_area(d0, k.touch_width)) / where_greater(apart, HALF, change, ONE)
    here = shape_bell(HALF * (d0 + d1), k.touch_width)
    return (speed + F(0.02)) * k.touch_scale * where_greater(apart, HALF, along, here)


@inline
def entry_rate(d, closing, across, radius, precision, drag, play):
    """Rate at which somebody whose place is not sure comes into touch, 1/s: its integral is the chance of it.

    The rate at which a Gaussian relative position enters a disc (Rice 1945, over its boundary; the closed form is a fit
    to the exact one, DESIGN). For ``d`` below zero it stays as it is in touch.

    Args:
        d: clearance, m.
        closing, across: speed at which the means come nearer, and across the line between them, m/s.
        radius: of the disc: half the sum of both widths, m.
        precision: 1 / variance of the relative place along an axis, 1/m^2.
        drag: covariance of place and velocity / variance of place, 1/s.
        play: variance of velocity that the place does not tell, m^2/s^2.
    """
    gap = maximum(d, ZERO)
    r = gap + radius
    kappa = r * (radius * precision)
    g = inverse_sqrt(kappa * kappa + kappa + ONE + F(6.0) / (kappa + TWO))
    q = ONE + F(2.0 * np.pi) * kappa - F(2.5708) * kappa / (kappa + F(0.6))
    a = closing + drag * r
    square = play + across * across * g + a * a / (TWO + kappa * kappa) + F(1e-6)
    inverse = inverse_sqrt(square)
    z = (kappa * g * a - drag * radius) * inverse
    u = absolute(z)
    mean = maximum(z, ZERO) + F(0.39894) * exp(-u * (F(1.25177) + u * (F(0.29188) + F(0.02251) * u)))
    return exp(-HALF * precision * gap * gap) * inverse_sqrt(q) * (radius * precision) * (square * inverse) * mean


@inline
def discomfort(d, speed, closing, near_gain, sigma, k):
    """How unpleasant it is to be that near to somebody, 1/s, at distance d between outlines."""
    near = (speed * speed + HALF * closing * closing) * (k.person_scale * near_gain)
    return near * shape_exp(d / (sigma + k.person_reach * speed))
