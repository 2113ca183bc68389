"""The quickest stop and turns that can be driven in a space of trajectories, and the least that the limits allow."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import Bounds as Box
from scipy.optimize import differential_evolution

from pavane.baselines.trajectory_spaces import Space
from pavane.core.arrays import Bools, Floats
from pavane.motion.model import DT, STEPS, Bounds

TAIL = 80  # steps in which every stop ends
ABOUT = math.radians(1.0)  # within which a turn has arrived
SLOW, SLOWLY = 0.02, 0.05  # m/s and rad/s at which they are at rest
ROUNDS = 400  # of the search for what is quickest: fewer find less, and the figure would be the search's


def _arrival(there: Bools) -> float:
    """Time, s, from which on it stays there; later than all times where it does not."""
    away = np.flatnonzero(~there)
    return 0.0 if len(away) == 0 else float((away[-1] + 1) * DT)


def quickest_stop(space: Space, b: Bounds) -> float:
    """Return the shortest way, m, from full speed to a stand, over all decisions."""
    start = np.array([0.0, 0.0, 0.0, float(b.v_high), 0.0, 0.0, 0.0])

    def way(decision: Floats) -> float:
        states = space.states(decision, start, b, TAIL)
        slow = _arrival(np.abs(states[:, 3]) < SLOW)
        if slow > STEPS * DT:
            return 10.0 + slow
        hops = np.abs(0.5 * DT * (states[1:, 3] + states[:-1, 3]))
        return float(hops.sum()) + float(np.abs(states[:, 2]).max())  # straight on

    return _least(way, space, b)


def quickest_turn(space: Space, b: Bounds, *, to_rest: bool) -> float:
    """Least time, s, of a quarter turn from a stand on the spot, over all decisions: to pass it, or to rest there."""

    def seconds(decision: Floats) -> float:
        states = space.states(decision, np.zeros(7), b, TAIL)
        away = float(np.hypot(states[:, 0], states[:, 1]).max())
        left = 0.5 * math.pi - states[:, 2]
        at = _first_rest(np.abs(left), np.abs(states[:, 4])) if to_rest else _first_pass(left)
        return at + max(away - 0.1, 0.0) * 10.0

    return _least(seconds, space, b)


def _first_pass(left: Floats) -> float:
    """Return the time at which nothing is left to turn; more where it never is."""
    passed = np.flatnonzero(left <= ABOUT)
    if len(passed) == 0:
        return len(left) * DT + float(left.min())
    k = int(passed[0])
    return DT * (k - float((ABOUT - left[k]) / (left[k - 1] - left[k])))


def _first_rest(off: Floats, turning: Floats) -> float:
    """Time from which on the turn has arrived, between samples by how far it was off; more where it never does."""
    size = np.maximum(off / ABOUT, turning / SLOWLY)
    beyond = np.flatnonzero(size > 1.0)
    if len(beyond) == 0:
        return 0.0
    k = int(beyond[-1])
    if k + 1 == len(size):
        return len(size) * DT + float(size[-1])
    return DT * (k + float((size[k] - 1.0) / (size[k] - size[k + 1] + 1e-12)))


def _least(cost: Callable[[Floats], float], space: Space, b: Bounds) -> float:
    low, high = space.box(b)
    box = Box(low.astype(np.float64), high.astype(np.float64))
    found = differential_evolution(cost, box, maxiter=ROUNDS, popsize=15, rng=1, polish=False, tol=1e-6)
    return float(found.fun)


def least_stop(b: Bounds) -> float:
    """Return the shortest way, m, from full speed to a stand with limited deceleration and jerk."""
    times, speeds = ramp(float(b.v_high), -float(b.a_low), float(b.jerk))
    return float(np.trapezoid(speeds, times))


def least_turn(b: Bounds, *, to_rest: bool) -> float:
    """Return the least time, s, of a quarter turn from a stand, to where :func:`quickest_turn` counts it as arrived."""
    top = float(b.w_high)
    if b.half_track > 0.0:
        top = min(top, float(b.wheel / b.half_track))
    target = 0.5 * math.pi - (0.0 if to_rest else ABOUT)

    def turned(top: float) -> tuple[Floats, Floats, Floats]:
        times, left = ramp(top, float(b.al_high), float(b.jerk_w))
        speeds = top - left
        angles = np.concatenate([[0.0], np.cumsum(0.5 * np.diff(times) * (speeds[1:] + speeds[:-1]))])
        return times, speeds, angles

    if not to_rest:
        times, _, angles = turned(top)
        if angles[-1] < target:
            return float(times[-1] + (target - angles[-1]) / top)
        return float(np.interp(target, angles, times))
    low, high = 0.0, top
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if 2.0 * turned(middle)[2][-1] < target else (low, middle)
    times, speeds, angles = turned(low)
    hold = max(target - 2.0 * float(angles[-1]), 0.0) / low
    # seen backwards from the end, angles and speeds are what is left
    arrived = float(times[np.flatnonzero((angles < ABOUT) & (speeds < SLOWLY))[-1]])
    return 2.0 * float(times[-1]) + hold - arrived


def ramp(change: float, rate: float, jerk: float) -> tuple[Floats, Floats]:
    """Return the times and speeds while a speed falls from ``change`` to 0 as fast as ``rate`` and ``jerk`` allow."""
    high = math.sqrt(change * jerk) if change * jerk < rate * rate else rate
    bend, total = high / jerk, change / high + high / jerk
    times = np.linspace(0.0, total, 4001)
    speeds = np.where(
        times < bend,
        change - 0.5 * jerk * times**2,
        np.where(times > total - bend, 0.5 * jerk * (total - times) ** 2, change - high * (times - 0.5 * bend)),
    )
    return times, speeds
