"""Plain NumPy twins of the model's motion, and limits measured at 1 ms from piecewise-linear accelerations."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from pavane.core.robot import RobotProfile
from pavane.motion.limits import bounds
from pavane.motion.model import DT, SEGMENTS, Bounds

STOCK = {name: bounds(RobotProfile.load(name)) for name in ("astro_like", "jackal", "round", "turtlebot3_burger")}
STOCK["turtlebot4"] = bounds(RobotProfile.load("turtlebot4"))
# wheels that bind long before either speed limit, and brakes that differ from the motor
TIGHT = Bounds(*np.float32([-0.3, 0.5, 2.0, -1.2, 0.6, 5.0, 4.0, 25.0, 0.2, 0.52, 8.0]))
PROFILES = STOCK | {"tight": TIGHT}


class Fine(NamedTuple):
    """A motion resampled every millisecond."""

    v: np.ndarray
    w: np.ndarray
    a: np.ndarray
    al: np.ndarray


def resample(v, w, a, al, dt):
    """From samples (K,) every ``dt`` seconds, accelerations linear in between."""
    tau = np.arange(round(dt / 1e-3)) * 1e-3

    def fine(speed, rate):
        slope = np.diff(rate)[:, None] / dt
        rates = rate[:-1, None] + slope * tau
        speeds = speed[:-1, None] + (rate[:-1, None] + 0.5 * slope * tau) * tau
        return np.append(speeds.ravel(), speed[-1]), np.append(rates.ravel(), rate[-1])

    (v, a), (w, al) = fine(v, a), fine(w, al)
    return Fine(v, w, a, al)


def excess(states, b, dt):
    """By how much a motion (K, 4) of v, w, a, alpha passes each limit, as a share of it; <= 0 where it is kept."""
    v, w, a, al = states.T
    f = resample(v, w, a, al, dt)
    over = {
        "v high": (f.v.max() - b.v_high) / b.v_high,
        "v low": (b.v_low - f.v.min()) / b.v_high,
        "w": np.abs(f.w).max() / b.w_high - 1.0,
        "a high": (f.a.max() - b.a_high) / b.a_high,
        "a low": (b.a_low - f.a.min()) / -b.a_low,
        "alpha": np.abs(f.al).max() / b.al_high - 1.0,
        "jerk": np.abs(np.diff(a)).max() / dt / b.jerk - 1.0,
        "jerk of yaw": np.abs(np.diff(al)).max() / dt / b.jerk_w - 1.0,
    }
    if b.half_track > 0.0:
        over["wheels"] = (np.abs(f.v) + b.half_track * np.abs(f.w)).max() / b.wheel - 1.0
    return {name: float(share) for name, share in over.items()}


def gain(a, jerk, dt):
    """Speed still gained while an acceleration a > 0 is taken back to zero, step by step."""
    total = 0.0
    while a > 0.0:
        after = max(a - jerk * dt, 0.0)
        total += dt * (a + after) / 2
        a = after
    return total


def bounded(wanted, speed, a, a_low, a_high, jerk, low, high, dt):
    """bounded_acceleration, by bisection: the a' furthest out from which the bound can still be kept."""
    least, most = min(max(a_low, a - jerk * dt), a + jerk * dt), max(min(a_high, a + jerk * dt), a - jerk * dt)
    wanted = min(max(wanted, least), most)
    sign = 1.0 if wanted > 0.0 else -1.0
    room = (high - speed if wanted > 0.0 else speed - low) - sign * a * dt / 2
    inner, outer = 0.0, sign * wanted
    if outer * dt / 2 + gain(outer, jerk, dt) > room:
        for _ in range(50):
            middle = (inner + outer) / 2
            inner, outer = (middle, outer) if middle * dt / 2 + gain(middle, jerk, dt) <= room else (inner, middle)
        wanted = sign * inner
    return min(max(wanted, least), most)


