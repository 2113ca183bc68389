"""From a decision to a motion: references through knots, and the tracker that follows them step by step.

A decision is a vector of 8: target v at the knots 0.5, 1.1, 1.9, 3.0 s, then target yaw rate at the same knots. The
functions take Lanes or plain numbers; positions are in the frame of the start.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pavane.motion.model import DT, SEGMENTS, Rates, SpeedRange, Target, speed_range, step_motion
from pavane.numerics.jit import exact_kernel, inline, spliced
from pavane.numerics.lanes import HALF, ONE, TWO, ZERO, F, chain, maximum, primal

H0, H1, H2, H3 = (F(n * DT) for n in SEGMENTS)


class TurnedPose(NamedTuple):
    """A pose with the cosine and sine of its yaw, values alone: their slopes are the yaw's."""

    x: Any
    y: Any
    yaw: Any
    cos: Any
    sin: Any


# -- what is followed ---------------------------------------------------------------------------------------------


@inline
def knot_slope(before, after):
    """Return the slope at a knot between two secants: their harmonic mean where they agree in sign, else 0 (PCHIP)."""
    total = before + after
    return TWO * maximum(before * after, ZERO) * total / (total * total + F(1e-6))


@inline
def hermite(y0, m0, y1, m1, h):
    """Return c1, c2, c3 of y0 + s(c1 + s(c2 + s c3)), s in 0..1: a cubic with these ends and slopes over h seconds."""
    c1, e = m0 * h, m1 * h
    d = y1 - y0
    return c1, F(3.0) * d - TWO * c1 - e, c1 + e - TWO * d


@inline
def reference(start, u0, u1, u2, u3):
    """Return Hermite coefficients of the four segments from a start (value, slope) through four knot targets."""
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


@spliced
def references(start, u):
    """Return both references, of speed and yaw rate, through a decision of 8 variables.

    ``start`` (7,): x, y, yaw, v, omega, a, alpha.
    """
    return reference((start[3], start[5]), u[0], u[1], u[2], u[3]), reference(
        (start[4], start[6]), u[4], u[5], u[6], u[7]
    )


@inline
def knots_at(plan, step, segment, within):
    """Return the target at the end of a step, from the coefficients of :func:`references`.

    Args:
        plan: both references.
        step: number of the step in the motion.
        segment: number of the segment.
        within: number of the step in its segment.
    """
    forward, turning = plan
    vy, v1, v2, v3 = forward[segment]
    wy, w1, w2, w3 = turning[segment]
    part = F(1.0) / F(SEGMENTS[segment])
    q, rate = F(within + 1) * part, F(1.0 / DT) * part
    v_slope = (v1 + q * (F(2.0) * v2 + q * (F(3.0) * v3))) * rate
    w_slope = (w1 + q * (F(2.0) * w2 + q * (F(3.0) * w3))) * rate
    return Target(vy + q * (v1 + q * (v2 + q * v3)), v_slope, wy + q * (w1 + q * (w2 + q * w3)), w_slope)


# -- in lanes -----------------------------------------------------------------------------------------------------


@inline
def half_turn(c, s, angle):
    """Return (cos, sin) turned by a small angle (below 0.4 rad per step) without calling cos or sin."""
    q = angle * angle
    si = angle * (ONE + q * (F(-1.0 / 6.0) + q * F(1.0 / 120.0)))
    co = ONE + q * (F(-0.5) + q * F(1.0 / 24.0))
    return c * co - s * si, s * co + c * si


@inline
def arc(pose, hop, turn):
    """Go ``hop`` metres along the heading in the middle of two turns of ``turn`` rad."""
    c, s = half_turn(pose.cos, pose.sin, primal(turn))
    yaw = pose.yaw + turn
    x, y = pose.x + hop * chain(yaw, c, -s), pose.y + hop * chain(yaw, s, c)
    c, s = half_turn(c, s, primal(turn))
    return TurnedPose(x, y, yaw + turn, c, s)


@spliced
def move(target, pose, rates, bounds, dt):
    """Advance pose and rates by one step towards a target, within the limits of the base."""
    after = step_motion(target, rates, speed_range(bounds), bounds, dt)
    turn = (HALF * HALF * dt) * (rates.w + after.w)
    hop = (HALF * dt) * (rates.v + after.v)
    return arc(pose, hop, turn), after


# -- in float64 ---------------------------------------------------------------------------------------------------


@exact_kernel
def rollout(decision, start, bounds, tail, states):
    """Fill in the motion of one decision in float64: states (61 + tail, 7) of x, y, yaw, v, w, a, alpha, with its stop.

    Args:
        decision: (8,).
        start: (7,) first state.
        bounds: limits of the base.
        tail: steps of the stop after the last knot.
        states: what is filled in.
    """
    references_v, references_w = references(start, decision)
    for i in range(7):
        states[0, i] = start[i]
    row = 0
    for segment in range(4):
        steps = SEGMENTS[segment]
        h = steps * DT
        vy, v1, v2, v3 = references_v[segment]
        wy, w1, w2, w3 = references_w[segment]
        for j in range(1, steps + 1):
            q = j / steps
            v_slope = (v1 + q * (2.0 * v2 + q * (3.0 * v3))) / h
            w_slope = (w1 + q * (2.0 * w2 + q * (3.0 * w3))) / h
            target = Target(vy + q * (v1 + q * (v2 + q * v3)), v_slope, wy + q * (w1 + q * (w2 + q * w3)), w_slope)
            advance(states, row, target, speed_range(bounds), bounds)
            row += 1
    come_to_rest(states, row, tail, bounds)


@inline
def come_to_rest(states, row, tail, bounds):
    """Fill ``tail`` rows of states after ``row`` with a stop."""
    # the stop comes from one side: zero is a bound that is reached exactly, not a target to swing about
    v, w, a, al = states[row, 3], states[row, 4], states[row, 5], states[row, 6]
    v_low, v_high = (
        (0.0, float(bounds.v_high)) if v + a * abs(a) / (2.0 * bounds.jerk) >= 0.0 else (float(bounds.v_low), 0.0)
    )
    w_low, w_high = (
        (0.0, float(bounds.w_high)) if w + al * abs(al) / (2.0 * bounds.jerk_w) >= 0.0 else (-float(bounds.w_high), 0.0)
    )
    speeds = SpeedRange(v_low, v_high, w_low, w_high)
    for _ in range(tail):
        advance(states, row, Target(0.0, 0.0, 0.0, 0.0), speeds, bounds)
        row += 1


@inline
def advance(states, row, target, speeds, bounds):
    """Fill states[row + 1] from states[row] by one step of the tracker.

    Args:
        states: (K, 7) of x, y, yaw, v, w, a, alpha.
        row: the last one known.
        target: at the end of the step.
        speeds: between which it stays.
        bounds: limits of the base.
    """
    v0, w0 = states[row, 3], states[row, 4]
    v, w, a, al = step_motion(target, Rates(v0, w0, states[row, 5], states[row, 6]), speeds, bounds, DT)
    heading = states[row, 2] + 0.25 * DT * (w0 + w)
    hop = 0.5 * DT * (v0 + v)
    states[row + 1, 0] = states[row, 0] + hop * np.cos(heading)
    states[row + 1, 1] = states[row, 1] + hop * np.sin(heading)
    states[row + 1, 2] = states[row, 2] + 0.5 * DT * (w0 + w)
    states[row + 1, 3], states[row + 1, 4] = v, w
    states[row + 1, 5], states[row + 1, 6] = a, al
