"""Motion within limits, one step of it: what every wish becomes so that the base can do it, now and for ever after.

Every function takes Lanes (many candidates, with or without derivatives) or plain numbers (the scalar twin). Lengths
are metres, times seconds, angles radians.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pavane.numerics.jit import inline, spliced
from pavane.numerics.lanes import (
    HALF,
    ONE,
    TWO,
    ZERO,
    F,
    absolute,
    any_greater,
    clamp,
    floor,
    maximum,
    minimum,
    sqrt,
    where_greater,
)

STEPS = 60
SEGMENTS = (10, 12, 16, 22)  # steps between the knots at 0, 0.5, 1.1, 1.9 and 3.0 s
DT = 0.05


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


class Axis(NamedTuple):
    """Limits along one axis, forward or turning: of the acceleration, of its change in a second and of the speed."""

    a_low: Any
    a_high: Any
    jerk: Any
    low: Any
    high: Any


class SpeedRange(NamedTuple):
    """Speeds and yaw rates between which a motion stays, m/s and rad/s."""

    v_low: Any
    v_high: Any
    w_low: Any
    w_high: Any


class Rates(NamedTuple):
    """Speed and yaw rate, and their accelerations."""

    v: Any
    w: Any
    a: Any
    al: Any


class Target(NamedTuple):
    """What the tracker follows at the end of a step: speed and yaw rate, each with its slope."""

    v: Any
    v_slope: Any
    w: Any
    w_slope: Any


@spliced
def speed_range(bounds):
    """Return the speeds and yaw rates between which a base always stays."""
    return SpeedRange(bounds.v_low, bounds.v_high, -bounds.w_high, bounds.w_high)


@inline
def bounded_acceleration(wanted, speed, a, axis, dt):
    """Return the acceleration at the end of a step, nearest to the wanted one, that keeps every limit for ever after.

    Acceleration is linear over the step. A speed bound is kept by leaving it enough room to take the acceleration back
    to zero by ``step`` = jerk dt every dt: with n = floor(a' / step) whole steps on the way, that and this step gain
    dt((n + 1)a' - step n(n + 1)/2) <= high - v - a dt/2, solved for a'. By induction the bound holds at all later
    steps, whatever is wanted then, and is reached exactly.

    Args:
        wanted: the acceleration.
        speed, a: at the beginning of the step.
        axis: the limits.
        dt: length of the step, s.
    """
    step = axis.jerk * dt
    least = minimum(maximum(axis.a_low, a - step), a + step)
    most = maximum(minimum(axis.a_high, a + step), a - step)
    wanted = clamp(wanted, least, most)
    rising = where_greater(wanted, ZERO, ONE, F(-1.0))
    room = where_greater(wanted, ZERO, axis.high - speed, speed - axis.low) / dt - rising * HALF * a
    room = maximum(room, ZERO)
    n = floor(sqrt(F(0.25) + TWO * room / step) - HALF)
    brake = room / (n + ONE) + HALF * step * n
    return clamp(rising * minimum(rising * wanted, brake), least, most)


@inline
def peak(speed, a, step, dt):
    """Return the largest |speed| while an acceleration a is taken back to zero by ``step`` every dt."""
    size = absolute(a)
    n = floor(size / step)
    rest = HALF * dt * ((n + HALF) * size - HALF * step * n * (n + ONE))  # half of what is still gained on a's side
    return absolute(speed + where_greater(a, ZERO, rest, -rest)) + rest


@inline
def keep_wheels(a_next, al_next, rates, bounds, dt):
    """Move (a', alpha') towards taking both accelerations back to zero, as far as the rim speeds |v| + c |w| ask for.

    Half the track is c. Taking back is always possible within the limits and the rim speed that it leads to is convex
    in (a', alpha'), so a share of the way found on the chord is safe: by induction the wheels keep their limit. Where
    they are beyond it already, neither speed may grow.

    Args:
        a_next, al_next: accelerations wanted at the end of the step.
        rates: at its beginning.
        bounds: limits of the base.
        dt: length of the step, s.
    """
    v, w, a, al = rates
    c, step, step_w = bounds.half_track, bounds.jerk * dt, bounds.jerk_w * dt
    moved, moved_w = v + HALF * dt * (a + a_next), w + HALF * dt * (al + al_next)
    most = peak(moved, a_next, step, dt) + c * peak(moved_w, al_next, step_w, dt)
    if not any_greater(most, bounds.wheel):
        return a_next, al_next
    back, back_w = a - clamp(a, -step, step), al - clamp(al, -step_w, step_w)
    still, still_w = v + HALF * dt * (a + back), w + HALF * dt * (al + back_w)
    least = peak(still, back, step, dt) + c * peak(still_w, back_w, step_w, dt)
    share = maximum(bounds.wheel - least, ZERO) / maximum(most - least, F(1e-6))
    slower = where_greater(v, ZERO, minimum(back, a_next), maximum(back, a_next))
    slower_w = where_greater(w, ZERO, minimum(back_w, al_next), maximum(back_w, al_next))
    beyond = bounds.wheel * F(1.0001)
    kept = where_greater(least, beyond, slower, back + share * (a_next - back))
    kept_w = where_greater(least, beyond, slower_w, back_w + share * (al_next - back_w))
    return where_greater(most, bounds.wheel, kept, a_next), where_greater(most, bounds.wheel, kept_w, al_next)


@inline
def step_motion(target, rates, speeds, bounds, dt):
    """Advance the tracker by one step: a = slope + gain (target - speed), within every limit of the base.

    Args:
        target: what is followed at the end of the step.
        rates: at its beginning.
        speeds: between which it stays, see :func:`speed_range`.
        bounds: limits of the base, and the gain.
        dt: length of the step, s.

    Returns:
        The rates at its end.
    """
    v, w, a, al = rates
    a_want = target.v_slope + bounds.gain * (target.v - v - HALF * dt * (a + target.v_slope))
    al_want = target.w_slope + bounds.gain * (target.w - w - HALF * dt * (al + target.w_slope))
    forward = Axis(bounds.a_low, bounds.a_high, bounds.jerk, speeds.v_low, speeds.v_high)
    turning = Axis(-bounds.al_high, bounds.al_high, bounds.jerk_w, speeds.w_low, speeds.w_high)
    a_next = bounded_acceleration(a_want, v, a, forward, dt)
    al_next = bounded_acceleration(al_want, w, al, turning, dt)
    if bounds.half_track > ZERO:
        a_next, al_next = keep_wheels(a_next, al_next, rates, bounds, dt)
    return Rates(v + HALF * dt * (a + a_next), w + HALF * dt * (al + al_next), a_next, al_next)