def keep_wheels(a1, al1, v, w, a, al, b, dt):
    """keep_wheels in float64: the rim speeds that follow from the wish and from taking back, and the chord between."""
    ramp = a - np.clip(a, -b.jerk * dt, b.jerk * dt)
    ramp_w = al - np.clip(al, -b.jerk_w * dt, b.jerk_w * dt)

    def peak(a1, al1, sign, turn):
        forward = sign * (v + dt / 2 * (a + a1)) + gain(sign * a1, b.jerk, dt)
        return forward + b.half_track * (turn * (w + dt / 2 * (al + al1)) + gain(turn * al1, b.jerk_w, dt))

    share, rim = 1.0, 0.0
    for sign in (1, -1):
        for turn in (1, -1):
            least, most = peak(ramp, ramp_w, sign, turn), peak(a1, al1, sign, turn)
            rim = max(rim, least)
            if most > max(b.wheel, least):
                share = min(share, max(b.wheel - least, 0.0) / max(most - least, 1e-6))
    if rim > 1.0001 * b.wheel:
        return (min if v > 0.0 else max)(ramp, a1), (min if w > 0.0 else max)(ramp_w, al1)
    return ramp + share * (a1 - ramp), ramp_w + share * (al1 - ramp_w)


def step(v_ref, v_slope, w_ref, w_slope, state, low, high, b, dt):
    """step_motion on one state (v, w, a, alpha)."""
    v, w, a, al = state
    wish = v_slope + b.gain * (v_ref - v - dt / 2 * (a + v_slope))
    wish_w = w_slope + b.gain * (w_ref - w - dt / 2 * (al + w_slope))
    a1 = bounded(wish, v, a, b.a_low, b.a_high, b.jerk, low, high, dt)
    al1 = bounded(wish_w, w, al, -b.al_high, b.al_high, b.jerk_w, -b.w_high, b.w_high, dt)
    if b.half_track > 0.0:
        a1, al1 = keep_wheels(a1, al1, v, w, a, al, b, dt)
    return v + dt / 2 * (a + a1), w + dt / 2 * (al + al1), a1, al1


def knots(value, slope, targets):
    """The reference: functions s -> (value, slope) of the four segments, by cubic Hermite polynomials."""
    h = np.array(SEGMENTS) * DT
    y = np.array([value, *targets], float)
    secants = np.diff(y) / h
    m = [slope]
    for before, after in pairwise(secants):
        total = before + after
        m.append(2 * max(before * after, 0.0) * total / (total**2 + 1e-6))
    m.append(0.0)

    def segment(i):
        def at(s):
            basis = (2 * s**3 - 3 * s**2 + 1, s**3 - 2 * s**2 + s, -2 * s**3 + 3 * s**2, s**3 - s**2)
            slopes = (6 * s**2 - 6 * s, 3 * s**2 - 4 * s + 1, -6 * s**2 + 6 * s, 3 * s**2 - 2 * s)
            ends = (y[i], h[i] * m[i], y[i + 1], h[i] * m[i + 1])
            return sum(p * e for p, e in zip(basis, ends, strict=True)), sum(
                p * e for p, e in zip(slopes, ends, strict=True)
            ) / h[i]

        return at

    return [segment(i) for i in range(4)]


def roll(decision, start, b):
    """The motion of one decision without its stop: states (61, 7) of x, y, yaw, v, w, a, alpha."""
    b = Bounds(*(float(f) for f in b))
    forward, turning = knots(start[3], start[5], decision[:4]), knots(start[4], start[6], decision[4:])
    states = [np.array(start, float)]
    for segment, steps in enumerate(SEGMENTS):
        for j in range(1, steps + 1):
            x, y, yaw, v0, w0, _, _ = states[-1]
            moved = step(
                *forward[segment](j / steps), *turning[segment](j / steps), states[-1][3:], b.v_low, b.v_high, b, DT
            )
            heading, hop = yaw + DT * (w0 + moved[1]) / 4, DT * (v0 + moved[0]) / 2
            place = (x + hop * np.cos(heading), y + hop * np.sin(heading), yaw + DT * (w0 + moved[1]) / 2)
            states.append(np.array([*place, *moved]))
    return np.array(states)
