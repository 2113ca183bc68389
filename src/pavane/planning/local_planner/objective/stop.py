"""The final stop: each motion ends in one along its present arc, and what that meets counts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pavane.motion.rollout import TurnedPose, arc
from pavane.numerics.jit import inline, spliced
from pavane.numerics.lanes import HALF, ONE, TWO, ZERO, F, absolute, exp, where_greater
from pavane.planning.local_planner.objective.hazards import FAINT, survivor_factor
from pavane.planning.local_planner.objective.walls import touching

STOP_POINTS = 6  # places along the final stop at which hazards are weighed


@spliced
def stop_arc(v, w, a_low):
    """Return how a stop from speeds v and w goes on: curvature, hop and half turn to the next place, seconds for it.

    It is v^2 / (2 |a_low|) + 0.1 |v| long, with the curvature w / v.
    """
    square = v * v
    length = HALF * square / (-a_low) + F(0.1) * absolute(v)
    part = F(1.0 / STOP_POINTS)
    kappa = w * v / (square + F(0.0025))
    hop = where_greater(v, ZERO, ONE, F(-1.0)) * length * part
    return kappa, hop, HALF * kappa * hop, TWO * length / (absolute(v) + F(0.1)) * part


@spliced
def stop_speed(v, i):
    """Return the speed at place ``i`` of a stop from v: v sqrt(1 - (i + 1/2) / STOP_POINTS)."""
    return v * F(np.sqrt(1.0 - (i + 0.5) / STOP_POINTS))


class StopStart(NamedTuple):
    """How a motion comes to the place where its final stop begins."""

    v: Any  # speed, m/s
    w: Any  # yaw rate, rad/s
    clearance: Any  # m
    speed: Any  # of the nearest disc, m/s
    survival: Any  # chance to be unharmed until there
    person_hazard: Any  # integral of the rate of touching people until there
    discount: Any  # of what comes then


@inline
def final_stop(hazards_of, pose, start, situation, look):
    """Return survival at the end of the stop, and the discounted harm expected on the way.

    That is discount * sum_i S_i (1 - e^(-rate_i dt)) harm_i / rate_i over its places, S_i+1 = S_i e^(-rate_i dt).

    Args:
        hazards_of: what it is exposed to, as ``hazards``.
        pose: where it begins.
        start: how.
        situation: all that is met.
        look: number of the first look on the way.
    """
    v, w, clearance, speed, survival, person_hazard, discount = start
    kappa, hop, turn, seconds = stop_arc(v, w, situation.bounds.a_low)
    expected_harm = ZERO * v
    x, y, yaw, c, s = pose  # one by one, as everything that changes: their order decides that of sums, to the last bit
    slow = v
    for i in range(STOP_POINTS):
        pose = arc(TurnedPose(x, y, yaw, c, s), hop, turn)
        x, y, yaw, c, s = pose
        slow = stop_speed(v, i)
        after = hazards_of(pose, slow, kappa * slow, look + i, situation)
        touch, touch_harm = touching(clearance, after.clearance, speed, after.speed, situation.weights)
        person_hazard = person_hazard + seconds * after.moving
        factor = survivor_factor(person_hazard)
        rate = after.rate + touch + factor * after.moving
        harm = after.harm + touch_harm + factor * after.harm_moving
        clearance, speed = after.clearance, after.speed
        e = exp(-rate * seconds)
        expected_harm = expected_harm + survival * (ONE - e + FAINT * seconds) * harm / (rate + FAINT)
        survival = survival * e
    return survival, expected_harm * discount
