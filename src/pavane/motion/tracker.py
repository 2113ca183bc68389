"""One step of the tracker for commands, and the screen's intent and motion."""

from __future__ import annotations

import math

import numpy as np

from pavane.motion.model import Axis, Rates, Target, bounded_acceleration, speed_range, step_motion
from pavane.numerics.jit import exact_kernel


@exact_kernel
def track_step(v_ref, v_slope, w_ref, w_slope, v, w, a, al, bounds, dt):
    """Return (v, w, a, alpha) after ``dt`` seconds towards a target at that time, within every limit.

    Plain numbers, as numba takes them from Python; see ``model.step_motion``.
    """
    target, rates = Target(v_ref, v_slope, w_ref, w_slope), Rates(v, w, a, al)
    return step_motion(target, rates, speed_range(bounds), bounds, dt)


@exact_kernel
def intended(poses, steps, ahead, close, widest):
    """Bearings (steps,) in base from each pose after the first to the one ``ahead`` further on, or to the last.

    Args:
        poses: (K, 3) x, y, yaw.
        steps, ahead: numbers of poses.
        close: ways shorter than this count less than the turn, m.
        widest: bearings beyond it, rad, are ways backwards, of which only the turn counts.
    """
    out, last = np.empty(steps), len(poses) - 1
    for k in range(1, steps + 1):
        now, then = poses[min(k, last)], poses[min(k + ahead, last)]
        x, y, turn = then[0] - now[0], then[1] - now[1], then[2] - now[2]
        square = x * x + y * y
        bearing = math.atan2(y, x) - now[2]
        bearing -= 2.0 * math.pi * np.rint(bearing / (2.0 * math.pi))
        share = square / (square + close * close) if abs(bearing) < widest else 0.0
        out[k - 1] = math.atan2(
            share * math.sin(bearing) + (1.0 - share) * math.sin(turn),
            share * math.cos(bearing) + (1.0 - share) * math.cos(turn),
        )
    return out


@exact_kernel
def track_pan(wanted, pan, rate, acceleration, limit, rate_max, acceleration_max, jerk_max, gain, dt, out):
    """Follow angles ``wanted`` (K,) within every limit; ``out`` (K + 1, 3): angle, rate, acceleration from now on."""
    out[0, 0], out[0, 1], out[0, 2] = pan, rate, acceleration
    axis = Axis(-acceleration_max, acceleration_max, jerk_max, -rate_max, rate_max)
    brake = 0.4 * acceleration_max
    ramp = brake / jerk_max + 3.0 * dt
    for k in range(wanted.shape[0]):
        goal = min(max(wanted[k], -limit), limit)
        error = goal - pan
        # a rate from which it can still stop at the goal: at 40 %, after a jerk-limited ramp and three steps' delay
        reach = brake * (np.sqrt(0.25 * ramp * ramp + 2.0 * abs(error) / brake) - 0.5 * ramp)
        rate_goal = np.sign(error) * min(gain * abs(error), min(reach, rate_max))
        wish = 2.0 * gain * (rate_goal - rate - 0.5 * dt * acceleration)
        after = bounded_acceleration(wish, rate, acceleration, axis, dt)
        pan += rate * dt + (acceleration / 3.0 + after / 6.0) * dt * dt
        rate += 0.5 * (acceleration + after) * dt
        acceleration = after
        out[k + 1, 0], out[k + 1, 1], out[k + 1, 2] = pan, rate, acceleration
